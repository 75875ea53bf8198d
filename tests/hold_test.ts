/** Critical sections. The deadline of shutdown() while every signal is held is in shutdown_test.ts. */
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { outcome } from "./support/cases.ts";
import { send } from "./support/compile.ts";
import { start, taken } from "./support/process.ts";

const PROGRAM = "daemon_listeners";
const FILE = `tests/programs/${PROGRAM}.ts`;

describe("hold()", () => {
  it("delays signals to the section's end, then delivers them by number, the queued ones all [api: hold]", async () => {
    assertEquals(await outcome(PROGRAM, ["holding"]), {
      result: "its result",
      got: ["end of the section", "USR1", "RT 1", "RT 2"],
    });
  });

  it("nests: the last section to end lets go [api: hold]", async () => {
    assertEquals(await outcome(PROGRAM, ["nesting"]), { got: ["outer over", "USR1", "inner over"], left: [] });
  });

  it("lets go when `fn` throws, when its promise rejects, and when it resolves [api: hold]", async () => {
    assertEquals(await outcome(PROGRAM, ["leavingSections"]), {
      got: ["throws", "USR1", "meanwhile", "rejects", "USR1", "resolves", "USR1"],
      throwing: "on purpose",
      rejected: "rejected on purpose",
      resolved: "its result",
    });
  });

  it("lets out, where it ends, what the handlers of its signals throw [api: what handlers throw]", async () => {
    const error = "of the handler";
    assertEquals(await outcome(PROGRAM, ["throwingAtTheEnd"]), [error, error, error, []]);
  });

  it("holds a default action back for the whole process, and no longer than the section [api: hold]", async () => {
    const program = start(FILE, ["defaultAction"]);
    const { signal, stdout } = await program.ended;
    assertEquals([signal, stdout], ["SIGUSR2", "begun\nend of the section\n"]);
  });

  it("delays the second signal of shutdown() to the section's end, and not beyond [api: hold]", async () => {
    const program = start(FILE, ["secondInSection"]);
    await program.until("ready\n");
    process.kill(program.pid, "SIGINT");
    await taken(program.pid, 2);
    await new Promise((resolve) => setTimeout(resolve, 1100)); // an earlier signal would count as a copy
    await send(program.pid, [15]); // from another process: a second request, which a section defers
    await taken(program.pid, 15);
    assertEquals(program.stdout, "ready\n");
    const begun = performance.now();
    process.kill(program.pid, "SIGWINCH");
    const { signal, stdout } = await program.ended;
    assertEquals([signal, stdout], ["SIGTERM", "ready\nend of the section\n"]);
    assertLess(performance.now() - begun, 5000);
  });
});
