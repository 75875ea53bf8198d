/** A program that ends gracefully, and logs each step. plain.js is the control. Arguments, each NAME=VALUE:
 *   log=FILE         lines "ready PID", "begin", "end" are appended, and "rest" by the function deferred before
 *   signals=A,B      of the shutdown
 *   ms=500           how long the deferred function takes; "forever"
 *   options={}       further options of shutdown(), as JSON
 *   meanwhile=WAY    what else the deferred function does: see WAYS
 *   hooks=yes        lines "exit CODE" of process.on("exit") and "unload" are appended
 *   terminal=WAY     changes the terminal: see TERMINAL
 *   stuck=WAY        blocks the main thread once it is ready: see BLOCKING */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import process from "node:process";
import * as signal from "../../../mod.ts";

const given = Object.fromEntries(process.argv.slice(2).map((word) => /^(\w+)=(.*)$/s.exec(word)!.slice(1)));
const { log, signals = "SIGTERM,SIGINT", ms = "500", options = "{}", meanwhile, hooks, terminal, stuck } = given;
const say = (line: string): void => appendFileSync(log, `${line}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ways to block the event loop for good. */
const BLOCKING: Record<string, () => unknown> = {
  "busy loop": () => {
    for (;;);
  },
  "Atomics.wait": () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  execFileSync: () => execFileSync("env", ["--ignore-signal=INT", "--ignore-signal=TERM", "sleep", "5"]),
};

const late = (act: () => unknown) => async (): Promise<void> => {
  await pause(1500);
  act();
};
const WAYS: Record<string, () => unknown> = {
  /** As a classic daemon ends its children. */
  killpg: () => signal.killpg(0, "SIGTERM"),
  "late killpg": late(() => signal.killpg(0, "SIGTERM")),
  "late kill": late(() => signal.kill(process.pid, "SIGTERM")),
  "late process.kill": late(() => process.kill(process.pid, "SIGTERM")),
  "late process.kill 0": late(() => process.kill(0, "SIGTERM")),
  "/bin/kill 0": () => spawnSync("sh", ["-c", "trap '' TERM; kill -TERM 0"]),
  /** Output whose reader may have closed its end. */
  print: async () => {
    for (let line = 0; line < 10; line++) {
      console.log(`line ${line}`);
      console.error(`line ${line}`);
      await pause(20);
    }
  },
  "print 1 MB": () => {
    for (let line = 0; line < 1024; line++) process.stdout.write(`${"x".repeat(1023)}\n`);
  },
  ...BLOCKING,
};

const TERMINAL: Record<string, () => unknown> = {
  raw: () => process.stdin.setRawMode(true),
  /** No line editing, no echo, but Ctrl+C works: the cbreak mode of curses. */
  cbreak: () => execFileSync("stty", ["-icanon", "-echo"], { stdio: "inherit" }),
  /** As an editor sets it: the alternate screen, no cursor. */
  screen: () => process.stdout.write("\x1b[?1049h\x1b[?25l"),
};

const end = signal.shutdown({ signals: signals.split(",") as signal.SignalName[], ...JSON.parse(options) });
end.defer("the rest", () => say("rest"));
end.defer("the work", async () => {
  say("begin");
  await WAYS[meanwhile]?.();
  if (ms === "forever") await new Promise(() => {});
  await pause(Number(ms));
  say("end");
});
if (hooks) {
  process.on("exit", (code) => say(`exit ${code}`));
  globalThis.addEventListener?.("unload", () => say("unload"));
}
TERMINAL[terminal]?.();
setInterval(() => {}, 1000);
say(`ready ${process.pid}`);
BLOCKING[stuck]?.();
