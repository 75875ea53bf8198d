import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import { send } from "../support/compile.ts";
import { eventually, isBun, procHas, procStatus, type Program, run, SIGRTMIN, start } from "../support/process.ts";

const PROGRAM = "posix_wait";
const path = `tests/programs/${PROGRAM}.ts`;
const ALL = isBun ? [] : ["-A"];
const uid = process.getuid!();

/** Waits until the program's main thread is blocked in a call. */
async function asleep(program: Program, after: string): Promise<void> {
  await program.until(`${after}\n`);
  await eventually(() => procStatus(program.pid, "State").startsWith("S"), "the program waits");
}

/** The expected outcomes of several calls, abbreviated: R for RangeError, T for TypeError, any other word as it is. */
function results(words: string): string[] {
  const errors: Record<string, string> = { R: "RangeError", T: "TypeError" };
  return words.split(" ").map((word) => errors[word] ?? word);
}

describe("sigwait()", () => {
  for (const when of ["before", "during"]) {
    for (const mask of ["blocked", "unblocked"]) {
      it(`takes a signal that comes ${when} it, ${mask}, and no handler runs [PY-30, CPython test_sigwait]`, async () => {
        assertEquals(await outcome(PROGRAM, ["sigwait", when, mask, "handler"]), {
          taken: 14,
          handled: 0,
          waited: true,
        });
      });
    }
  }

  for (const [when, mask] of [["before", "blocked"], ["during", "blocked"], ["during", "unblocked"]]) {
    it(`spares the process the default action of one that comes ${when} it, ${mask} [PY-30]`, async () => {
      assertEquals(await outcome(PROGRAM, ["sigwait", when, mask, "default"]), { taken: 14, handled: 0, waited: true });
    });
  }

  it("blocks until the signal comes [OP-43, POSIX sigwait 4]", async () => {
    assertGreaterOrEqual(await outcome<number>(PROGRAM, ["longWait"]), 1.9);
  });

  for (const how of ["kill", "thread"]) {
    it(`ends once for each signal, sent by ${how} [OP-44, POSIX sigwait 6]`, async () => {
      assertEquals(await outcome(PROGRAM, ["oneWakesOne", how]), [10, null, 10, null]);
    });
  }

  it("is refused in a Worker, which no signal is held for [OP-44, api: keeping to one thread]", async () => {
    const answers = await outcome<{ inWorker: string[] }>("posix_names", ["leavesNothing"], { flags: ALL });
    assertEquals(answers.inWorker.slice(0, 5), ["Error", "Error", "Error", "Error", "Error"]);
  });

  it("never lets a default action strike that is waited for, from outside [api: waiting]", async () => {
    const program = start(path, ["outside", "40"]);
    const signals = [15, 2, 10, 12];
    for (let i = 0; i < 40; i++) {
      await program.until(`waiting ${i}\n`);
      // It sleeps for other reasons too: the wait has begun only once the signal is caught.
      await eventually(() => procHas(program.pid, "SigCgt", signals[i % 4]), "the signal is caught");
      await eventually(() => procStatus(program.pid, "State").startsWith("S"), "the program sleeps");
      await send(program.pid, [signals[i % 4]]);
    }
    assertEquals(found(await program.ended), Array.from({ length: 40 }, (_, i) => signals[i % 4]));
  });

  it("puts the default action back when it is over [api: waiting]", async () => {
    const program = start(path, ["afterwards"]);
    await program.until("ready\n");
    await program.kill("SIGUSR2");
    const end = await program.ended;
    assert(end.signal === "SIGUSR2" || end.code === 140, `ended with ${end.code} ${end.signal}`);
  });

  for (
    const [how, sig, expected] of [
      ["kill", 15, { code: 0, codeName: "SI_USER" }],
      ["thread", 10, { code: -6, codeName: "SI_TKILL" }],
      ["queue", SIGRTMIN, { code: -1, codeName: "SI_QUEUE", value: 7 }],
    ] as const
  ) {
    it(`takes what another thread sends by ${how} [api: waiting]`, async () => {
      const { signum, name: _name, ...rest } = await outcome<Record<string, unknown>>(PROGRAM, [
        "fromAWorker",
        how,
        sig,
      ], {
        flags: ALL,
      });
      assertEquals([signum, rest], [sig, { ...expected, own: true, handled: 0 }]);
    });
  }

  it("runs handlers of other signals meanwhile [api: waiting]", async () => {
    assertEquals(await outcome(PROGRAM, ["othersMeanwhile"]), { taken: 10, got: [14, 14, 14] });
  });

  it("lets out what such a handler throws, and holds nothing afterwards [api: what handlers throw]", async () => {
    assertEquals(await outcome(PROGRAM, ["throwing"]), {
      thrown: ["RangeError", "RangeError"],
      got: [10],
      blocked: [],
    });
  });

  it("takes the lowest of several, each queue in order [POSIX sigwait 2, OP-48]", async () => {
    assertEquals(await outcome(PROGRAM, ["lowestFirst"]), [10, 12, SIGRTMIN, SIGRTMIN, SIGRTMIN + 1]);
  });

  it("leaves to its handler a second one that comes with the first [api: waiting]", async () => {
    for (let i = 0; i < 5; i++) {
      const program = start(path, ["twoAtOnce"]);
      await asleep(program, "ready");
      await send(program.pid, [12, 10]);
      const { taken, atReturn, got } = found<{ taken: number; atReturn: number[]; got: number[] }>(await program.ended);
      const other = taken === 10 ? 12 : 10;
      assertEquals(got, [other]);
      assert(atReturn.length === 0 || atReturn[0] === other);
    }
  });

  it("leaves to the default action a second one that comes with the first [api: waiting]", async () => {
    const { code, signal, stdout } = await run(path, ["twoAtOnceByDefault"]);
    assertEquals([code, signal, stdout], [null, "SIGUSR2", "both are here\n"]);
  });
});

describe("sigwaitinfo()", () => {
  it("tells that the kernel sent an alarm's signal [PY-31, CPython test_sigwaitinfo]", async () => {
    assertEquals(await outcome(PROGRAM, ["alarmInfo"]), [
      { signum: 14, name: "SIGALRM", code: 128, codeName: "SI_KERNEL", pid: 0, uid: 0 },
      1,
    ]);
  });

  it("tells who sent it, and leaves it blocked and no longer pending [OP-47, POSIX sigwaitinfo 1, 5, 6, 9]", async () => {
    const program = start(path, ["info"]);
    await asleep(program, "ready");
    const pid = await send(program.pid, [10]);
    assertEquals(found(await program.ended), {
      info: { signum: 10, name: "SIGUSR1", code: 0, codeName: "SI_USER", pid, uid },
      pending: false,
      blocked: true,
    });
  });

  for (const how of ["raise", "thread"]) {
    it(`says the same of ${how} as a handler: SI_TKILL [VF-12]`, async () => {
      assertEquals(await outcome(PROGRAM, ["raised", how]), [[-6, "SI_TKILL"], [-6, "SI_TKILL"]]);
    });
  }

  it("takes queued values in order [OP-48, POSIX sigwaitinfo 7, 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["queue"]), {
      took: [[5, -1], [4, -1], [3, -1], [2, -1], [1, -1]],
      pending: false,
    });
  });

  it("takes 5,000 queued from outside, in order, none lost [api: waiting]", async () => {
    const program = start(path, ["flood", "5000"]);
    await asleep(program, "ready");
    await send(program.pid, [[SIGRTMIN, 0]], { times: 5000 });
    assertEquals(found(await program.ended), { inOrder: true, more: null });
  });

  it("refuses an empty set; one that holds only what cannot be waited for runs out [LT-20, LTP tse_empty_set]", async () => {
    assertEquals(await outcome(PROGRAM, ["badSets"]), results("R R none none R R R T T T R R"));
  });
});

describe("sigtimedwait()", () => {
  it("polls with 0, 200 of 200 with the signal blocked [PY-33, CPython test_sigtimedwait_poll]", async () => {
    assertEquals(await outcome(PROGRAM, ["poll"]), { taken: 200, handled: 0 });
  });

  it("leaves an unblocked signal to its handler, which has run before [PY-33, api: kill]", async () => {
    assertEquals(await outcome(PROGRAM, ["pollUnblocked"]), { taken: 0, handled: 200 });
  });

  it("returns null when the time runs out, not before and not much later [PY-34, CPython test_sigtimedwait_timeout]", async () => {
    const { waited, alarm } = await outcome<{ waited: [unknown, number][]; alarm: [number, number] }>(PROGRAM, [
      "timeouts",
    ]);
    assertEquals(waited.map(([info]) => info), [null, null, null, null, null]);
    [0.5, 0, 0, 0, 0.05].forEach((least, i) => {
      assertGreaterOrEqual(waited[i][1], least);
      assertLess(waited[i][1], least + 5);
    });
    assertEquals(alarm[0], 14);
    assertGreaterOrEqual(alarm[1], 0.19);
    assertLess(alarm[1], 5);
  });

  it("refuses negative, endless, too long and other times [PY-35, CPython test_sigtimedwait_negative_timeout]", async () => {
    assertEquals(await outcome(PROGRAM, ["badTimeouts"]), results("R R R R R R R T T T T T"));
  });

  it("takes very long times [api: waiting]", async () => {
    assertEquals(await outcome(PROGRAM, ["hugeTimeouts"]), [14, 14, 14]);
  });

  it("takes blocked signals though they are ignored [VF-19]", async () => {
    assertEquals(await outcome(PROGRAM, ["ignored"]), [null, "SIGUSR2", "SIGWINCH"]);
  });

  it("waits its whole time though other handlers run [PEP 475]", async () => {
    const { seconds, count } = await outcome<{ seconds: number; count: number }>(PROGRAM, ["train"]);
    assertGreaterOrEqual(seconds, 0.3);
    assertLess(seconds, 5);
    assertGreaterOrEqual(count, 1);
  });

  it("really waits, without a busy loop on a stale wake-up [SH-22, signal-hook signals_block_wait]", async () => {
    const { handled, shortest, used } = await outcome<Record<string, number>>(PROGRAM, ["quiet"]);
    assertEquals(handled, 10);
    assertGreaterOrEqual(shortest, 0.1);
    assertLess(used, 0.05); // half of the median wait
  });

  it("takes each signal once, and a stale wake-up is none [SH-23, signal-hook delayed_signal_consumed]", async () => {
    assertEquals(await outcome(PROGRAM, ["collects"]), [[10, 12], null]);
  });
});

describe("pause()", () => {
  it("ends after each handler, not for ignored and blocked signals [PY-37, LTP pause01]", async () => {
    const program = start(path, ["pause"]);
    for (const name of ["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "FPE", "SEGV", "PIPE", "ALRM", "TERM"]) {
      await asleep(program, `pausing for ${name}`);
      await program.kill("SIGUSR1"); // blocked
      await program.kill("SIGUSR2"); // ignored
      await program.kill(name);
    }
    assertEquals(found(await program.ended), 11);
  });

  it("ends for a timer's handler [PY-37, CPython test_itimer_real]", async () => {
    const { seconds, got } = await outcome<{ seconds: number; got: number[] }>(PROGRAM, ["pauseForTimer"]);
    assertEquals(got, [14]);
    assertGreaterOrEqual(seconds, 0.19);
    assertLess(seconds, 5);
  });

  it("dies by SIGKILL [PY-37, LTP pause02]", async () => {
    const program = start(path, ["pause"]);
    await asleep(program, "pausing for HUP");
    await program.kill("SIGKILL");
    assertEquals((await program.ended).signal, "SIGKILL");
  });
});
