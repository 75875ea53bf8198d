/** Small C programs of tests/support/c that run beside the program under test, such as a sender that is not its child,
 * or a witness that receives the same signal in C. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { arch, type End, isEmulated, numberOutside, Program, projectPath } from "./process.ts";

/** One directory for each user. It is never removed, since no test knows which is the last. */
const directory = join(tmpdir(), `posix-signal-tests-${process.getuid!()}`);

/** Compiles tests/support/c/NAME.c if its source has changed, and returns the path of the program; with `shared`, of a
 * shared object for the processor of the program under test. */
export function compile(name: string, { shared = false } = {}): string {
  const source = projectPath(`tests/support/c/${name}.c`);
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const [compiler, suffix] = shared ? [`${isEmulated ? "aarch64-linux-gnu-" : ""}gcc`, `-${arch}.so`] : ["cc", ""];
  const program = join(directory, `${name}-${hash}${suffix}`);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const made = `${program}.${process.pid}`; // several test files may compile it at once
  const { status, stderr, error } = spawnSync(compiler, [
    ...["-O1", "-Wall", "-Wextra", "-Werror", "-pthread", ...(shared ? ["-shared", "-fPIC"] : [])],
    ...["-o", made, source],
  ]);
  if (error) throw new Error(`This test wants ${compiler}: install gcc (.ci/run lists all that the tests call)`);
  if (status !== 0) throw new Error(`${compiler} ${source} failed:\n${stderr}`);
  renameSync(made, program);
  return program;
}

/** Starts a C program, with the words of `wrapper` before its command. */
export function startC(name: string, args: (string | number)[] = [], wrapper: string[] = []): Program {
  return new Program([...wrapper, compile(name), ...args.map(String)]);
}

export interface Send {
  /** How often all signals are sent. Default: once. */
  times?: number;
  /** Microseconds between two signals. Default: none. */
  gap?: number;
}

/** Sends signals from a C process: a number by kill(2), `[signal, value]` by sigqueue(3), with the value incremented at
 * each repetition. @returns the sender's pid */
export async function send(
  pid: number,
  signals: (number | [signum: number, value: number])[],
  { times = 1, gap = 0 }: Send = {},
): Promise<number> {
  const words = signals.map((signal) => {
    const [signum, ...value] = typeof signal === "number" ? [signal] : signal;
    return [numberOutside(signum, pid), ...value].join("=");
  });
  const sender = startC("sender", [pid, times, gap, ...words]);
  sender.closeInput();
  const { code, stderr }: End = await sender.ended;
  if (code !== 0) throw new Error(`sender: ${stderr}`);
  return sender.pid;
}
