import { assertEquals, assertGreater, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import { startC } from "../support/compile.ts";
import { HIGHEST, numberOutside, projectPath, run, runtimeName, SIGRTMIN, start } from "../support/process.ts";

const PROGRAM = "posix_send";
const path = `tests/programs/${PROGRAM}.ts`;
const RANGE = "RangeError";
const ESRCH = "PosixError ESRCH 3";
const EINVAL = "PosixError EINVAL 22";
const EBADF = "PosixError EBADF 9";
const uid = process.getuid!();

describe("kill()", () => {
  it("refuses bad signals, and says when there is no such process [LT-40, LTP kill03]", async () => {
    assertEquals(await outcome(PROGRAM, ["killErrors"]), [RANGE, RANGE, RANGE, ESRCH, ESRCH, "none", ESRCH]);
  });

  /** Only root may become another user. */
  const asRoot = uid === 0 ? it : it.skip;
  asRoot("says when it may not, as sigqueue() and pidfdSendSignal() do [OP-62, LTP kill05]", async () => {
    assertEquals(await outcome(PROGRAM, ["permission"]), { become: 0, answers: Array(4).fill("PosixError EPERM 1") });
  });

  for (const how of ["killpg", "kill"]) {
    it(`reaches every member of a group by ${how} [OP-63, POSIX killpg 1]`, async () => {
      const leader = startC("group", [2]);
      await leader.until("ready\n");
      await outcome(PROGRAM, ["toGroup", how, leader.pid]);
      const { stdout } = await leader.ended;
      assertEquals(stdout, "ready\nmember got 10\nmember got 10\n");
    });
  }

  it("reaches its own group by 0, and so does killpg() [OP-63, POSIX kill 5]", async () => {
    assertEquals(await outcome(PROGRAM, ["ownGroup"], { wrapper: ["setsid", "--wait"] }), [10, 10]);
  });

  for (const how of ["raise", "kill", "thread", "queue", "pidfd"]) {
    it(`has run the handler when it returns, 5,000 times by ${how} [OP-64, OP-73, POSIX kill 8]`, async () => {
      assertEquals(await outcome(PROGRAM, ["beforeReturn", how, 5000]), 0);
    });
  }

  it("lets out what the handler throws, as all that send do [OP-64, api: what handlers throw]", async () => {
    assertEquals(await outcome(PROGRAM, ["throwing", "all"]), [RANGE, RANGE, RANGE, RANGE, RANGE, "all"]);
  });
});

describe("killpg()", () => {
  it("refuses bad groups and signals [OP-63, POSIX killpg 6, 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["groupErrors"]), ["none", RANGE, ESRCH, EINVAL, RANGE]);
  });
});

describe("raise()", () => {
  it("sends what may be sent and refuses the rest [OP-65, POSIX raise 6, 7]", async () => {
    assertEquals(await outcome(PROGRAM, ["raiseArguments"]), {
      got: ["SIGABRT", "SIGXFSZ", "SIGALRM", "SIGCHLD", "SIGTSTP", "SIGCONT"],
      errors: [RANGE, RANGE, RANGE, "none"],
    });
  });
});

describe("pthreadKill()", () => {
  it("refuses bad signals and threads that are none of ours [OP-67, POSIX pthread_kill 2, 7]", async () => {
    assertEquals(await outcome(PROGRAM, ["threadErrors"]), ["none", RANGE, RANGE, ESRCH, ESRCH, EINVAL, EINVAL]);
  });

  it("to the main thread runs the handler before it returns: the program exits there [PY-50, CPython test_pthread_kill_main_thread]", async () => {
    const { code, signal } = await run(path, ["exitInHandler"]);
    assertEquals([code, signal], [3, null]);
  });
});

describe("sigqueue()", () => {
  it("delivers the value with the signal [OP-68, POSIX sigqueue 1]", async () => {
    const receiver = start(path, ["receive"]);
    await receiver.until("ready\n");
    const pid = await outcome<number>(PROGRAM, ["queueTo", receiver.pid]);
    const common = { code: -1, codeName: "SI_QUEUE", pid, uid };
    const got = found<{ signum: number }[]>(await receiver.ended).sort((a, b) => b.signum - a.signum);
    assertEquals(got as unknown[], [
      { signum: SIGRTMIN, name: "SIGRTMIN", ...common, value: 100 },
      { signum: 10, name: "SIGUSR1", ...common, value: -777 },
    ]);
  });

  it("carries every C int [OP-68]", async () => {
    assertEquals(await outcome(PROGRAM, ["values"]), [0, 1, -1, 2147483647, -2147483648]);
  });

  it("probes with 0, refuses bad signals, and has no form for groups [OP-69, POSIX sigqueue 2, 10, 11]", async () => {
    assertEquals(await outcome(PROGRAM, ["queueErrors"]), ["none", ESRCH, RANGE, RANGE, ESRCH, ESRCH, ESRCH]);
  });

  it("delivers five when five were queued [OP-70, POSIX sigqueue 4, 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["fiveQueued"]), { whileBlocked: 0, runs: 5 });
  });

  it("delivers ten in their order [OP-71, POSIX sigaction 29]", async () => {
    assertEquals(await outcome(PROGRAM, ["tenInOrder", HIGHEST]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("says EAGAIN when the receiver's queue is full [OP-75, POSIX sigqueue 9]", async () => {
    const receiver = startC("queue_limit", [8, numberOutside(SIGRTMIN), numberOutside(SIGRTMIN + 1)]);
    await receiver.until("ready\n");
    const { sent, thrown, pid } = await outcome<{ sent: number; thrown: string; pid: number }>(PROGRAM, [
      "overflow",
      receiver.pid,
    ]);
    receiver.write("now\n");
    const { stdout } = await receiver.ended;
    const rows = stdout.trim().split("\n").slice(1).map((line) => line.split(" ").map(Number));
    assertEquals(thrown, "PosixError EAGAIN 11");
    assertGreater(sent, 0);
    assertLessOrEqual(sent, 8); // fewer if other processes of the user have some
    // Signals of kill() were delivered without their sender, SIGUSR1 without its value: the queue had no room for them.
    assertEquals(rows.map(([signum]) => signum), [
      10,
      ...Array(sent).fill(numberOutside(SIGRTMIN)),
      numberOutside(SIGRTMIN + 1),
    ]);
    assertEquals(rows.slice(1, -1), Array.from({ length: sent }, (_, i) => [numberOutside(SIGRTMIN), -1, pid, i + 1]));
    assertEquals([rows[0][3], rows.at(-1)!.slice(1)], [0, [0, 0, 0]]);
  });
});

describe("pidfdSendSignal()", () => {
  it("sends by descriptor, and refuses what is none [PY-51, CPython PidfdSignalTest]", async () => {
    const file = projectPath("mod.ts");
    assertEquals(await outcome(PROGRAM, ["pidfd", file]), {
      runs: 1,
      answers: [EBADF, RANGE, "none", EBADF, EBADF, EBADF, EINVAL, EINVAL, ESRCH],
      regular: true,
    });
  });

  it("says ESRCH once the process is gone [PY-51, pidfd_send_signal(2)]", async () => {
    const target = startC("sleeper");
    await target.until("ready\n");
    assertEquals(await outcome(PROGRAM, ["pidfdOfTheDead", target.pid]), ESRCH);
    assertEquals((await target.ended).signal, "SIGUSR2");
  });
});

if (runtimeName === "Deno") {
  describe("permissions", () => {
    it("--allow-ffi is enough to send to another process [DN-20]", async () => {
      const target = startC("sleeper");
      await target.until("ready\n");
      await outcome("posix_names", ["send", target.pid, "SIGTERM"], { flags: ["--allow-ffi"] });
      assertEquals((await target.ended).signal, "SIGTERM");
    });

    it("without it the first call throws NotCapable and says what to do [DN-20, Deno killPermissions]", async () => {
      const target = startC("sleeper");
      await target.until("ready\n");
      const { code, stderr } = await run("tests/programs/posix_names.ts", ["send", String(target.pid), "SIGTERM"], {
        flags: ["--allow-env"], // at least one: Deno gives its own permissions to a child that names none
      });
      await target.kill("SIGKILL");
      assertEquals([code, (await target.ended).signal], [1, "SIGKILL"]);
      assertStringIncludes(stderr, "NotCapable");
      assertStringIncludes(stderr, "run again with --allow-ffi");
    });
  });
}
