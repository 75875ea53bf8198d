import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../support/compile.ts";
import {
  command,
  type End,
  eventually,
  isBun,
  procStatus,
  type Program,
  projectPath,
  RESERVED,
  SIGRTMIN,
} from "../support/process.ts";
import {
  asJob,
  HIGHEST,
  jobPid,
  numberOutside,
  onTerminal,
  run as runProgram,
  runtimeName,
  shell,
  start as startProgram,
} from "../support/process.ts";

const file = "tests/programs/exit.ts";
const run = (...args: string[]): Promise<End> => runProgram(file, args);
const start = (...args: string[]): Program => startProgram(file, args);

/** Wait status and output. */
function told({ code, signal, stdout, stderr }: End): unknown[] {
  if (code === 1) throw new Error(stderr);
  return [code ?? signal, ...stdout.trimEnd().split("\n").filter((line) => line !== "")];
}

/** A death by the signal leaves no core file behind. */
const noCore = { wrapper: ["prlimit", "--core=0"] };

describe("the end by a signal", () => {
  it("follows a KeyboardInterrupt that was cleaned up after [PY-130, CPython test_keyboard_interrupt_exit_code]", async () => {
    const end = await run("keyboardInterrupt");
    assertEquals(told(end), ["SIGINT", "cleaned up"]);
    assertStringIncludes(end.stderr, "KeyboardInterrupt: Interrupted by SIGINT");
  });

  for (const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1"]) {
    it(`is what ${name} does, raised by its handler with the default action back [SH-60, signal-hook emulate_default_handler]`, async () => {
      assertEquals(told(await runProgram(file, ["emulateDefault", name], noCore)), [name, "ready"]);
    });
  }

  it("is none for SIGWINCH, SIGCHLD and SIGCONT [SH-60, signal-hook emulate_default_handler]", async () => {
    for (const name of ["SIGWINCH", "SIGCHLD", "SIGCONT"]) {
      assertEquals(told(await run("emulateDefault", name)), [0, "ready", "1 true", "2 true"]);
    }
  });

  it("is a stop for SIGTSTP, after which the handler is back [SH-60, signal-hook emulate_default_handler]", async () => {
    const program = onTerminal([...asJob, ...command(file, ["emulateDefault", "SIGTSTP"])]);
    const pid = await jobPid(program);
    for (let stops = 0; stops < 2; stops++) {
      await eventually(() => procStatus(pid, "State").startsWith("T"), "the program is stopped");
      await shell(`kill -CONT ${pid}`);
      if (stops === 0) await program.until("1 true");
    }
    const end = await program.ended;
    assertEquals(told({ ...end, stdout: end.stdout.replaceAll("\r", "") }), [
      0,
      `pid ${pid}`,
      "ready",
      "1 true",
      "2 true",
    ]);
  });

  it("comes with the second SIGTERM, though JavaScript never runs again [SH-61, signal-hook cleanup_inside_signal]", async () => {
    const program = start("softThenHard");
    await program.until("ready");
    await program.kill("SIGTERM");
    await program.until("soft");
    await new Promise((resolve) => setTimeout(resolve, 1100)); // an earlier signal would count as a copy
    assertEquals(procStatus(program.pid, "State").startsWith("Z"), false);
    await program.kill("SIGTERM");
    assertEquals(told(await program.ended), ["SIGTERM", "ready", "soft"]);
  });

  for (const from of ["internal", "external"]) {
    it(`calls the hook once and is seen by the parent, ${from} [SE-02, signal-exit all-integration-test]`, async () => {
      const names = "INT TERM ALRM ABRT VTALRM XCPU XFSZ USR2 TRAP SYS QUIT IOT IO POLL PWR STKFLT".split(" ");
      for (const name of names.map((name) => `SIG${name}`)) {
        if (isBun && name === "SIGPWR") continue; // used by the collector, and refused
        const program = startProgram(file, ["signalEnd", name, from], noCore);
        if (from === "external") {
          await program.until("ready");
          await program.kill(constants.signals[name as keyof typeof constants.signals]);
        }
        const first = { SIGIOT: "SIGABRT", SIGPOLL: "SIGIO" }[name] ?? name;
        const { signal, stdout } = await program.ended;
        const number = constants.signals[signal as keyof typeof constants.signals];
        assertEquals(
          [number, stdout.replace("ready\n", "")],
          [constants.signals[first as keyof typeof constants.signals], `hook ${first}\n`],
        );
      }
    });
  }

  it("comes after the hooks, newest first [SE-03, signal-exit signal-last.js]", async () => {
    assertEquals(told(await run("order")), ["SIGTERM", "first", "second", "last"]);
  });

  it("is the same with two copies of this module in one process [SE-03, signal-exit multiple-load.js]", async () => {
    const directory = mkdtempSync(join(tmpdir(), "posix-signal-"));
    try {
      for (const part of ["mod.ts", "src", "ffi"]) {
        cpSync(projectPath(part), join(directory, part), { recursive: true });
      }
      const flags = isBun ? [] : ["-A"];
      const end = await runProgram(file, ["twoCopies", `file://${directory}/mod.ts`], { flags });
      const [how, ...lines] = told(end);
      assertEquals([how, ...lines.sort()], ["SIGTERM", "first", "hook SIGTERM", "hook of the copy", "second"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("waits until the user's own listener has let go [SE-05, signal-exit signal-listener.js]", async () => {
    assertEquals(told(await run("userListener")), ["SIGTERM", "count 4"]);
  });

  it("is the default again when the hooks are taken out [SE-07, signal-exit unwrap.js]", async () => {
    assertEquals(told(await run("unhooked")), ["SIGTERM", "true false", "true false", "EINVAL", "unhooked"]);
  });

  it("is the default again when all listeners have left [BN-72, bun process signal listeners]", async () => {
    assertEquals(told(await run("removed")), ["SIGUSR2"]);
  });

  it("is told to the shell as 128 + the number [VF-70, LTP kill11]", async () => {
    for (const signum of [1, 2, 15, 10, 3, 6, SIGRTMIN, HIGHEST]) {
      const words = [...noCore.wrapper, ...command(file, ["die", String(signum)])].join(" ");
      const { stdout } = await shell(`${words}; echo status $?`);
      assertEquals(stdout, `status ${128 + numberOutside(signum)}\n`);
    }
  });
});

describe("the end without a signal", () => {
  it("calls no hook of shutdown(), and the runtime's with the code [SE-01, signal-exit: exits normally]", async () => {
    assertEquals(told(await run("normalEnd")), [0, "exit 0"]);
    assertEquals(told(await run("normalEnd", "32")), [32, "exit 32"]);
  });

  it("has any number of hooks, without a warning [SE-08, signal-exit many-handlers.js]", async () => {
    const end = await run("manyHooks");
    assertEquals([end.code, end.stdout.trim().split("\n").length, end.stderr], [0, 45, ""]);
  });

  it("has the status that the option or a hook gives it, and each hook runs once [SE-09, signal-exit multi-exit.js]", async () => {
    for (
      const [option, hook, value, expected] of [
        ["0", "none", "", 0],
        ["5", "none", "", 5],
        ["5", "exitCode", "7", 5],
        ["5", "exit", "7", 7],
        ["signal", "exitCode", "7", "SIGTERM"],
        ["signal", "exit", "7", 7],
      ] as const
    ) assertEquals(told(await run("exitCode", option, hook, value)), [expected, "hook"]);
  });

  it("comes at once though a handler is installed [DN-60, Deno canExitWhileListeningToSignal]", async () => {
    assertEquals(told(await run("alone")), [0, "ready"]);
  });

  it("waits for the signal with ref [DN-60, libuv signal_close_loop_alive]", async () => {
    const program = start("alone", "ref");
    await program.until("ready");
    await program.kill("SIGINT");
    assertEquals(told(await program.ended), [0, "ready", "SIGINT"]);
  });

  it("comes from a handler, after every signal there is was received [DN-61, Deno specs task signals]", async () => {
    const program = start("everySignal");
    const unhandled = isBun ? [9, 19, 30] : [9, 19];
    await program.until(`ready, without ${unhandled}.`);
    for (let signum = 1; signum <= HIGHEST; signum++) {
      if ([15, ...RESERVED, ...unhandled].includes(signum)) continue;
      await program.kill(signum);
      await program.until("Received ");
    }
    await program.kill("SIGTERM");
    await program.until("Received SIGTERM.");
    assertEquals((await program.ended).code, 0);
  });

  it("is status 1 with the error, when a handler throws and nobody catches [PY-131, CPython signalinterproctester]", async () => {
    const program = start("throwing");
    await program.until("ready");
    await program.kill("SIGHUP");
    const { code, stderr } = await program.ended;
    assertEquals(code, 1);
    assertStringIncludes(stderr, "TypeError: thrown by the handler");
    assertStringIncludes(stderr, "exit.ts");
  });

  it("is status 1 for a KeyboardInterrupt that nobody catches [PY-130, api: what handlers throw]", async () => {
    const program = start("uncaughtInterrupt");
    await program.until("ready");
    await program.kill("SIGINT");
    const { code, stderr } = await program.ended;
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Interrupted by SIGINT");
  });
});

describe("abortOn()", () => {
  for (const how of ["spinning", "waiting"]) {
    it(`tells the main task of Ctrl+C while it is ${how} [PY-132, CPython test_runners test_interrupt_wait]`, async () => {
      const program = start("mainTask", how);
      await program.until("ready");
      await program.kill("SIGINT");
      const said = how === "waiting" ? ["SignalError SIGINT"] : [];
      assertEquals(told(await program.ended), ["SIGINT", "ready", ...said, "aborted true"]);
    });
  }

  it("joins a task that is cancelled already [PY-132, CPython test_runners test_interrupt_cancelled_task]", async () => {
    assertEquals(told(await run("mainTask", "cancelled")), ["SIGINT", "ready", "cancelled before", "aborted false"]);
  });

  it("begins and ends as often as one likes, and puts SIG_IGN back [GO-40, Go TestNotifyContextStop]", async () => {
    assertEquals(told(await run("lifeCycle")), [
      0,
      "stop: caught",
      "true ignored false",
      "parent: the parent true ignored",
      "premature: false true ignored",
      "text: Received SIGHUP from process N of user N",
    ]);
  });
});

describe(`the end of ${runtimeName} itself`, () => {
  it("is not held up by a handler of ours: SIGABRT raised at exit kills [BN-71, bun process-exit-signal-handler-livelock]", async () => {
    const end = await runProgram(file, ["atExit", compile("native", { shared: true })], noCore);
    assertEquals(told(end), ["SIGABRT", "complete"]);
  });
});
