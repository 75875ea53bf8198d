import { readdirSync } from "node:fs";
import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import {
  eventually,
  HIGHEST,
  isBun,
  isEmulated,
  procHas,
  procStatus,
  type Program,
  RESERVED,
  run,
  runtimeName,
  SIGRTMIN,
  start,
} from "../support/process.ts";

const PROGRAM = "posix_disposition";
const path = `tests/programs/${PROGRAM}.ts`;
const ALL = isBun ? [] : ["-A"];
/** The default flags of a handler. */
const PLAIN = { restart: true, resetHand: false, noChildStop: false, noChildWait: false, mask: [] };

/** In emulation it would hang until its limit: tests/aarch64/cannot_show.ts. */
const unlessEmulated = isEmulated ? it.skip : it;

async function ready(...args: string[]): Promise<Program> {
  const program = start(path, args);
  await program.until("ready\n");
  return program;
}

describe("signal()", () => {
  it("refuses a value that is no handler, and leaves the disposition unchanged [PY-03, CPython PosixTests]", async () => {
    const program = await ready("refusedHandlers");
    // SIGUSR2, since Deno itself catches SIGUSR1 half a second after its start.
    const caught = procHas(program.pid, "SigCgt", 12);
    await program.kill("SIGKILL");
    const { stdout } = await program.ended;
    const { answers, after } = JSON.parse(stdout.split("\n")[0]);
    assertEquals([...new Set(answers.flat())], ["TypeError"]);
    assertEquals([answers.length, after, caught], [11, 0, false]);
  });

  it("runs the handler once for raise(), before it returns, and gives the last one back [PY-04, CPython RaiseSignalTest]", async () => {
    assertEquals(await outcome(PROGRAM, ["raise"]), {
      before: 0,
      atReturn: [2],
      later: [2],
      previous: "function",
      now: 0,
    });
  });

  it("passes number and name to the handler [BN-01, Bun process-sigpwr]", async () => {
    for (const [name, signum] of [["SIGUSR1", 10], ["SIGWINCH", 28], ...isBun ? [] : [["SIGPWR", 30]]]) {
      assertEquals(await outcome(PROGRAM, ["nameAndNumber", name]), [[signum, signum, name], [signum, signum, name]]);
    }
  });

  if (isBun) {
    it("refuses SIGPWR, the collector's, and says whose it is [BN-01, BN-04, api]", async () => {
      assertEquals(await outcome(PROGRAM, ["ofTheEngine"]), { code: "EINVAL", named: true, now: null });
    });
  }

  it("catches every signal that can be caught, sent by itself [LT-01, LTP signal05]", async () => {
    assertEquals(await outcome(PROGRAM, ["everyCatchable"]), []);
  });

  it("catches every signal that can be caught, sent from outside [LT-01, DN-10]", async () => {
    const program = await ready("eachFromOutside", String(HIGHEST));
    const expected: number[] = [];
    for (let signum = 1; signum <= HIGHEST; signum++) {
      if ([9, 19, ...RESERVED].includes(signum) || (isBun && signum === 30)) continue;
      expected.push(signum);
      await program.kill(signum);
      await program.until(`got ${signum}\n`);
    }
    assertEquals(found(await program.ended), expected);
  });

  it("runs the handler on the event loop for a signal from outside [GO-01, Go TestSignal]", async () => {
    const program = await ready("fromTheLoop");
    await program.kill("SIGHUP");
    assertEquals(found(await program.ended), [1]);
  });

  it("shows nothing of what the runtime sends itself, with a handler on every signal [GO-02, Go TestSignal]", async () => {
    const flags = isBun ? [] : ["--allow-ffi", "--v8-flags=--expose-gc"];
    assertEquals(await outcome("posix_engine", ["nothingOfItsOwn"], { flags }), []);
  });

  it("tells by getsignal() whether a signal is ignored [GO-03, Go TestIgnored]", async () => {
    assertEquals(await outcome(PROGRAM, ["ignored"]), { caught: false, previous: true, ignored: true });
  });

  for (const how of ["reset", "ignore"]) {
    it(`calls nobody any more after ${how} [GO-04, Go TestReset, TestIgnore]`, async () => {
      assertEquals(await outcome(PROGRAM, ["cancelled", how]), { before: [28, 1], got: [28, 1] });
    });
  }

  it("drops a waiting signal that is ignored meanwhile [GO-04, VF-13]", async () => {
    assertEquals(await outcome(PROGRAM, ["leavesWhileQueued", "ignore"]), [10]);
  });

  it("lets a waiting signal take the default action that is set meanwhile [Go TestAtomicStop]", async () => {
    const end = await run(path, ["leavesWhileQueued", "default"]);
    assertEquals([end.code, end.signal, end.stdout], [null, "SIGUSR1", "left\n"]);
  });

  it("wakes an idle event loop that has nothing else to do [PY-08, CPython test_signal_handling_while_selecting]", async () => {
    const program = start(path, ["idle"]);
    const end = await program.ended;
    assertEquals(end.code, 0);
    assertEquals(end.stdout.split("took").length, 2);
    const seconds = Number(end.stdout.split("took ")[1]);
    assert(seconds >= 0.009, end.stdout);
    assertLess(seconds, 5);
  });

  it("takes every real-time signal, and nowhere those of the C library [VF-01, glibc]", async () => {
    const einval = "PosixError EINVAL 22";
    const answers = [einval, ...Array(6).fill("RangeError"), einval, "null"];
    assertEquals(await outcome(PROGRAM, ["realtime", HIGHEST]), {
      installed: 65 - SIGRTMIN,
      refused: Object.fromEntries(RESERVED.map((signum) => [signum, answers])),
      got: Array.from({ length: HIGHEST + 1 - SIGRTMIN }, (_, i) => HIGHEST - i),
    });
  });

  it("gives an async handler its turn without waiting for the last one's end [api: when handlers run]", async () => {
    assertEquals(await outcome(PROGRAM, ["asyncHandler"]), ["begin", "begin", "end", "end"]);
  });

  it("never runs a handler within itself: its own signal is pending meanwhile [OP-08, POSIX sigaction 22, 23]", async () => {
    assertEquals(await outcome(PROGRAM, ["ownSignalInside"]), { runs: 2, deepest: 1, pending: [true] });
  });

  for (const how of ["raise", "kill"]) {
    it(`runs 1,000 times for a chain of 1,000 from its own handler by ${how} [OP-08]`, async () => {
      assertEquals(await outcome(PROGRAM, ["chainOfThousand", how]), { runs: 1000, deepest: 1 });
    });
  }
});

describe("sigaction()", () => {
  it("changes nothing as a query, and tells what was set [OP-01, POSIX sigaction 2, 3]", async () => {
    const plain = { handler: "ours", ...PLAIN };
    assertEquals(await outcome(PROGRAM, ["query", "restart"]), { answers: [plain, plain], runs: 1 });
    const flagged = {
      handler: "ours",
      restart: false,
      resetHand: false,
      noChildStop: true,
      noChildWait: true,
      mask: [25, SIGRTMIN + 1],
    };
    assertEquals(await outcome(PROGRAM, ["query", "all"]), { answers: [flagged, flagged], runs: 1 });
  });

  it("refuses what is no action [OP-01, api: conventions]", async () => {
    const type = "TypeError";
    assertEquals(await outcome(PROGRAM, ["badActions"]), [
      type,
      type,
      type,
      type,
      "RangeError",
      "RangeError",
      type,
      type,
      type,
      "0",
    ]);
  });

  it("takes back what it returned [OP-02, POSIX sigaction 28]", async () => {
    assertEquals(await outcome(PROGRAM, ["putBack"]), {
      known: true,
      first: [0, 1],
      counts: [1, 1],
      second: { ...PLAIN, handler: "another", restart: false, mask: [10] },
    });
  });

  for (const [how, code, codeName] of [["raise", -6, "SI_TKILL"], ["thread", -6, "SI_TKILL"], ["kill", 0, "SI_USER"]]) {
    it(`tells the handler who sent it and how, by ${how} [OP-04, POSIX sigaction 19]`, async () => {
      const { pid, got } = await outcome<{ pid: number; got: unknown }>(PROGRAM, ["info", how]);
      assertEquals(got, [{ signum: 12, name: "SIGUSR2", code, codeName, pid, uid: process.getuid!() }]);
    });
  }

  it("with resetHand is for one delivery: the second kills [OP-05, POSIX sigaction 14]", async () => {
    const end = await run(path, ["resetHand"]);
    assertEquals([end.code, end.signal], [null, "SIGUSR1"]);
    const [line, ...more] = end.stdout.trimEnd().split("\n");
    assertEquals(more, []);
    const { runs, installed, after, action } = JSON.parse(line);
    assertEquals({ runs, installed, after }, {
      runs: 1,
      installed: { ...PLAIN, handler: "ours", resetHand: true },
      after: 0,
    });
    assertEquals(action.handler, 0);
  });

  it("with resetHand has the default back while the handler runs [OP-05, POSIX sigaction 14]", async () => {
    assertEquals(await outcome(PROGRAM, ["resetHandInTheHandler"]), 0);
  });

  it("without resetHand stays, also after ten [OP-05, POSIX sigaction 15]", async () => {
    assertEquals(await outcome(PROGRAM, ["staysInstalled"]), { runs: 10, same: true });
  });

  it("holds the signals of its mask back while the handler runs [OP-09, POSIX sigaction 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["maskOfAction"]), {
      order: ["ABRT begins", "USR1", "pending 25", "ABRT ends", "XFSZ"],
      sameMask: true,
    });
  });

  it("leaves the alternate stack of the main thread and of a Worker as it is [OP-12, POSIX sigaction 12]", async () => {
    assertEquals(await outcome("posix_engine", ["alternateStack"], { flags: ALL }), {
      main: true,
      inWorker: true,
      changed: false,
    });
  });
});

describe("defaultIntHandler", () => {
  it("throws KeyboardInterrupt, for whatever signal it stands [PY-05, CPython test_sigint]", async () => {
    assertEquals(await outcome(PROGRAM, ["interrupt"]), [[true, "KeyboardInterrupt", 2], [
      true,
      "KeyboardInterrupt",
      14,
    ]]);
  });

  it("is not installed by importing: no disposition changes, and SIGINT kills [PY-05]", async () => {
    const program = await ready("imported");
    // Signals that the runtime itself catches at startup, and half a second later in Deno.
    const own = {
      Deno: [1, 2, 7, 10, 11, 15, 33],
      Bun: [4, 5, 6, 7, 8, 11, 30, 31, 33],
      Node: [2, 11, 15, 33],
    }[runtimeName];
    const caught = Array.from({ length: 64 }, (_, i) => i + 1).filter((signum) =>
      procHas(program.pid, "SigCgt", signum)
    );
    assertEquals(caught.filter((signum) => !own.includes(signum)), []);
    await program.kill("SIGINT");
    const end = await program.ended;
    assert(end.signal === "SIGINT" || end.code === 130, `ended with ${end.code} ${end.signal}`);
  });
});

describe("real-time signals", () => {
  for (const [name, expected] of [["shortWaits", "alive"], ["shortHandlers", 0], ["shortHolds", "alive"]] as const) {
    it(`survive ${name.replace("short", "short ").toLowerCase()}: no request of the module's own is taken for one [design: masks]`, async () => {
      for (let i = 0; i < 3; i++) assertEquals(await outcome("posix_realtime", [name]), expected);
    });
  }

  it("keep a resetHand action for the first real delivery [OP-05]", async () => {
    const count = HIGHEST + 1 - SIGRTMIN;
    assertEquals(await outcome("posix_realtime", ["resetHand", HIGHEST]), {
      before: 0,
      installed: count,
      runs: count,
      after: count,
    });
  });

  for (const [name, what, expected] of [["manyWaits", "2,000 waits", "alive"], ["manyThreads", "ten Workers", 10]]) {
    unlessEmulated(`leave nothing in the kernel's queues after ${what} [design: masks]`, async () => {
      const program = start("tests/programs/posix_realtime.ts", [name as string]);
      await program.until("ready\n");
      const clear = (thread: string): boolean => {
        try {
          return /^0+$/.test(procStatus(`${program.pid}/task/${thread}`, "SigPnd"));
        } catch {
          return false; // it has just ended: retried
        }
      };
      // A thread that is asked again while the kernel has it enter the handler keeps the second request.
      const left = () => readdirSync(`/proc/${program.pid}/task`).filter((thread) => !clear(thread));
      await eventually(() => left().length <= 1, "no thread has a signal pending, or one");
      program.write("done\n");
      assertEquals(found(await program.ended), expected);
    });
  }

  unlessEmulated("go to the main thread alone, also after a resetHand action [design: masks]", async () => {
    const program = start("tests/programs/posix_realtime.ts", ["afterResetHand"]);
    await program.until("ready\n");
    const leavesIt = (thread: string): boolean => {
      try {
        const blocked = BigInt(`0x${procStatus(`${program.pid}/task/${thread}`, "SigBlk")}`);
        return thread === String(program.pid) || (blocked >> BigInt(SIGRTMIN - 1) & 1n) === 1n;
      } catch {
        return false; // it has just ended: look again
      }
    };
    await eventually(() => readdirSync(`/proc/${program.pid}/task`).every(leavesIt), "all others block the signal");
    program.write("done\n");
    assertEquals(found(await program.ended), "alive");
  });

  it("stay pending in the kernel when a handler leaves [POSIX sigaction]", async () => {
    assertEquals(await outcome("posix_realtime", ["keptByTheThread"]), { pending: true, runs: 3 });
  });
});
