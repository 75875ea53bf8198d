/** The last steps of a graceful end: exit hooks, output, the end of process 1, signals that were ignored. */
import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CTRL_C, isDeno, procHas, taken } from "../support/process.ts";
import { withProgram } from "./support/matrix.ts";
import { lives, pause, sendTo, type Session, tree } from "./support/session.ts";

const NUMBERS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
/** Longer than the second in which a request by a process counts as a copy of the first. */
const LATE_MS = 1500;
/** 500 ms after its start Deno installs handlers of its own. */
const DENO_HAS_HANDLERS_MS = 800;

const endings = (session: Session) => session.lines().filter((line) => /^(begin|end|rest|exit|unload)\b/.test(line));

describe("exit hooks", () => {
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) {
    it(`have run once, with the status of a shell, before it dies of ${name}`, async () => {
      await withProgram([], ["signals=SIGTERM,SIGINT,SIGHUP", "ms=0", "hooks=yes"], {}, async ({ session, pid }) => {
        sendTo(pid, name);
        await session.empty();
        const exit = `exit ${128 + NUMBERS[name]}`;
        assertEquals(session.status(pid), name);
        // In Deno, a listener of `unload` that is registered at startup runs Node's listeners.
        assertEquals(endings(session).toSorted(), ["begin", "end", exit, "rest", ...(isDeno ? ["unload"] : [])]);
      });
    });
  }

  it("have run once where `exit` is a number, with that", async () => {
    await withProgram([], [`options={"exit":7}`, "ms=0", "hooks=yes"], {}, async ({ session, pid }) => {
      sendTo(pid, "SIGTERM");
      await session.empty();
      assertEquals(session.status(pid), "exit 7");
      assertEquals(endings(session).toSorted(), ["begin", "end", "exit 7", "rest", ...(isDeno ? ["unload"] : [])]);
    });
  });
});

describe("output", () => {
  it("of 1 MB, printed by a deferred function, arrives", async () => {
    await withProgram([], ["meanwhile=print 1 MB", "ms=0"], {}, async ({ session, pid }) => {
      sendTo(pid, "SIGTERM");
      await session.empty();
      assertEquals(session.status(pid), "SIGTERM");
      await session.end();
      assertEquals(session.output.length, 1024 * 1024);
    });
  });

  it("to a reader that died of the same Ctrl+C does not cut the end off: | tee", async () => {
    const place = { terminal: true, job: true };
    await withProgram(["tee"], ["meanwhile=print", "ms=100"], place, async ({ session }) => {
      session.type(CTRL_C);
      await session.empty();
      assertEquals(endings(session), ["begin", "end", "rest"]);
    });
  });
});

describe("process 1", () => {
  /** Inside the namespace; `pid` is the pid of unshare(1). */
  const first = (pid: number) => tree(pid)[1];

  for (
    const [what, args, status] of [
      ["exits with 128 + n", [], "exit 143"],
      ["exits as `exit` says", [`options={"exit":3}`], "exit 3"],
    ] as const
  ) {
    it(`${what}, its exit hooks run`, async () => {
      await withProgram(["process 1"], [...args, "ms=0", "hooks=yes"], {}, async ({ session, pid }) => {
        sendTo(first(pid), "SIGTERM");
        await session.empty();
        assertEquals(session.status(pid), status);
        assertEquals(session.count(status), 1);
      });
    });
  }

  it("is ended by the deadline with the event loop dead", async () => {
    const args = ["stuck=busy loop", `options={"deadline":1}`];
    await withProgram(["process 1"], args, {}, async ({ session, pid }) => {
      const begun = performance.now();
      sendTo(first(pid), "SIGTERM");
      await session.empty();
      assertGreaterOrEqual(performance.now() - begun, 1000);
      assertEquals(session.status(pid), "exit 143");
    });
  });

  it("is ended by the second keypress with the event loop dead", async () => {
    const place = { terminal: true, job: true };
    await withProgram(["process 1"], ["stuck=busy loop"], place, async ({ session, pid }) => {
      const program = first(pid);
      session.type(CTRL_C);
      await session.wait(() => session.output.includes("^C"));
      await taken(program, NUMBERS.SIGINT);
      await pause(300);
      assertEquals(lives(program), true);
      const begun = performance.now();
      session.type(CTRL_C);
      await session.wait(() => !lives(program));
      assertLess(performance.now() - begun, 5000);
      await session.wait(() => session.status(pid));
      assertEquals(session.status(pid), "exit 130");
    });
  });

  for (const name of ["SIGTERM", "SIGINT"]) {
    it(`is ended by ${name}, whose sender it cannot see, later than a second after the first`, async () => {
      await withProgram(["process 1"], ["ms=forever"], {}, async ({ session, pid }) => {
        const program = first(pid);
        sendTo(program, name);
        await session.until(/^begin$/);
        await pause(LATE_MS);
        assertEquals(lives(program), true);
        const begun = performance.now();
        sendTo(program, name);
        await session.empty();
        assertLess(performance.now() - begun, 5000);
      });
    });
  }
});

describe("a signal that was ignored when the process started stays ignored, and begins nothing:", () => {
  for (const wait of isDeno ? [0, DENO_HAS_HANDLERS_MS] : [0]) {
    const when = wait ? ", when Deno has its own handlers" : "";
    for (const [layer, name] of [["nohup", "SIGHUP"], ["sh &", "SIGINT"]] as const) {
      it(`${name} under ${layer === "nohup" ? "nohup" : "sh -c 'program &'"}${when}`, async () => {
        await withProgram([layer], ["signals=SIGTERM,SIGINT,SIGHUP"], {}, async ({ session, program }) => {
          await pause(wait);
          assertEquals(procHas(program, "SigIgn", NUMBERS[name]), true);
          sendTo(program, name);
          sendTo(program, "SIGTERM");
          await session.empty();
          assertEquals(session.status(program), "SIGTERM");
          assertEquals(endings(session), ["begin", "end", "rest"]);
        });
      });
    }
  }
});
