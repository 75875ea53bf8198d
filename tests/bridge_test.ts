import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync } from "node:fs";
import { send } from "./support/compile.ts";
import { libraryPath } from "./support/library.ts";
import { eventually, isBun, procStatus, type Program, run, shell, SIGRTMIN, start } from "./support/process.ts";

const PROGRAM = "tests/programs/bridge_loop.ts";
const RT = SIGRTMIN + 1;

async function ready(name: string, flags?: string[]): Promise<Program> {
  const program = start(PROGRAM, [name], { flags });
  await program.until("ready");
  return program;
}

/** Ends the program by SIGTERM, which it answers by exiting. */
async function end(program: Program): Promise<string> {
  await program.kill("SIGTERM");
  const { code, signal, stdout } = await program.ended;
  assertEquals([code, signal], [0, null]);
  return stdout;
}

/** Waits until no signal is pending or blocked: the C handler has run for each. */
const handedOver = (pid: number): Promise<void> =>
  eventually(() => ["SigPnd", "ShdPnd", "SigBlk"].every((key) => /^0+$/.test(procStatus(pid, key))), "all taken");

/** Sends signals in turn to a program whose event loop is blocked, then unblocks it. */
async function whileBlocked(program: Program, signals: (string | number)[]): Promise<void> {
  for (const sig of signals) {
    await program.kill(sig);
    await handedOver(program.pid);
  }
  program.write("\n");
}

describe("keeping alive", () => {
  it("handlers do not: a program that only installs them is over", async () => {
    const { code, signal, stderr } = await run(PROGRAM, ["handlersOnly"]);
    assertEquals([code, signal, stderr], [0, null, ""]);
  });

  it("handlers do not, also after they have run", async () => {
    const { code, signal, stdout } = await run(PROGRAM, ["handlersThatRan"]);
    assertEquals([code, signal, stdout], [0, null, "got SIGALRM\n"]);
  });
});

describe("the event loop", () => {
  for (
    const [name, busyMs] of [
      ["runs a handler no turn later than the runtime its own listener, from the very first turn on", 1],
      ["nor in a busy program, whose timers are due when a turn begins", 5],
    ] as const
  ) {
    it(name, async () => {
      const turns = async (whose: "ours" | "own"): Promise<number> => {
        const { code, stdout, stderr } = await run(PROGRAM, ["firstTurns", `${busyMs}`, whose]);
        assertEquals([code, stderr], [0, ""]);
        const waited = stdout.trim().split(" ").map(Number);
        assertEquals(waited.length, 10);
        return waited.reduce((sum, each) => sum + each, 0);
      };
      // A runtime may run a timer that is due before it polls its descriptors: so two may be a turn late.
      assertLessOrEqual(await turns("ours"), await turns("own") + 2);
    });
  }
});

describe("beside listeners of other code at the runtime", () => {
  for (const when of ["before", "after", "meanwhile"]) {
    it(`a handler runs, however many signals those have to hear of: one that came ${when}`, async () => {
      const { code, stdout, stderr } = await run(PROGRAM, ["besideListener", when]);
      assertEquals([code, stdout, stderr], [0, "both\n", ""]);
    });
  }

  it("a handler runs, and so do they, while they listen to SIGURG", async () => {
    const { code, stdout, stderr } = await run(PROGRAM, ["urgentListener"]);
    assertEquals([code, stdout, stderr], [0, "theirs\ngot SIGUSR2\ngot SIGUSR2\n", ""]);
  });

  it("a handler runs when all of them are removed at once", async () => {
    const { code, stdout, stderr } = await run(PROGRAM, ["noListeners"]);
    assertEquals([code, stdout, stderr], [0, "got SIGUSR2\n", ""]);
  });
});

describe("an idle program", () => {
  const net = isBun ? undefined : ["--allow-ffi", "--allow-net"];
  for (const [name, flags] of [["timer", undefined], ["server", net]] as const) {
    it(`that a ${name} keeps alive wakes for each signal, with no other event`, async () => {
      const program = await ready(name, flags);
      for (let i = 0; i < 3; i++) {
        await program.kill("SIGUSR2");
        await program.until("got SIGUSR2");
      }
      await end(program);
    });
  }

  it("has no thread of ours", async () => {
    /** A thread inherits its creator's name unless it sets one; the runtimes name theirs. */
    const unnamed = ({ pid }: Program): number => {
      const name = (task: string | number) => {
        try {
          return readFileSync(`/proc/${pid}/task/${task}/comm`, "utf8");
        } catch {
          return "over"; // it has ended since the directory was read
        }
      };
      return readdirSync(`/proc/${pid}/task`).filter((task) => name(task) === name(pid)).length;
    };
    const programs = [await ready("empty"), await ready("timer")];
    await programs[1].kill("SIGUSR2");
    await programs[1].until("got SIGUSR2");
    const same = ([bare, ours]: number[]) => bare === ours;
    await eventually(() => same(programs.map(unnamed)), "as many as without us, once all have their names");
    for (const { pid } of programs) await shell(`kill -KILL ${pid}`);
    await Promise.all(programs.map((program) => program.ended));
  });

  it("sleeps: the main thread is not woken to look for signals", async () => {
    const program = await ready("timer");
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const switches = () => Number(procStatus(program.pid, "voluntary_ctxt_switches"));
    await pause(1000); // the runtime's own startup is over
    const before = switches();
    await pause(2000);
    const woken = switches() - before;
    await end(program);
    assertLessOrEqual(woken, isBun ? 14 : 1); // Bun's collector wakes some 3 times a second
  });
});

describe("what arrives while the event loop is blocked", () => {
  it("is delivered when it is free: all of 200 real-time signals [api.md: nothing is lost]", async () => {
    const program = await ready("count");
    await send(program.pid, [RT], { times: 200 });
    await handedOver(program.pid);
    program.write("\n");
    await program.until("free");
    assertStringIncludes(await end(program), "counted 200\n");
  });

  it("is delivered in the order of arrival, not of the numbers", async () => {
    const program = await ready("order");
    const names = ["SIGWINCH", "SIGCONT", "SIGUSR2", "SIGHUP"];
    await whileBlocked(program, [RT, ...names]);
    await program.until("got SIGHUP");
    const got = (await end(program)).trimEnd().split("\n").slice(1);
    assertEquals(got, ["SIGRTMIN+1", ...names].map((name) => `got ${name}`));
  });
});

describe("what a handler throws on the event loop", () => {
  it("is an uncaught error: the program ends with status 1 and the error's text", async () => {
    const program = await ready("throwing");
    await program.kill("SIGUSR2");
    const { code, signal, stderr } = await program.ended;
    assertEquals([code, signal], [1, null]);
    assertStringIncludes(stderr, "RangeError");
    assertStringIncludes(stderr, "thrown by a handler");
  });

  it("reaches process.on('uncaughtException'), and the signals behind it are delivered", async () => {
    const program = await ready("throwingAmongOthers");
    await whileBlocked(program, ["SIGHUP", "SIGUSR2", "SIGWINCH", "SIGUSR2", "SIGHUP"]);
    await program.until("got SIGHUP");
    await program.until("got SIGHUP");
    await program.kill("SIGUSR2");
    for (let i = 0; i < 3; i++) await program.until("uncaught SIGUSR2");
    const lines = (await end(program)).trimEnd().split("\n").slice(1);
    assertEquals(lines.filter((line) => line.startsWith("got")), ["got SIGHUP", "got SIGWINCH", "got SIGHUP"]);
    assertEquals(lines.filter((line) => line === "uncaught SIGUSR2").length, 3);
  });
});

describe("what an async handler rejects with", () => {
  it("is an unhandled rejection: the program ends with status 1 and the error's text", async () => {
    const program = await ready("rejecting");
    await program.kill("SIGUSR2");
    const { code, signal, stderr } = await program.ended;
    assertEquals([code, signal], [1, null]);
    assertStringIncludes(stderr, "rejected by a handler");
  });

  it("reaches process.on('unhandledRejection'), and later signals are delivered", async () => {
    const program = await ready("rejectingAmongOthers");
    for (let i = 0; i < 2; i++) {
      await program.kill("SIGUSR2");
      await program.until("unhandled SIGUSR2");
    }
    await program.kill("SIGHUP");
    await program.until("got SIGHUP");
    await end(program);
  });
});

describe("errno", () => {
  it("survives a handler whose own system call fails [SH-40]", async () => {
    const { code, stdout, stderr } = await run("tests/programs/bridge_errno.ts", ["libc"]);
    assertEquals([code, stdout], [0, "100 100\n"]);
    const lines = stderr.trimEnd().split("\n");
    assertEquals([lines.length, new Set(lines)], [100, new Set(["errno: No such file or directory"])]);
  });

  it("is what the runtime's own errors say, with a thousand signals a second [SH-40]", async () => {
    const { code, stdout } = await run("tests/programs/bridge_errno.ts", ["runtime"], { flags: isBun ? [] : ["-A"] });
    assertEquals([code, stdout], [0, "ENOENT\n"]);
  });
});

describe("the native part", () => {
  it("makes no thread: it calls no function for that", () => {
    const object = readFileSync(libraryPath(), "latin1");
    assertEquals(["pthread_create", "thrd_create", "clone"].filter((name) => object.includes(name)), []);
    assert(object.includes("sigaction"), "names of functions are found this way");
  });
});
