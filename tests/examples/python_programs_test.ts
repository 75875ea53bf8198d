/** The classic programs of Python's signal module, each run as a user runs it. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import {
  command,
  CTRL_C,
  type End,
  isBun,
  onTerminal,
  type Program,
  projectPath,
  run,
  shell,
  start,
} from "../support/process.ts";

const { signals } = constants;

const file = (name: string): string => `examples/${name}.ts`;

/** At a keyboard, with a parent that prints the program's wait status. */
function atKeyboard(name: string, args: string[] = []): Program {
  const flags = isBun ? undefined : ["-A"];
  return onTerminal(command("tests/programs/parent_on_terminal.ts", command(file(name), args), flags));
}

/** The terminal's output as the program wrote it: lines end with CR LF, and the keypress is echoed. */
function written({ stdout }: End): string[] {
  return stdout.replaceAll("\r\n", "\n").replaceAll("^C", "").trimEnd().split("\n");
}

const lines = ({ stdout }: End): string[] => stdout.trimEnd().split("\n");

/** Permissions beyond FFI; Bun has none. */
const permitted = (...flags: string[]): { flags?: string[] } => isBun ? {} : { flags: ["--allow-ffi", ...flags] };

describe("programs about Ctrl+C, at a terminal", () => {
  it("ctrl_c.ts: in a loop without await, and while waiting [programs 1]", async () => {
    const program = atKeyboard("ctrl_c");
    await program.until("end the loop");
    program.write(CTRL_C);
    await program.until("to leave");
    program.write(CTRL_C);
    assertEquals(written(await program.ended), [
      "Working. Press Ctrl+C to end the loop",
      "You pressed Ctrl+C!",
      "Waiting. Press Ctrl+C to leave",
      "You pressed Ctrl+C again. Good bye!",
      "exited with 0",
    ]);
  });

  it("ignore_ctrl_c.ts: Ctrl+C does nothing, SIGTERM kills [programs 5]", async () => {
    const program = atKeyboard("ignore_ctrl_c");
    await program.until("kill ");
    await program.until("\n");
    for (let i = 0; i < 2; i++) {
      program.write(CTRL_C);
      await program.until("^C"); // echoed after the signal was sent
    }
    const pid = /kill (\d+)/.exec(program.stdout)![1];
    await shell(`kill -TERM ${pid}`);
    assertEquals(written(await program.ended), [
      `Ctrl+C does nothing here. Stop it with: kill ${pid}`,
      "killed by SIGTERM",
    ]);
  });

  it("critical_section.ts: Ctrl+C inside is handled right after [programs 8]", async () => {
    const program = atKeyboard("critical_section", ["2"]);
    await program.until("now");
    program.write(CTRL_C);
    assertEquals(written(await program.ended), [
      "Critical section: press Ctrl+C now",
      "Ctrl+C is waiting: true",
      "Critical section done",
      "Ctrl+C handled",
      "Going on",
      "exited with 0",
    ]);
  });

  it("second_ctrl_c_kills.ts: the first is handled, the second kills by SIGINT [programs 9]", async () => {
    const program = atKeyboard("second_ctrl_c_kills");
    await program.until("Press Ctrl+C");
    program.write(CTRL_C);
    await program.until("again to quit");
    program.write(CTRL_C);
    assertEquals(written(await program.ended), [
      "Press Ctrl+C",
      "Press Ctrl+C again to quit",
      "killed by SIGINT",
    ]);
  });

  it("long_task.ts: a busy loop ends as KeyboardInterrupt [programs 11]", async () => {
    const program = atKeyboard("long_task");
    await program.until("to stop");
    program.write(CTRL_C);
    assertEquals(written(await program.ended), [
      "Computing. Press Ctrl+C to stop",
      "Stopped by the user",
      "exited with 0",
    ]);
  });
});

describe("programs about alarms and timers", () => {
  it("alarm_timeout.ts: what the handler throws comes out of sleep [programs 2]", async () => {
    const start = performance.now();
    const end = await run(file("alarm_timeout"), ["1", "20"]);
    assertEquals(lines(end), ["Sleeping 20 seconds, at most 1", "TimeoutError: It took too long"]);
    assertEquals([end.code, end.stderr, performance.now() - start < 15_000], [0, "", true]);
  });

  it("alarm_timeout.ts: without a timeout it sleeps to the end [programs 2]", async () => {
    const end = await run(file("alarm_timeout"), ["20", "0.1"]);
    assertEquals(lines(end), ["Sleeping 0.1 seconds, at most 20", "Slept to the end"]);
    assertEquals([end.code, end.stderr], [0, ""]);
  });

  it("alarm_during_sleep.ts: the sleep goes on to its end [programs 3]", async () => {
    const end = await run(file("alarm_during_sleep"), ["1", "2"]);
    assertEquals(lines(end), ["Waiting for alarm...", "Alarm triggered!", "Slept 2 seconds"]);
    assertEquals([end.code, end.stderr], [0, ""]);
  });

  it("long_task.ts: a busy loop ends by an alarm [programs 11]", async () => {
    const end = await run(file("long_task"), ["1"]);
    assertEquals(lines(end), ["Computing. Press Ctrl+C to stop", "Stopped by the alarm: Not done after 1 s"]);
    assertEquals([end.code, end.stderr], [0, ""]);
  });

  it("interval_timers.ts: periodic, processor time, and a timeout with status 1 [programs 13]", async () => {
    const end = await run(file("interval_timers"), ["0.2"]);
    assertEquals(lines(end), [
      "Tick 1",
      "Tick 2",
      "Tick 3",
      "0.2 s of processor time used: SIGVTALRM",
      "0.2 s of processor time used: SIGPROF",
      "Waiting for an answer, at most 0.2 s",
      "Timed out",
    ]);
    assertEquals([end.code, end.stderr], [1, ""]);
  });
});

describe("programs that others send signals to", () => {
  it("sigterm_cleanup.ts: releases everything, then exits with 0 [programs 4]", async () => {
    const program = start(file("sigterm_cleanup"));
    await program.until("Running");
    await program.kill("SIGTERM");
    const end = await program.ended;
    assertEquals(lines(end), [
      `Running. Stop it with: kill ${program.pid}`,
      "Received SIGTERM (15), cleaning up",
      "Released: database",
      "Released: cache",
      "Released: lock file",
    ]);
    assertEquals([end.code, end.signal, end.stderr], [0, null, ""]);
  });

  it("user_signals.ts: one handler for two signals from a shell [programs 6]", async () => {
    const program = start(file("user_signals"), ["20"]);
    await program.until("Waiting...");
    for (const name of ["SIGUSR1", "SIGUSR2", "SIGUSR1"]) {
      await program.kill(name);
      await program.until(`(${name})`);
    }
    await program.kill("SIGTERM");
    const end = await program.ended;
    assertEquals(lines(end), [
      `My PID is: ${program.pid}. Try: kill -USR1 ${program.pid}`,
      "Waiting...",
      `Received: ${signals.SIGUSR1} (SIGUSR1)`,
      `Received: ${signals.SIGUSR2} (SIGUSR2)`,
      `Received: ${signals.SIGUSR1} (SIGUSR1)`,
    ]);
    assertEquals([end.code, end.signal, end.stderr], [null, "SIGTERM", ""]);
  });

  for (const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGWINCH", "SIGQUIT"]) {
    it(`pause.ts: ${name} ends the pause [programs 7]`, async () => {
      const program = start(file("pause"));
      await program.until("\n");
      const { stdout: sender } = await shell(`echo $$; kill -${name.slice(3)} ${program.pid}`);
      const end = await program.ended;
      assertEquals(lines(end), [
        `Waiting. Send any signal to process ${program.pid}`,
        `${name} from process ${sender.trim()}`,
        "Awake again",
      ]);
      assertEquals([end.code, end.signal, end.stderr], [0, null, ""]);
    });
  }

  it("restore_at_exit.ts: handlers work, and are gone at exit [programs 10]", async () => {
    const end = await run(file("restore_at_exit"));
    assertEquals(lines(end), [
      "Received: User defined signal 1",
      "Received: Terminated",
      "Done",
      "Hangup: default",
      "Terminated: default",
      "User defined signal 1: default",
      "User defined signal 2: default",
    ]);
    assertEquals([end.code, end.stderr], [0, ""]);
  });

  it("with_worker.ts: the main thread handles signals while a Worker computes [programs 12]", async () => {
    const program = start(file("with_worker"), [], permitted("--allow-read"));
    await program.until("Computing");
    for (const name of ["SIGUSR1", "SIGUSR2"]) {
      await program.kill(name);
      await program.until(`Received ${name}`);
    }
    await program.kill("SIGTERM");
    const end = await program.ended;
    assertEquals(lines(end), [
      `Computing. Try: kill -USR1 ${program.pid}; end it with: kill ${program.pid}`,
      "Received SIGUSR1",
      "Received SIGUSR2",
      "Received SIGTERM",
      "The Worker has found primes: true",
    ]);
    assertEquals([end.code, end.signal, end.stderr], [0, null, ""]);
  });

  it("sigqueue_talk.ts: numbers go both ways between two processes [programs 14]", async () => {
    const end = await run(file("sigqueue_talk"), [], permitted("--allow-run", "--allow-env"));
    assertEquals(lines(end), ["3 squared is 9", "7 squared is 49", "12 squared is 144"]);
    assertEquals([end.code, end.stderr], [0, ""]);
  });
});

describe("examples/README.md", () => {
  it("has a line for every example", () => {
    const text = readFileSync(projectPath("examples/README.md"), "utf8");
    const present = readdirSync(projectPath("examples")).filter((name) => name.endsWith(".ts"));
    assertEquals(present.filter((name) => !text.includes(`\n| [\`${name}\`](${name}) `)), []);
  });
});
