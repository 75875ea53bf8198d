/** Child programs under the runtime that runs the tests, judged by their output and wait status. They start with
 * default dispositions and an empty mask, whatever the shell's are. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as signals from "../../src/signals.ts";

export const isBun = "bun" in process.versions;
export const isDeno = "deno" in process.versions;
export const isNode = !isBun && !isDeno;
export const runtimeName: "Bun" | "Deno" | "Node" = isBun ? "Bun" : isDeno ? "Deno" : "Node";

/** tests/aarch64/run.ts: the command that runs this runtime for another processor, as JSON. */
const emulated = process.env.EMULATED_RUNTIME;
export const isEmulated: boolean = emulated !== undefined;
const runtime: string[] = emulated === undefined ? [process.execPath] : JSON.parse(emulated);

/** tests/macos/run.ts: the flags that make a program take its platform for macOS, as JSON. */
const asMacos: string[] = JSON.parse(process.env.AS_MACOS ?? "[]");

/** The processor of the programs under test. */
export const arch: "aarch64" | "x86_64" = isEmulated || process.arch === "arm64" ? "aarch64" : "x86_64";

const EMULATED_SHIFT = 2;

/** The number of a program's signal outside the emulator, which reserves two more for itself: 34 in the emulated
 * program is 36 outside. Without a pid: of a program under test. */
export function numberOutside(signum: number, pid?: number): number {
  const shifts = isEmulated && signum >= 32 &&
    (pid === undefined || readlinkSync(`/proc/${pid}/exe`).includes("/qemu-"));
  return shifts ? signum + EMULATED_SHIFT : signum;
}

/** The first real-time signal of the C library, which reserves those from 32 to it. */
export const SIGRTMIN: number = signals.SIGRTMIN!;
export const RESERVED: readonly number[] = Array.from({ length: SIGRTMIN - 32 }, (_, i) => 32 + i);

/** The highest signal that can be sent. */
export const HIGHEST = 64 - (isEmulated ? EMULATED_SHIFT : 0);

/** A program is killed, and its test fails, after this time, unless the test sets a longer limit. */
const LIMIT_MS = isEmulated ? 90_000 : 30_000;

/** A path below the project's root. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The command that runs a TypeScript file under this runtime, with FFI alone permitted in Deno. */
export function command(file: string, args: string[] = [], flags?: string[]): string[] {
  const path = file.startsWith("/") ? file : projectPath(file);
  if (isBun) return [...runtime, ...asMacos, ...(flags ?? []), path, ...args];
  if (isNode) return [...runtime, ...NODE_FLAGS, ...(flags ?? []).flatMap(forNode), path, ...args];
  return [
    ...runtime,
    "run",
    "--no-check",
    "--no-prompt",
    "--quiet",
    ...asMacos,
    ...(flags ?? ["--allow-ffi"]),
    path,
    ...args,
  ];
}

/** Otherwise Node warns on standard error that FFI is experimental. */
const NODE_FLAGS = [
  "--disable-warning=ExperimentalWarning",
  `--import=${projectPath("tests/support/node/surroundings.ts")}`,
];

/** Node's equivalent of a flag of Deno; permissions are dropped. */
function forNode(flag: string): string[] {
  const [, engineFlag] = /^--v8-flags=(.*)$/.exec(flag) ?? [];
  if (engineFlag) return [engineFlag];
  return /^(-A|--(allow|deny)-.*)$/.test(flag) ? [] : [flag];
}

export interface End {
  /** The exit code, or null if it was killed by a signal. */
  code: number | null;
  /** The signal that killed it, or null. */
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  /** Runtime flags; in Deno they replace `--allow-ffi`, in Node their equivalents are used. */
  flags?: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Words before the command: `["nohup"]`, `["unshare", "--pid", "--fork"]`. */
  wrapper?: readonly string[];
  limitMs?: number;
}

/** Resets dispositions to the default, whatever the shell's are; env(1) of macOS has no such option. */
const CLEAN = spawnSync("env", ["--default-signal", "true"]).status === 0 ? ["env", "--default-signal"] : [];

/** Asked when it is used: Deno needs --allow-sys for it. */
export const isRoot = (): boolean => process.getuid!() === 0;

const unshare = (): string[] => ["unshare", ...(isRoot() ? [] : ["--map-root-user"])];

/** Words before a command that run it as process 1 of a PID namespace: as the one child of the process that is started,
 * with which it ends. */
export const asProcess1 = (): string[] => [...unshare(), "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Words before a command that run it in a mount namespace that `script` has set up. */
export function mounted(script: string): string[] {
  return [...unshare(), "--mount", "sh", "-ec", `${script}; exec "$@"`, "sh"];
}

export class Program {
  readonly pid: number;
  readonly ended: Promise<End>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  #from = 0;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(words: string[], options: Options = {}) {
    const [program, ...args] = [...CLEAN, ...words];
    this.#child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: "1", ...options.env },
    });
    this.pid = this.#child.pid!;
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => this.#grow(() => this.stdout += text));
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#grow(() => this.stderr += text));
    this.#child.stdin!.on("error", () => {}); // it may exit before it has read everything
    const limit = setTimeout(() => this.#child.kill("SIGKILL"), options.limitMs ?? LIMIT_MS);
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        clearTimeout(limit);
        this.#over = true;
        this.#grow(() => {});
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  #grow(change: () => void): void {
    change();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until standard output holds `text` beyond what earlier calls have seen. */
  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.stdout.indexOf(text, this.#from);
      if (at >= 0) {
        this.#from = at + text.length;
        return;
      }
      if (this.#over) {
        throw new Error(`The program ended without printing ${JSON.stringify(text)}:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends a signal from outside, with the shell's `kill`. */
  async kill(signal: string | number): Promise<void> {
    const outside = typeof signal === "number" ? numberOutside(signal, this.pid) : signal.replace(/^SIG/, "");
    await shell(`kill -${outside} ${this.pid}`);
  }

  /** Types into standard input. */
  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  closeInput(): void {
    this.#child.stdin!.end();
  }
}

/** Starts a TypeScript file under this runtime. */
export function start(file: string, args: string[] = [], options: Options = {}): Program {
  return new Program([...(options.wrapper ?? []), ...command(file, args, options.flags)], options);
}

/** Runs a TypeScript file to its end. */
export function run(file: string, args: string[] = [], options: Options = {}): Promise<End> {
  const program = start(file, args, options);
  program.closeInput();
  return program.ended;
}

/** Runs a shell command to its end. */
export function shell(text: string, options: Options = {}): Promise<End> {
  const program = new Program(["sh", "-c", text], options);
  program.closeInput();
  return program.ended;
}

/** A command on a pseudo-terminal of its own, as a user at a keyboard runs it. */
export function onTerminal(words: string[], options: Options = {}): Program {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // exec: a shell in between would be killed by Ctrl+C itself, and its status would hide the program's.
  return new Program(["script", "--quiet", "--flush", "--return", "--command", `exec ${quoted}`, "/dev/null"], options);
}

/** Runs a command in a process group of its own, with a parent in the same session: the kernel does not stop a process
 * of an orphaned group. It prints the command's pid first, and ends with its status.
 *
 * In Perl, since `wait -f` of bash 5.2 loops when the job ends between two of them. */
export const asJob = [
  "perl",
  "-e",
  '$| = 1; $p = fork // die; if (!$p) { setpgrp; print "pid $$\n"; exec @ARGV or die } waitpid $p, 0; exit $? >> 8',
];

/** The pid that a program started through `asJob` printed. */
export async function jobPid(program: Program): Promise<number> {
  await program.until("\n");
  return Number(/^pid (\d+)/.exec(program.stdout)![1]);
}

/** The bytes of these keys. */
export const CTRL_C = "\x03";
export const CTRL_BACKSLASH = "\x1c";
export const CTRL_Z = "\x1a";

/** A line of /proc/PID/status (or of "PID/task/TID"), in hexadecimal for the signal sets. */
export function procStatus(pid: number | string, key: string): string {
  const line = readFileSync(`/proc/${pid}/status`, "utf8").split("\n").find((line) => line.startsWith(`${key}:`));
  if (line === undefined) throw new Error(`no ${key} in /proc/${pid}/status`);
  return line.slice(key.length + 1).trim();
}

/** Whether a signal set of /proc/PID/status (SigCgt, SigIgn, SigBlk, SigPnd, ShdPnd) has a signal. */
export function procHas(pid: number | "self", key: string, signum: number): boolean {
  return (BigInt(`0x${procStatus(pid, key)}`) >> BigInt(signum - 1) & 1n) === 1n;
}

/** The children that the main thread of a process has started or adopted; none of a process that has ended. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether every thread but the main one sleeps: none has just been spawned, none is running. */
export function othersSleep(pid: number): boolean {
  const others = readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== String(pid));
  try {
    return others.every((thread) => procStatus(`${pid}/task/${thread}`, "State").startsWith("S"));
  } catch {
    return false; // a thread has just terminated: retried
  }
}

/** Waits until a signal sent to a process has been handled: it is no longer pending, and the main thread, to which the
 * kernel delivers it, has left the handler. The emulator takes a signal before its program does, and blocks all others
 * until the program's handler runs. */
export function taken(pid: number, signum: number): Promise<void> {
  const keys = ["SigPnd", "ShdPnd", "SigBlk"];
  return eventually(() => !keys.some((key) => procHas(pid, key, signum)), `signal ${signum} taken`);
}

/** The command lines of the processes above a program, by pid. */
function* runnersOf(pid: number): Generator<[pid: number, command: string]> {
  try {
    for (let parent = Number(procStatus(pid, "PPid")); parent > 1; parent = Number(procStatus(parent, "PPid"))) {
      yield [parent, readFileSync(`/proc/${parent}/cmdline`, "utf8").replaceAll("\0", " ")];
    }
  } catch {
    // macOS has no /proc; or a parent has ended
  }
}

/** Waits until each runner above a program has installed its handlers. `npm run` and `deno task` start the program first,
 * and a signal before that terminates them. */
export async function runnersReady(pid: number): Promise<void> {
  for (const [runner, command] of runnersOf(pid)) {
    if (!/^(npm run|\S*deno task) /.test(command)) continue;
    await eventually(() => procHas(runner, "SigCgt", constants.signals.SIGINT), `${command} catches SIGINT`);
  }
}

/** Waits until `condition` is true, yielding between checks; fails after the limit. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
