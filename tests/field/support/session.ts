/** A command in a session of its own, on a real terminal or without one, and the wait status of each of its
 * descendants: tests/support/c/session.c, with a log to which the programs append. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compile } from "../../support/compile.ts";
import { Program } from "../../support/process.ts";

/** Exit status of a process: `"SIGTERM"`, or `"exit 143"`. */
export type Status = string;

export interface SessionOptions {
  /** On a pseudo-terminal. Default: pipes. */
  terminal?: boolean;
  /** The command is the foreground job of a leader that behaves as bash does, not the leader itself. */
  job?: boolean;
  cwd?: string;
  env?: Record<string, string>;
}

const SIGNAL_NAMES: Record<number, string> = {
  ...{ 1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE" },
  ...{ 15: "SIGTERM", 20: "SIGTSTP" },
};
const LIMIT_MS = 60_000;
const LOOK_MS = 5;

export class Session {
  /** This session's own directory, removed by `end()`. */
  readonly directory: string = mkdtempSync(join(tmpdir(), "field-"));
  readonly log: string = join(this.directory, "log");
  #program!: Program;

  /** Starts the command that `words` returns for the log's path; programs append to the log. */
  start(words: (session: Session) => string[], { terminal = false, job = false, cwd, env }: SessionOptions = {}): void {
    const place = [terminal ? "pty" : "pipe", job ? "job" : "leader"];
    this.#program = new Program([compile("session"), this.log, ...place, ...words(this)], {
      cwd: cwd ?? this.directory,
      env: { DENO_NO_UPDATE_CHECK: "1", npm_config_update_notifier: "false", ...env },
      limitMs: 2 * LIMIT_MS,
    });
  }

  /** Everything that the terminal or the pipes have printed. */
  get output(): string {
    return this.#program.stdout + this.#program.stderr;
  }

  get stderr(): string {
    return this.#program.stderr;
  }

  lines(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").split("\n").slice(0, -1) : [];
  }

  count(line: string): number {
    return this.lines().filter((other) => other === line).length;
  }

  /** Waits for a line of the log that `pattern` matches. */
  async until(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    const found = await this.wait(() => this.lines().map((line) => pattern.exec(line)).filter(Boolean)[times - 1]);
    if (found) return found;
    throw new Error(`Never in the log: ${pattern}\n${this}`);
  }

  /** Waits until `look` finds something, the session is over, or the limit has passed. */
  async wait<T>(look: () => T, limitMs = LIMIT_MS): Promise<T> {
    const limit = performance.now() + limitMs;
    for (;;) {
      const over = this.gone || performance.now() > limit;
      const found = look();
      if (found || over) return found;
      await pause(LOOK_MS);
    }
  }

  /** Waits until no descendant is left and all of their output has arrived. */
  async empty(limitMs?: number): Promise<boolean> {
    const gone = await this.wait(() => this.gone, limitMs);
    if (gone) await this.#program.ended;
    return gone;
  }

  get gone(): boolean {
    return this.count("gone") > 0;
  }

  /** The command's own pid: the runner's, or the program's. */
  async pid(): Promise<number> {
    return Number((await this.until(/^command (\d+)$/))[1]);
  }

  /** Exit status of a process that was a child of this session, original or adopted. */
  status(pid: number): Status | undefined {
    for (const line of this.lines()) {
      const [, ended, how, number] = /^ended (\d+) (killed|exited) (\d+)$/.exec(line) ?? [];
      if (Number(ended) !== pid) continue;
      return how === "killed" ? SIGNAL_NAMES[Number(number)] ?? `signal ${number}` : `exit ${number}`;
    }
  }

  /** Whether the session's directory has that file. */
  exists(name: string): boolean {
    return existsSync(join(this.directory, name));
  }

  type(text: string): void {
    const bytes = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0"));
    this.#program.write(`type ${bytes.join(" ")}\n`);
  }

  resize(rows: number, columns: number): void {
    this.#program.write(`size ${rows} ${columns}\n`);
  }

  closeTerminal(): void {
    this.#program.write("close\n");
  }

  /** Terminates the remaining processes, and removes the session's directory. */
  async end(): Promise<void> {
    this.#program.closeInput();
    await this.#program.ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  toString(): string {
    return `${this.lines().join("\n")}\n--- output:\n${this.output}`;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A process and its descendants, parents first: the targets of a service manager or a process manager. */
export function tree(pid: number): number[] {
  let below: string;
  try {
    below = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
    ).join(" ");
  } catch {
    return []; // it has ended
  }
  return [pid, ...below.split(" ").filter(Boolean).flatMap((child) => tree(Number(child)))];
}

/** kill(2); a process that has ended is no error. */
export function sendTo(pid: number, signal: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Whether a process exists and is no zombie. */
export function lives(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Runs the tasks, `atOnce` at a time, and returns their results in order. */
export async function several<T>(atOnce: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
