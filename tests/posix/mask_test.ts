import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { send } from "../support/compile.ts";
import { found, outcome } from "../support/cases.ts";
import { HIGHEST, isBun, isNode, procHas, type Program, SIGRTMIN, start } from "../support/process.ts";

const PROGRAM = "posix_mask";
const ALL = isBun ? [] : ["-A"];
/** Node unblocks every signal at startup. */
const unlessNode = isNode ? it.skip : it;
/** The flags that let a program request a collection. */
const COLLECTOR_FLAGS = isBun ? [] : ["--allow-ffi", "--v8-flags=--expose-gc"];

/** Starts a case and waits until its signals are blocked. */
async function blocked(...args: string[]): Promise<Program> {
  const program = start(`tests/programs/${PROGRAM}.ts`, args);
  await program.until("blocked\n");
  return program;
}

describe("sigprocmask()", () => {
  for (const how of ["raise", "kill", "thread"]) {
    it(`holds a signal back until release, sent by ${how} [PY-21, CPython test_sigpending]`, async () => {
      assertEquals(await outcome(PROGRAM, ["blockedThenReleased", how]), {
        pending: [10],
        whileBlocked: 0,
        afterRelease: 1,
        left: [],
      });
    });
  }

  it("tells the present set and leaves it alone, given no signals [OP-31, POSIX sigprocmask 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["query"]), {
      answers: [[6], [6]],
      thread: [[6], [6]],
      replaced: [[6], [6]],
      after: [[], []],
    });
  });

  unlessNode(
    "knows what was blocked when the program was started, waits for it and releases it [VF-51, POSIX exec, sigprocmask 1]",
    async () => {
      const wrapper = ["env", "--block-signal=USR1,USR2,TERM"];
      assertEquals(await outcome(PROGRAM, ["inherited"], { wrapper }), {
        taken: 12,
        pending: [10],
        present: [[10, 12, 15], [6, 10, 12, 15]],
        got: [10],
        left: [12, 15],
      });
    },
  );

  it("adds, takes away and replaces, and returns the set before [POSIX sigprocmask 1, 2, 3]", async () => {
    assertEquals(await outcome(PROGRAM, ["arithmetic"]), [[], [10], [10, 12, SIGRTMIN + 3], [12, SIGRTMIN + 3], [
      14,
      63,
    ], []]);
  });

  it("leaves SIGKILL and SIGSTOP out in silence [OP-33, POSIX sigprocmask 10]", async () => {
    const program = start(`tests/programs/${PROGRAM}.ts`, ["killAndStop"]);
    const end = await program.ended;
    assertEquals([end.code, end.signal, end.stdout, end.stderr], [null, "SIGKILL", "[[],[]]\n", ""]);
  });

  it("refuses another 'how', 100,000 times, and changes nothing [OP-34, POSIX sigprocmask 12]", async () => {
    assertEquals(await outcome(PROGRAM, ["invalidHow"]), {
      answers: ["PosixError EINVAL 22"],
      shapes: ["TypeError", "TypeError", "TypeError", "TypeError"],
      masks: [[6], [6]],
    });
  });

  it("refuses what is no set of signals, 32 and 33 included [VF-01]", async () => {
    const type = "TypeError";
    const range = "RangeError";
    assertEquals(
      await outcome(PROGRAM, ["shapes"]),
      [type, type, type, range, range, range, range, range, range, type, type, range],
    );
  });

  it("delivers in part what is released in part [POSIX sigprocmask 6]", async () => {
    assertEquals(await outcome(PROGRAM, ["partialRelease"]), [
      [[12], [10, SIGRTMIN]],
      [[SIGRTMIN, SIGRTMIN], [10]],
      [[10], []],
    ]);
  });

  it("works inside a handler and lasts [api: process-wide]", async () => {
    assertEquals(await outcome(PROGRAM, ["inAHandler"]), { held: 0, released: 1 });
  });

  it("lets out what a released signal's handler throws, and loses none behind it [api]", async () => {
    assertEquals(await outcome(PROGRAM, ["throwing"]), { thrown: "Error", masked: [], got: [12] });
  });

  for (const name of ["SIGINT", "SIGUSR1", "SIGTERM"]) {
    it(`holds 1,000 ${name} from outside under load, and delivers one on release [api: process-wide masks]`, async () => {
      const program = await blocked("storm", name, "handler");
      const signum = { SIGINT: 2, SIGUSR1: 10, SIGTERM: 15 }[name]!;
      await send(program.pid, [signum], { times: 1000, gap: 100 });
      program.write("sent\n");
      const end = await program.ended;
      const [first] = end.stdout.split("\n").slice(1);
      assertEquals(JSON.parse(first), { whileBlocked: 0, pending: [signum], allocated: true });
      assertEquals(found(end), { atRelease: 1, later: 1 });
    });
  }

  it("takes a default action before the handlers that are released with it, as the kernel does [get_signal() of Linux]", async () => {
    const died = await (await blocked("defaultBeside", "SIGUSR2")).ended;
    assertEquals([died.signal, died.stdout], ["SIGUSR2", "blocked\n"]);
    const ignored = await (await blocked("defaultBeside", "SIGWINCH")).ended;
    assertEquals(ignored.stdout.split("\n").slice(0, 2), ["blocked", "pending []"]);
  });

  it("lets a process live until release, then die by the signal's default action [api: process-wide masks]", async () => {
    for (const [name, signum] of [["SIGINT", 2], ["SIGUSR2", 12], ["SIGALRM", 14]] as const) {
      const program = await blocked("storm", name, "default");
      await send(program.pid, [signum], { times: 100, gap: 100 });
      program.write("sent\n");
      const { signal, stdout } = await program.ended;
      assertEquals([signal, stdout.includes(`"pending":[${signum}]`), stdout.includes("atRelease")], [
        name,
        true,
        false,
      ]);
    }
  });

  it("keeps count, order and values of held real-time signals [VF-11, api: process-wide masks]", async () => {
    const program = await blocked("heldValues");
    const sender = await send(program.pid, [[SIGRTMIN + 1, 5000], [SIGRTMIN, 1]], { times: 1000 });
    program.write("sent\n");
    const { whileBlocked, got } = found<{ whileBlocked: number; got: number[][] }>(await program.ended);
    assertEquals([whileBlocked, got.length], [0, 2000]);
    const expected = [SIGRTMIN, SIGRTMIN + 1].flatMap((signum) =>
      Array.from({ length: 1000 }, (_, i) => [signum, (signum === SIGRTMIN ? 1 : 5000) + i, sender, -1])
    );
    assertEquals(got, expected);
  });

  it("keeps the first siginfo of a held standard signal [Appendix B, signal(7)]", async () => {
    const program = await blocked("firstInfo");
    const first = await send(program.pid, [[10, 41]]);
    await send(program.pid, [[10, 42], 10], { times: 3 });
    program.write("sent\n");
    assertEquals(found(await program.ended), [{
      signum: 10,
      name: "SIGUSR1",
      code: -1,
      codeName: "SI_QUEUE",
      pid: first,
      uid: process.getuid!(),
      value: 41,
    }]);
  });

  for (const way of ["kill", "raise", "kernel"]) {
    it(`releases the lowest number first, whatever came first (${way}) [VF-41, POSIX sigqueue 7]`, async () => {
      assertEquals(await outcome(PROGRAM, ["order", way]), [1, 12, SIGRTMIN, SIGRTMIN + 1]);
    });
  }

  it("releases all real-time signals in ascending order [OP-74, POSIX sigqueue 7]", async () => {
    const { whileBlocked, got } = await outcome<{ whileBlocked: number; got: number[] }>(PROGRAM, [
      "realtimeOrder",
      HIGHEST,
    ]);
    assertEquals(whileBlocked, 0);
    assertEquals(got, Array.from({ length: HIGHEST + 1 - SIGRTMIN }, (_, i) => SIGRTMIN + i));
  });

  it("blocks everything but the kernel's, the C library's and the engine's own [BN-04, api: masks]", async () => {
    const spared = isBun ? [9, 19, 30] : [9, 19];
    assertEquals(await outcome(PROGRAM, ["everything"]), {
      process: spared,
      thread: spared,
      library: [false, false],
    });
  });

  for (const blocked of ["process", "thread"]) {
    it(`lets the collector work while everything is blocked in the ${blocked} [BN-04, Bun process-sigpwr]`, async () => {
      assertEquals(await outcome("posix_engine", ["collector", blocked], { flags: COLLECTOR_FLAGS }), 50);
    });
  }

  it("lets set*id calls reach every thread while everything is blocked [BN-04, api: process-wide masks]", async () => {
    assertEquals(await outcome("posix_engine", ["setid"], { flags: ALL }), [[0], [0]]);
  });

  it("leaves the kernel's mask of every thread alone [design: masks]", async () => {
    const program = await blocked("defaultDies");
    assertEquals(procHas(program.pid, "SigBlk", 28), false);
    program.write("done\n");
    found(await program.ended.then((end) => ({ ...end, stdout: "null" })));
  });
});

describe("sigpending()", () => {
  it("shows what is pending and nothing else [OP-35, POSIX sigpending 1]", async () => {
    assertEquals(await outcome(PROGRAM, ["pendingOnly"]), { atStart: [], held: [3, 12], released: [] });
  });

  it("shows what the kernel holds for this thread as well [POSIX sigpending 1]", async () => {
    assertEquals(await outcome(PROGRAM, ["pendingInTheKernel"]), { pending: [12], got: [12], left: [] });
  });

  it("shows a real-time signal until the last of its queue is taken [VF-11, POSIX sigwait 2]", async () => {
    assertEquals(await outcome(PROGRAM, ["realtimeQueue"]), {
      took: [[1, true], [2, true], [3, true], [4, false]],
      more: null,
    });
  });

  it("forgets a pending signal when it is ignored [VF-13, POSIX sigaction]", async () => {
    assertEquals(await outcome(PROGRAM, ["ignoringDiscards"]), { before: [10], after: [], got: [] });
  });

  it("forgets one whose default is to do nothing when SIG_DFL is set [VF-15, POSIX sigaction]", async () => {
    const answer = [true, true, false, 0];
    assertEquals(await outcome(PROGRAM, ["defaultDiscards"]), {
      SIGCHLD: answer,
      SIGCONT: answer,
      SIGURG: answer,
      SIGWINCH: answer,
    });
  });
});
