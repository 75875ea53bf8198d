import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { found, outcome } from "../support/cases.ts";
import { send, startC } from "../support/compile.ts";
import {
  command,
  CTRL_Z,
  eventually,
  isBun,
  isDeno,
  onTerminal,
  type Program,
  shell,
  SIGRTMIN,
  start,
} from "../support/process.ts";

const PROGRAM = "eintr";
const ALL = isBun ? [] : ["-A"];
/** Long enough for an alarm every 0.1 s to interrupt a blocking call. */
const DISTURBED_MS = 250;

const disturbed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, DISTURBED_MS));

function begin(args: string[], flags?: string[]): Program {
  return start(`tests/programs/${PROGRAM}.ts`, args, { flags });
}

/** The main thread's state: S when it blocks. */
function state(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat[stat.lastIndexOf(")") + 2];
}

async function inDirectory(work: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "posix-signal-"));
  try {
    await work((name) => join(directory, name));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("an alarm that rings each 0.1 s", () => {
  for (const how of ["setTimeout", "Atomics.wait", "sleep", "sigtimedwait"]) {
    it(`cuts no ${how} short [PY-80, PY-87, CPython _test_eintr test_sleep, test_select]`, async () => {
      assertEquals(await outcome(PROGRAM, ["sleeping", how]), {
        rung: true,
        longEnough: true,
        inTime: true,
      });
    });
  }

  it("fails no blocking read [PY-81, CPython _test_eintr test_read]", async () => {
    const program = begin(["reading"]);
    for (const text of ["hello", "world", "spam"]) {
      await program.until("reading the");
      await disturbed();
      program.write(text);
    }
    assertEquals(found(await program.ended), { chunks: ["hello", "world", "spam"], rung: true });
  });

  it("loses no byte of a large write to a slow reader [PY-82, CPython _test_eintr test_write]", async () => {
    const size = 4 * 1024 * 1024 + 1;
    const [name, ...args] = command(`tests/programs/${PROGRAM}.ts`, ["writing", String(size)]);
    const child = spawn("env", ["--default-signal", name, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    await new Promise((resolve) => child.stderr.once("data", resolve));
    await disturbed();
    const hash = createHash("sha256");
    child.stdout.on("data", (data) => void hash.update(data));
    const end = await new Promise((resolve) => child.on("close", (code, signal) => resolve([code, signal])));
    const data = new Uint8Array(size).map((_, i) => 65 + i % 26);
    assertEquals(end, [0, null]);
    assertEquals(hash.digest("hex"), createHash("sha256").update(data).digest("hex"));
  });

  it("disturbs no socket: accept, receive, send 16 MiB [PY-83, CPython _test_eintr SocketEINTRTest]", async () => {
    assertEquals(await outcome(PROGRAM, ["sockets", 16 * 1024 * 1024 + 1], { flags: ALL }), {
      texts: ["x", "y", "z"],
      whole: true,
      rung: true,
    });
  });

  it("fails no opening of a FIFO [PY-84, CPython _test_eintr test_open]", async () => {
    await inDirectory(async (path) => {
      execFileSync("mkfifo", [path("fifo")]);
      const program = begin(["fifo", path("fifo")], ALL);
      await program.until("opening");
      await disturbed();
      const { stdout } = await shell(`cat ${path("fifo")}`);
      assertEquals([found(await program.ended), stdout], [{ rung: true }, "through"]);
    });
  });

  it("fails no waiting for a file's lock [PY-84, CPython _test_eintr test_flock]", async () => {
    await inDirectory(async (path) => {
      writeFileSync(path("file"), "");
      const holder = spawn("flock", [path("file"), "sh", "-c", "echo locked; read line"]);
      await new Promise((resolve) => holder.stdout.once("data", resolve));
      const program = begin(["lock", path("file")], ALL);
      await program.until("locking");
      await disturbed();
      assertEquals(program.stdout, "locking\n"); // still waits
      holder.stdin.end("\n");
      assertEquals(found(await program.ended), { locked: 0, rung: true });
    });
  });

  it("fails no waiting for children [PY-85, CPython _test_eintr test_wait]", async () => {
    assertEquals(await outcome(PROGRAM, ["children"], { flags: ALL }), {
      statuses: [[0, null], [0, null], [0, null]],
      sync: [0, null, null],
      rung: true,
    });
  });

  for (const [call, ...limit] of [["sigwaitinfo"], ["sigtimedwait", "120"]]) {
    it(`does not end ${call}(), whose signal still comes through [PY-86, CPython _test_eintr test_sigwaitinfo, PEP 475]`, async () => {
      const program = begin(["waiting", ...limit]);
      await program.until("waiting");
      await disturbed();
      await program.kill("SIGUSR1");
      assertEquals(found(await program.ended), { name: "SIGUSR1", rung: true });
    });
  }

  it("neither shortens nor lengthens the time of sigtimedwait() [PY-86, PEP 475]", async () => {
    assertEquals(await outcome(PROGRAM, ["waitingInVain"]), {
      info: null,
      rung: true,
      longEnough: true,
      inTime: true,
    });
  });

  it("ends a wait whose handler throws [PY-86, PEP 475]", async () => {
    assertEquals(await outcome(PROGRAM, ["handlerThrows"]), { thrown: "Error", inTime: true });
  });
});

describe("siginterrupt()", () => {
  for (const flag of ["default", "false"]) {
    for (const by of ["C", "the runtime"]) {
      it(`${flag}: a read by ${by} goes on after signals [PY-89, CPython test_siginterrupt_off]`, async () => {
        const program = begin(["interrupting", flag, by]);
        await program.until("reading");
        for (let i = 0; i < 3; i++) {
          await eventually(() => state(program.pid) === "S", "the program blocks");
          await program.kill("SIGALRM");
        }
        await disturbed();
        assertEquals(program.stdout, "reading\n");
        program.write("x");
        const { answer, calls } = found<{ answer: number; calls: number }>(await program.ended);
        assertEquals([answer, calls], [1, 3]);
      });
    }
  }

  for (const by of ["C", ...(isDeno ? ["the runtime"] : [])]) {
    it(`true: a read by ${by} fails with EINTR [PY-89, CPython test_siginterrupt_on]`, async () => {
      const program = begin(["interrupting", "true", by]);
      await program.until("reading");
      const ended = program.ended;
      let over = false;
      ended.then(() => over = true);
      while (!over) await program.kill("SIGALRM");
      const { answer, calls } = found<{ answer: unknown; calls: number }>(await ended);
      assertEquals(answer, by === "C" ? -1 : "EINTR");
      assert(calls >= 1);
    });
  }

  it("refuses what is no signal, what nobody can catch, and what is no boolean [PY-89, POSIX siginterrupt]", async () => {
    assertEquals(await outcome(PROGRAM, ["siginterruptShapes"]), [
      "RangeError",
      "RangeError",
      "PosixError EINVAL 22",
      "TypeError",
    ]);
  });
});

describe("what SA_RESTART does not cover", () => {
  for (const call of ["poll", "nanosleep", "epoll_wait", "pause"]) {
    it(`is ${call}(2): a signal ends it either way [VF-50, signal(7)]`, async () => {
      for (const restart of ["restart", "interrupt"]) {
        assertEquals(await outcome(PROGRAM, ["cut", call, restart]), { answer: -1, early: true, calls: 1 });
      }
    });
  }

  it("does not trouble an idle event loop: 1,000 signals [VF-50]", async () => {
    const program = begin(["idle"]);
    await program.until("idle");
    await send(program.pid, [[SIGRTMIN, 0]], { times: 1000, gap: 100 });
    await program.kill("SIGUSR1");
    assertEquals(found(await program.ended), 1000);
  });
});

describe("signals and blocked threads", () => {
  it("a SIGCHLD does not fail the read(2) that a program is in [BN-30, bun spawn-sigchld-restart-fixture]", async () => {
    const program = begin(["childDuringRead"], ALL);
    await program.until("child");
    await eventually(() => /child \d+\n/.test(program.stdout), "the child's pid");
    const child = program.stdout.match(/child (\d+)/)![1];
    await eventually(() => state(program.pid) === "S", "the program blocks");
    await shell(`kill -KILL ${child}`);
    await disturbed();
    program.write("x");
    assertEquals(found(await program.ended), { count: 1, text: "x", children: 1 });
  });

  it("40 signals do not cut Atomics.wait short [PY-91, CPython test_interrupted_timed_acquire]", async () => {
    assertEquals(await outcome(PROGRAM, ["timedLock"], { flags: ALL }), {
      how: "timed-out",
      inTime: true,
      calls: true,
    });
  });

  it("abortOn() ends an asynchronous wait [PY-92, CPython test_lock_acquire_interruption]", async () => {
    assertEquals(await outcome(PROGRAM, ["abortedWait"]), { how: "aborted", inTime: true, name: "SIGALRM" });
  });

  for (const how of ["default", "handlers"]) {
    it(`a read goes on after Ctrl+Z and fg: ${how} [GO-10, Go TestTerminalSignal]`, async () => {
      const words = command(`tests/programs/${PROGRAM}.ts`, ["terminal", how]).join(" ");
      const program = onTerminal(["sh", "-c", `set -m; ${words}; echo status $?; fg > /dev/null; echo status $?`]);
      await program.until("reading");
      program.write(CTRL_Z);
      await program.until(`status ${128 + (how === "default" ? 20 : 19)}`);
      program.write("\r");
      await program.until("read");
      await program.until("status 0");
      program.closeInput();
      const { stdout } = await program.ended;
      assertStringIncludes(stdout, how === "default" ? `read "\\n"` : `read "\\n" after SIGTSTP,SIGCONT`);
    });
  }

  it("clocks run forwards under a storm of signals [GO-11, Go TestTime]", async () => {
    const program = begin(["clocks"]);
    await program.until("reading clocks");
    const sender = startC("sender", [program.pid, 1_000_000, 20, 10]);
    const end = await program.ended;
    await sender.ended;
    assertEquals(found(end), { backwards: 0, calls: true });
  });
});
