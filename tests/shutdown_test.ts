/** The graceful end: it works even when the event loop is blocked, the parent sees its true cause, and the deferred
 * functions run in order. tests/keypress_test.ts: Ctrl+C; tests/shutdown/: its members, errors, hooks, programs. */
import { assertEquals, assertGreaterOrEqual, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import {
  asProcess1,
  childrenOf,
  command,
  CTRL_C,
  isBun,
  isEmulated,
  onTerminal,
  type Program,
  shell,
  start,
  taken,
} from "./support/process.ts";

const STUCK = "tests/programs/daemon_stuck.ts";
const SHUTDOWN = "tests/programs/daemon_shutdown.ts";
const WAYS = [
  "a busy loop",
  "a native call that every signal interrupts",
  "a native call that goes on after a signal",
  "Atomics.wait",
  "a synchronous child process",
];
const flags = isBun ? [] : ["-A"];
const NUMBERS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
/** In emulation it would hang until its limit: tests/aarch64/cannot_show.ts. */
const unlessEmulated = isEmulated ? it.skip : it;

async function stuck(way: string, options = {}): Promise<Program> {
  const program = start(STUCK, [way, JSON.stringify(options)], { flags });
  await program.until(`ready ${program.pid}\n`);
  return program;
}

/** Sends a signal, and waits until the program has taken it: the kernel merges two that are pending. */
async function take(pid: number, name: string): Promise<void> {
  process.kill(pid, name);
  await taken(pid, NUMBERS[name]);
}

/** Waits until a signal may count as a second request. */
const afterCopies = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1100));

/** Sends a signal, and returns the program's wait status and the seconds until its end. */
async function endBy(
  program: Program,
  name: string,
  pid = program.pid,
): Promise<{ signal: string | null; code: number | null; seconds: number }> {
  const begun = performance.now();
  process.kill(pid, name);
  const { signal, code } = await program.ended;
  return { signal, code, seconds: (performance.now() - begun) / 1000 };
}

/** Deaths before the usual deadline, which is 10 s away. */
function assertAtOnce(seconds: number): void {
  assertLess(seconds, 5);
}

describe("shutdown() with the event loop stuck in", () => {
  for (const way of WAYS) {
    it(`${way}: a second SIGTERM, a second after the first, kills at once [api: Copies]`, async () => {
      const program = await stuck(way);
      await take(program.pid, "SIGTERM");
      await afterCopies();
      const { signal, seconds } = await endBy(program, "SIGTERM");
      program.closeInput();
      assertEquals(signal, "SIGTERM");
      assertAtOnce(seconds);
    });

    it(`${way}: the deadline kills by the first signal, without a second [api: shutdown]`, async () => {
      const program = await stuck(way, { deadline: 0.4 });
      const { signal, seconds } = await endBy(program, "SIGINT");
      program.closeInput();
      assertEquals(signal, "SIGINT");
      assertGreaterOrEqual(seconds, 0.4);
      assertAtOnce(seconds);
      assertEquals(program.stderr, "Shutdown: deadline exceeded before a deferred function ran\n");
    });

    it(`${way}: two Ctrl+C on a terminal kill at once [api: shutdown]`, async () => {
      const program = onTerminal(command("tests/programs/parent_on_terminal.ts", command(STUCK, [way], flags), flags));
      await program.until("ready ");
      await program.until("\n");
      const pid = Number(/ready (\d+)/.exec(program.stdout)![1]);
      program.write(CTRL_C);
      await program.until("^C"); // the terminal has echoed the first
      await taken(pid, NUMBERS.SIGINT);
      const begun = performance.now();
      program.write(CTRL_C);
      await program.until("killed by SIGINT");
      assertAtOnce((performance.now() - begun) / 1000);
      assertEquals((await program.ended).code, 0);
    });
  }

  for (const name of ["SIGINT", "SIGTERM"]) {
    it(`a busy loop: ${name} of a process that is not the parent kills a second after another signal [api: Copies]`, async () => {
      const program = await stuck("a busy loop");
      await take(program.pid, "SIGINT");
      await afterCopies();
      const begun = performance.now();
      await program.kill(name);
      assertEquals((await program.ended).signal, name);
      assertAtOnce((performance.now() - begun) / 1000);
    });
  }

  it("a busy loop: neither copies, SIGHUP, nor the parent's hand-over kill; the deadline does [api: Copies]", async () => {
    const program = await stuck("a busy loop", { signals: ["SIGTERM", "SIGINT", "SIGHUP"], deadline: 4 });
    const end = endBy(program, "SIGINT");
    await taken(program.pid, NUMBERS.SIGINT);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) await take(program.pid, name);
    await program.kill("SIGTERM");
    await program.kill("SIGINT");
    await afterCopies();
    await take(program.pid, "SIGHUP");
    await take(program.pid, "SIGTERM");
    const { signal, seconds } = await end;
    assertEquals(signal, "SIGINT");
    assertGreaterOrEqual(seconds, 4);
  });

  for (const way of ["a section that holds everything back", "a deferred function that never ends"]) {
    it(`${way}: the deadline kills by the first signal [api: shutdown, hold]`, async () => {
      const program = await stuck(way, { deadline: 0.4 });
      const { signal, seconds } = await endBy(program, "SIGTERM");
      assertEquals(signal, "SIGTERM");
      assertGreaterOrEqual(seconds, 0.4);
      assertAtOnce(seconds);
      const running = way.includes("deferred") ? "while 'for ever' was running" : "before a deferred function ran";
      assertEquals(program.stderr, `Shutdown: deadline exceeded ${running}\n`);
    });
  }

  it(`a busy loop: with force "never" a second signal does not kill, the deadline does [api: shutdown]`, async () => {
    const program = await stuck("a busy loop", { deadline: 3, force: "never" });
    const end = endBy(program, "SIGTERM");
    await taken(program.pid, NUMBERS.SIGTERM);
    await afterCopies();
    await take(program.pid, "SIGTERM");
    const { signal, seconds } = await end;
    assertEquals(signal, "SIGTERM");
    assertGreaterOrEqual(seconds, 3);
  });
});

describe("the deadline of shutdown()", () => {
  /** In seconds, long enough for a program to begin its end. */
  const deadline = isEmulated ? "2" : "1";

  it("leaves alarm and the interval timers to the user [api: shutdown]", async () => {
    const program = start(SHUTDOWN, ["timers"]);
    await program.until("ready");
    process.kill(program.pid, "SIGTERM");
    const { signal, stdout, stderr } = await program.ended;
    assertEquals([signal, stderr], ["SIGTERM", "Shutdown: deadline exceeded while 'look' was running\n"]);
    const lines = stdout.split("\n").slice(1, -1);
    assertEquals(lines, ["1: 1000,2000", "2: 1000,2000", "alarm: 1000", "SIGALRM"]);
  });

  for (const when of ["before", "during"]) {
    it(`is moved by extend(), ${when === "before" ? "before" : "while"} it runs [api: shutdown]`, async () => {
      const program = start(SHUTDOWN, ["extended", when, deadline]);
      await program.until("ready");
      process.kill(program.pid, "SIGTERM");
      const { signal, stdout } = await program.ended;
      assertEquals(signal, "SIGTERM");
      assertMatch(stdout, /stopping\nfinished\n$/);
    });
  }

  it("cuts deferred work off that nobody extended [api: shutdown]", async () => {
    const program = start(SHUTDOWN, ["extended", "never", deadline]);
    await program.until("ready");
    process.kill(program.pid, "SIGTERM");
    const { signal, stdout } = await program.ended;
    assertEquals(signal, "SIGTERM");
    assertMatch(stdout, /stopping\n$/);
  });
});

describe("a clean shutdown()", () => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    it(`by ${name} is a death by ${name} for the parent [api: shutdown]`, async () => {
      const program = start(SHUTDOWN, ["clean", JSON.stringify({ signals: ["SIGHUP", "SIGINT", "SIGTERM"] })]);
      await program.until("ready");
      process.kill(program.pid, name);
      const { signal, stdout, stderr } = await program.ended;
      assertEquals([signal, stderr], [name, ""]);
      assertMatch(stdout, /stopping\nfinished\n$/);
    });
  }

  it("exits with the status that `exit` says [api: shutdown]", async () => {
    const program = start(SHUTDOWN, ["clean", JSON.stringify({ exit: 3 })]);
    await program.until("ready");
    process.kill(program.pid, "SIGTERM");
    const { code, stdout } = await program.ended;
    assertEquals(code, 3);
    assertMatch(stdout, /stopping\nfinished\n$/);
  });

  it("has written everything into a pipe that is read late [api: shutdown]", async () => {
    const bytes = 4 * 1024 * 1024;
    const words = command(SHUTDOWN, ["output", String(bytes)]).map((word) => `'${word}'`).join(" ");
    const { stdout, stderr } = await shell(`{ ${words}; echo "status $?" >&2; } | { sleep 0.5; wc -c; }`);
    assertGreaterOrEqual(Number(stdout), bytes);
    assertEquals(stderr.replace("Terminated\n", ""), "written\nstatus 143\n"); // 128 + SIGTERM
  });

  for (const how of ["idle", "stuck"]) {
    it(`puts the terminal's modes back, ${how} [api: shutdown]`, async () => {
      const words = command(SHUTDOWN, ["raw", how]).map((word) => `'${word}'`).join(" ");
      const program = onTerminal(["sh", "-c", `stty -a; ${words}; echo "status $?"; stty -a`]);
      await program.until("raw ");
      await program.until("\n");
      process.kill(Number(/raw (\d+)/.exec(program.stdout)![1]), "SIGTERM");
      const { stdout } = await program.ended;
      const modes = stdout.replaceAll("\r", "").match(/^speed[^]*?-?extproc$/gm)!;
      assertStringIncludes(stdout, "status 143");
      assertEquals(modes.length, 2);
      assertStringIncludes(modes[0], " icanon");
      assertEquals(modes[1], modes[0]);
    });
  }
});

describe("resetTerminal", () => {
  it("is written whole at its greatest length, 255 bytes [api: resetTerminal]", async () => {
    const resetTerminal = "é".repeat(127) + "Z";
    const program = onTerminal(command(SHUTDOWN, ["clean", JSON.stringify({ resetTerminal })]));
    await program.until("ready ");
    await program.until("\n");
    process.kill(Number(/ready (\d+)/.exec(program.stdout)![1]), "SIGTERM");
    const { stdout } = await program.ended;
    assertEquals(stdout.slice(stdout.indexOf("é")), resetTerminal);
  });
});

describe("shutdown() as process 1 of a container", () => {
  /** The program's pid as the host has it. */
  const inside = (outer: number): number => childrenOf(outer)[0];

  unlessEmulated("exits with 128 + the signal's number, its work done [api: shutdown]", async () => {
    const program = start(SHUTDOWN, ["clean"], { wrapper: asProcess1() });
    await program.until("ready 1\n");
    process.kill(inside(program.pid), "SIGTERM");
    const { code, signal, stdout } = await program.ended;
    assertEquals([code, signal], [128 + 15, null]);
    assertMatch(stdout, /stopping\nfinished\n$/);
  });

  unlessEmulated("stuck, is ended by a second signal with 128 + its number [api: shutdown]", async () => {
    const program = start(STUCK, ["a busy loop"], { wrapper: asProcess1(), flags });
    await program.until("ready 1\n");
    const pid = inside(program.pid);
    await take(pid, "SIGTERM");
    await afterCopies();
    const { code, signal, seconds } = await endBy(program, "SIGINT", pid);
    assertEquals([code, signal], [128 + 2, null]);
    assertAtOnce(seconds);
  });

  unlessEmulated(
    "stuck, is ended by the deadline with 128 + the first signal's number [api: shutdown]",
    async () => {
      const program = start(STUCK, ["a busy loop", JSON.stringify({ deadline: 0.4 })], {
        wrapper: asProcess1(),
        flags,
      });
      await program.until("ready 1\n");
      const { code, signal, seconds } = await endBy(program, "SIGINT", inside(program.pid));
      assertEquals([code, signal], [128 + 2, null]);
      assertGreaterOrEqual(seconds, 0.4);
      assertAtOnce(seconds);
    },
  );
});

describe("deferred work", () => {
  it("runs newest first, each awaited, past errors, which are reported [api: shutdown]", async () => {
    const program = start(SHUTDOWN, ["order"]);
    await program.until("ready");
    process.kill(program.pid, "SIGTERM");
    const { signal, stdout, stderr } = await program.ended;
    assertEquals(signal, "SIGTERM");
    assertEquals(stdout.split("\n").slice(1, -1), [
      `aborted: SignalError SIGTERM from ${process.pid}`,
      "newest",
      "added meanwhile",
      "slow begins",
      "slow ends",
      "oldest",
      "done: SIGTERM",
    ]);
    assertMatch(stderr, /rejects failed:[^]*rejected on purpose[^]*throws failed:[^]*thrown on purpose/);
  });

  it("of a second shutdown() without options joins that of the first [api: Others]", async () => {
    const program = start(SHUTDOWN, ["joins"]);
    await program.until("ready");
    process.kill(program.pid, "SIGTERM");
    const { code, stdout } = await program.ended;
    assertEquals(code, 7);
    assertEquals(stdout.split("\n").filter((line) => !line.startsWith("ready")), ["true", "second", "first", ""]);
  });

  it("is forgotten with a shutdown that was cancelled, and its signals are free again [api: cancel]", async () => {
    const program = start(SHUTDOWN, ["cancelled"]);
    await program.until("ready");
    process.kill(program.pid, "SIGUSR2");
    const { code, stdout } = await program.ended;
    assertEquals(code, 8);
    assertEquals(stdout.split("\n").filter((line) => !line.startsWith("ready")), [
      "true",
      "default true",
      "second",
      "",
    ]);
  });
});
