/** Child processes, as `forward` and `stop` take them, and their state in the kernel. */
import { native } from "./program.ts";
import { INT_MAX, INT_MIN, show, wholeNumber } from "./arguments.ts";
import { PosixError } from "./errors.ts";
import { SIGKILL } from "./signals.ts";

/** A child of this process: a `ChildProcess` of `node:child_process`, a `Deno.ChildProcess`, a `Bun.Subprocess`, or
 * anything else with its pid.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // needs --allow-run and --allow-env
 * import * as signal from "@posix/signal";
 *
 * const child: signal.Child = spawn("sleep", ["60"]);
 * console.log(await signal.stop(child)); // => ended
 * ```
 * @see Node ChildProcess; Deno.ChildProcess; Bun.Subprocess */
export interface Child {
  /** Its process ID; `undefined` if it could not be spawned. */
  readonly pid?: number | undefined;
}

/** How a child terminated: one of the two is null. */
export interface Status {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The members used of the three runtimes' child objects. */
interface AnyChild extends Child {
  readonly exitCode?: number | null;
  readonly signalCode?: string | null;
  /** Deno's. */
  readonly status?: PromiseLike<Status>;
  /** Bun's. */
  readonly exited?: PromiseLike<number>;
  /** Node's. */
  once?(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
}

/** The checked pid of a child: never a value that kill(2) reads as several processes, nor this process. */
export function pidOf(child: unknown, action: string): number {
  const isObject = typeof child === "object" && child !== null;
  const given = isObject ? (child as Child).pid : child;
  if (isObject && given === undefined) {
    throw new TypeError(`Cannot ${action}: the child has no pid; it could not be started, or is no child`);
  }
  const pid = wholeNumber(given, action, "pid", INT_MIN, INT_MAX);
  const who = pid === native().ps_getpid()
    ? "this process itself"
    : pid === 1
    ? "the init process"
    : pid === 0
    ? "the group of this process"
    : pid === -1
    ? "every process"
    : pid < 0
    ? "a process group"
    : undefined;
  if (who) throw new RangeError(`Cannot ${action}: 'pid' must be that of a child, got ${show(pid)}, which is ${who}`);
  return pid;
}

/** Whether the runtime has reported the child's exit already: its pid may have been reused. */
export function hasEnded(child: unknown): boolean {
  const { exitCode, signalCode } = child as AnyChild;
  return typeof exitCode === "number" || typeof signalCode === "string";
}

/** Calls `tell` once when the runtime reports how the child terminated. @returns whether it will, which a bare pid
 * never does */
export function onEnd(child: Child, tell: (status: Status) => void): boolean {
  const any = child as AnyChild;
  const { status, exited } = any;
  if (typeof any.once === "function") any.once("exit", (code, signal) => tell({ code, signal }));
  else if (typeof status?.then === "function") {
    status.then(({ code, signal }) => tell(signal ? { code: null, signal } : { code, signal: null }), () => {});
  } else if (typeof exited?.then === "function") {
    exited.then(() => tell({ code: any.exitCode ?? null, signal: any.signalCode ?? null }), () => {});
  } else return false;
  return true;
}

const CLD_STOPPED = 5;

/** One child, even after its pid is reused: held by a pidfd where the kernel has them, closed on disposal. Elsewhere
 * waitid(2) precedes each signal and shows whether the pid is still a child's. Only this thread reaps the children
 * that it spawned, so the pid cannot be reused between the two calls. */
export class Process implements Disposable {
  readonly pid: number;
  #pidfd: number;
  #open = true;

  /** @returns `undefined`: no child of this process has that number. */
  static of(pid: number): Process | undefined {
    return native().ps_child_state(pid) < 0 ? undefined : new Process(pid);
  }

  private constructor(pid: number) {
    this.pid = pid;
    this.#pidfd = native().ps_pidfd_open(pid);
  }

  /** Also true of a child that has not been reaped yet. */
  get hasEnded(): boolean {
    if (this.#pidfd >= 0) return native().ps_pidfd_ended(this.#pidfd) === 1;
    const state = native().ps_child_state(this.pid);
    return state !== 0 && state !== CLD_STOPPED;
  }

  get isStopped(): boolean {
    return !this.hasEnded && native().ps_child_state(this.pid) === CLD_STOPPED;
  }

  /** @returns whether the signal was sent: not after the child was reaped. */
  send(signum: number, value?: number): boolean {
    if (!this.#open) return false;
    const { ps_pidfd_send_signal, ps_kill, ps_sigqueue } = native();
    const queued = value !== undefined && signum !== SIGKILL;
    if (queued || this.#pidfd < 0) { // no system call for a pidfd takes a value from here
      if (this.hasEnded) return false;
      return this.#sent(queued ? ps_sigqueue(this.pid, signum, value) : ps_kill(this.pid, signum), "kill");
    }
    return this.#sent(ps_pidfd_send_signal(this.#pidfd, signum), "pidfd_send_signal");
  }

  #sent(result: number, syscall: string): boolean {
    if (result >= 0) return true;
    const error = new PosixError(syscall, -result, `process ${this.pid}`);
    if (error.code === "ESRCH") return false;
    throw error;
  }

  [Symbol.dispose](): void {
    if (this.#open && this.#pidfd >= 0) native().ps_close(this.#pidfd);
    this.#open = false;
    this.#pidfd = -1;
  }
}
