/** Requests that cut a graceful end short: the second keypress, a later request by an unrelated process, the deadline;
 * and requests that do not. */
import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CTRL_C, taken } from "../support/process.ts";
import type { Layer } from "./support/layers.ts";
import { endOnce, type Started, type Way, type Who, withProgram } from "./support/matrix.ts";
import { lives, pause, sendTo, type Session, type SessionOptions, several } from "./support/session.ts";

const TERMINAL: SessionOptions = { terminal: true, job: true };
const SECOND_KEYPRESS_MS = 300;
/** Longer than the second in which a request by a process counts as a copy of the first. */
const LATE_MS = 1500;
/** "At once", on a busy machine: the deadline is 10 s away. */
const AT_ONCE_MS = 5000;
const SIGINT = 2;
const SIGTERM = 15;

/** Waits for the program's end. @returns the milliseconds that it took */
async function endOf({ session, program }: Started): Promise<number> {
  const begun = performance.now();
  await session.wait(() => !lives(program), 20_000);
  assertEquals(lives(program), false, "it lives");
  return performance.now() - begun;
}

interface Press {
  args: string[];
  /** How often the deferred work begins. */
  begins: number;
  /** Waits until the program has caught the first keypress. */
  caught(started: Started): Promise<unknown>;
}

/** Types two keypresses, and expects the end at the second. concurrently looks for its descendants with ps(1), then sends
 * its copy of the first: on a busy machine 0.3 s later. A second keypress that finds that copy pending coalesces with it
 * in the kernel. So behind concurrently one second keypress in two must end the program. */
async function pressTwice(layers: readonly Layer[], job: boolean, { args, begins, caught }: Press): Promise<void> {
  const attempt = async (mayCoalesce: boolean): Promise<number> => {
    let ms = 0;
    await withProgram(layers, args, { terminal: true, job }, async (started) => {
      const { session, program } = started;
      session.type(CTRL_C);
      await caught(started);
      await pause(SECOND_KEYPRESS_MS);
      assert(lives(program), "killed by copies of the first");
      session.type(CTRL_C);
      ms = await endOf(started);
      if (!mayCoalesce) assertLess(ms, AT_ONCE_MS);
      assertEquals(session.count("begin"), begins);
    });
    return ms;
  };
  if (await attempt(layers.includes("concurrently")) >= AT_ONCE_MS) await attempt(false);
}

describe("a second keypress 0.3 s after the first kills at once", () => {
  const stacks: { layers: Layer[]; leads?: boolean }[] = [
    ...([[], ["deno task"], ["bun run"], ["npm run"], ["concurrently"], ["supervisor"]] as Layer[][]),
    ...([["concurrently", "npm run"], ["dumb-init"]] as Layer[][]),
  ].map((layers) => ({ layers }));
  // A session leader, as under `docker run -it`, makes its child the foreground job.
  for (const { layers, leads } of [...stacks, { layers: ["dumb-init", "deno task"] as Layer[], leads: true }]) {
    const stack = (layers.join(" > ") || "nothing") + (leads ? ", which leads its session" : "");
    it(`under ${stack}, in a deferred function`, () =>
      pressTwice(layers, !leads, {
        args: ["ms=forever"],
        begins: 1,
        caught: ({ session }) => session.until(/^begin$/),
      }));

    it(`under ${stack}, with the event loop dead`, () =>
      pressTwice(layers, !leads, {
        args: ["stuck=busy loop"],
        begins: 0,
        async caught({ session, program }) {
          await session.wait(() => session.output.includes("^C"));
          await taken(program, SIGINT);
        },
      }));
  }
});

describe("another request of a process", () => {
  for (const [first, second] of [["SIGTERM", "SIGTERM"], ["SIGTERM", "SIGINT"], ["SIGINT", "SIGTERM"]]) {
    it(`kills at once if it is later than a second: ${second} after ${first}`, async () => {
      await withProgram([], ["ms=forever"], {}, async (started) => {
        sendTo(started.pid, first);
        await started.session.until(/^begin$/);
        await pause(LATE_MS);
        assert(lives(started.pid), "killed by one request");
        sendTo(started.pid, second);
        assertLess(await endOf(started), AT_ONCE_MS);
        await started.session.empty();
        assertEquals(started.session.status(started.pid), second);
      });
    });

    it(`is a copy within a second: ${second} 0.3 s after ${first} [api: shutdown]`, async () => {
      await withProgram([], ["ms=1500"], {}, async (started) => {
        sendTo(started.pid, first);
        await started.session.until(/^begin$/);
        await pause(300);
        sendTo(started.pid, second);
        await endOf(started);
        await started.session.empty();
        assertEquals([started.session.count("end"), started.session.status(started.pid)], [1, first]);
      });
    });
  }

  it("kills at once with the event loop dead", async () => {
    await withProgram([], ["stuck=busy loop"], {}, async (started) => {
      sendTo(started.pid, "SIGTERM");
      await taken(started.pid, SIGTERM);
      await pause(LATE_MS);
      assert(lives(started.pid), "killed by one request");
      sendTo(started.pid, "SIGTERM");
      assertLess(await endOf(started), AT_ONCE_MS);
    });
  });

  for (const layers of [["deno task"], ["bun run"], ["dumb-init"], ["dumb-init", "deno task"]] as Layer[][]) {
    it(`kills at once when the parent passes the same one on: ${layers.join(" > ")} [api: shutdown]`, async () => {
      await withProgram(layers, ["ms=forever"], {}, async (started) => {
        sendTo(started.pid, "SIGTERM");
        await started.session.until(/^begin$/);
        await pause(LATE_MS);
        assert(lives(started.program), "killed by one request");
        sendTo(started.pid, "SIGTERM");
        assertLess(await endOf(started), AT_ONCE_MS);
      });
    });
  }
});

describe("a graceful end is not forced, however late,", () => {
  for (const from of ["elsewhere", "the closed terminal"]) {
    it(`by SIGHUP from ${from}`, async () => {
      const args = ["signals=SIGTERM,SIGINT,SIGHUP", "ms=2500"];
      await withProgram([], args, from === "elsewhere" ? {} : { terminal: true }, async (started) => {
        const { session, pid } = started;
        sendTo(pid, "SIGTERM");
        await session.until(/^begin$/);
        await pause(LATE_MS);
        if (from === "elsewhere") sendTo(pid, "SIGHUP");
        else session.closeTerminal();
        await endOf(started);
        await session.empty();
        assertEquals([session.count("end"), session.status(pid)], [1, "SIGTERM"]);
      });
    });
  }

  for (
    const [how, way] of [
      ["killpg(0) of this module", "killpg"],
      ["killpg(0) of this module, late", "late killpg"],
      ["kill() of this module to itself, late", "late kill"],
      ["process.kill() to itself, late", "late process.kill"],
      ["process.kill(0), late", "late process.kill 0"],
      ["/bin/kill of its process group", "/bin/kill 0"],
    ]
  ) {
    it(`by the program's own signal: ${how}`, async () => {
      await withProgram([], [`meanwhile=${way}`], {}, async (started) => {
        const { session, pid } = started;
        sendTo(pid, "SIGTERM");
        await endOf(started);
        await session.empty();
        assertEquals([session.count("end"), session.status(pid)], [1, "SIGTERM"]);
      });
    });
  }

  it("by anything with force: never, but by the deadline [api: shutdown]", async () => {
    const args = ["ms=forever", `options={"force":"never","deadline":3}`];
    await withProgram([], args, TERMINAL, async (started) => {
      const { session, pid } = started;
      const begun = performance.now();
      session.type(CTRL_C);
      await session.until(/^begin$/);
      await pause(SECOND_KEYPRESS_MS);
      session.type(CTRL_C);
      await pause(LATE_MS);
      sendTo(pid, "SIGTERM");
      await endOf(started);
      assertGreaterOrEqual(performance.now() - begun, 3000);
      await session.empty();
      assertEquals(session.status(pid), "SIGINT");
    });
  });
});

/** A supervisor that works for 1.5 s before it ends its child, which takes 2.5 s. In each case the program has received
 * the request from an unrelated process; the control completes every case. */
describe("a graceful end is not forced by a supervisor that hands the same request over later,", () => {
  // Behind a runner that forwards every signal, a supervisor's late request is indistinguishable from a second request.
  const stacks: Layer[][] = [["late supervisor"]];
  const ways: Way[] = ["Ctrl+C", "terminal closed", "SIGTERM to the group", "SIGTERM to the tree"];
  for (const layers of stacks) {
    it(`under ${layers.join(" > ")}`, async () => {
      const args = ["signals=SIGTERM,SIGINT,SIGHUP", "ms=2500"];
      const cells = (["graceful", "plain"] as Who[]).flatMap((who) => ways.map((way) => [who, way] as const));
      const outcomes = await several(cells.length, cells.map(([who, way]) => () => endOnce(who, layers, way, args)));
      const failures = outcomes.filter(({ completed }) => !completed).map(({ text }) => `Not completed: ${text}`);
      assert(failures.length === 0, failures.join("\n\n"));
    });
  }
});

/** Sends SIGTERM to a program, which dies by it at its deadline of a second. */
async function diedAtDeadline(...args: string[]): Promise<Session> {
  let ended: Session;
  await withProgram([], [...args, `options={"deadline":1}`], {}, async (started) => {
    const { session, pid } = started;
    const begun = performance.now();
    sendTo(pid, "SIGTERM");
    await endOf(started);
    assertGreaterOrEqual(performance.now() - begun, 1000);
    assertLess(performance.now() - begun, 1000 + AT_ONCE_MS);
    await session.empty();
    assertEquals(session.status(pid), "SIGTERM");
    ended = session;
  });
  return ended!;
}

describe("the deadline kills by the first signal, and names what was running,", () => {
  for (const blocked of ["a promise that never settles", "busy loop", "Atomics.wait", "execFileSync"]) {
    it(`a deferred function in ${blocked}`, async () => {
      const work = blocked.startsWith("a promise") ? "ms=forever" : `meanwhile=${blocked}`;
      const { stderr } = await diedAtDeadline(work);
      assertStringIncludes(stderr, "the work");
      assertEquals(stderr.includes("the rest"), false, stderr);
    });

    if (blocked.startsWith("a promise")) continue;
    it(`before any deferred function, in ${blocked}`, async () => {
      const session = await diedAtDeadline(`stuck=${blocked}`);
      assertEquals(session.count("begin"), 0);
      assertStringIncludes(session.stderr, "deadline");
    });
  }
});
