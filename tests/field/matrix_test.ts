/** The graceful end below the runners of real deployments. Whatever requests the end, and however many copies of the
 * request arrive, a deferred function of half a second is completed once, and the program terminates as its control
 * does: the same program with ten plain lines, which runs beside it. rounds.ts repeats this, and prints a table. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { diedOf, endOnce, type Way, type Who } from "./support/matrix.ts";
import { several } from "./support/session.ts";
import { OTHER_STACKS, RUNNER_STACKS } from "./support/stacks.ts";

/** "layers: way" where the runner forwards no signal, so the program receives none. */
const UNHEARD = new Set(["npm run: SIGTERM to the pid"]);
const AT_ONCE = 6;

describe("a deferred function of 500 ms completes, once, and the program dies as its control does, under", () => {
  for (const { layers, ways } of RUNNER_STACKS) {
    const stack = layers.join(" > ") || "nothing";
    it(`${stack}`, async () => {
      const cells = ways.flatMap((way) => (["graceful", "plain"] as Who[]).map((who) => [who, way] as [Who, Way]));
      const outcomes = await several(AT_ONCE, cells.map(([who, way]) => () => endOnce(who, layers, way)));
      const failures = ways.flatMap((way, index) => {
        const [ours, control] = outcomes.slice(2 * index);
        if (UNHEARD.has(`${stack}: ${way}`)) assertEquals(control.begins, 0, `${way} is heard now: out of the list`);
        else if (!ours.completed) return [`Not completed: ${ours.text}`];
        // concurrently has exit statuses of its own: Node 20 may crash in it when the terminal is closed.
        const outerAsControl = layers[0] === "concurrently" || ours.outer === control.outer || diedOf(ours.outer, way);
        // The order of several copies is not defined; the death by a signal is.
        const died = outerAsControl && (ours.program === undefined || /^SIG(TERM|INT|HUP)$/.test(ours.program));
        return died ? [] : [`Not as the control (${control.outer}, ${control.program}): ${ours.text}`];
      });
      assert(failures.length === 0, failures.join("\n\n"));
    });
  }
});

describe("a deferred function of 500 ms completes, once, under", () => {
  for (const { layers, ways } of OTHER_STACKS) {
    it(`${layers.join(" > ")}`, async () => {
      const outcomes = await several(AT_ONCE, ways.map((way) => () => endOnce("graceful", layers, way)));
      const failures = outcomes.filter(({ completed }) => !completed).map(({ text }) => `Not completed: ${text}`);
      assert(failures.length === 0, failures.join("\n\n"));
    });
  }
});
