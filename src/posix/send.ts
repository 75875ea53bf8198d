/** Sending: kill(2), killpg(3), raise(3), tgkill(2), sigqueue(3), pidfd_open(2), pidfd_send_signal(2).
 *
 * A signal that a call sends to this process has been handled when the call returns, unless it is held, and errors of
 * its handler propagate from the call. Signal 0 sends nothing and only checks permission and existence. */
import { INT_MAX, INT_MIN, signalNumber, wholeNumber } from "../arguments.ts";
import { checked, PosixError } from "../errors.ts";
import { native, runHandlers } from "../program.ts";
import type { SignalLike } from "../signals.ts";

const QUEUE_FULL = ", whose user has reached the limit of queued signals: see ulimit -i";
const ACTION = "send a signal";
const WITH_ZERO = { zero: true };

/** Runs the handlers that are due after a call that sent a signal. */
function sent(handlersAreDue: number): void {
  if (handlersAreDue !== 0) runHandlers();
}

/** `kill(2)`: sends `sig` to a process; to this process's group if `pid` is 0, to group `-pid` if it is negative, to
 * every process that it may signal if it is -1.
 *
 * Sent to this process, the signal has been handled when this returns, unless it is held. A signal sent from its own
 * handler is delivered once the handler has returned, as the kernel blocks a signal during its handler.
 *
 * @throws {PosixError} `ESRCH`: no such process. `EPERM`: it belongs to another user.
 * @throws {RangeError} `pid` is no whole number that fits a pid; there is no such signal.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", () => console.log("handled before kill() returns"));
 * signal.kill(process.pid, "SIGUSR1"); // => handled before kill() returns
 * signal.kill(process.ppid, 0); // sends nothing; throws ESRCH if there is no such process
 * ```
 * @see POSIX.1-2024 kill */
export function kill(pid: number, sig: SignalLike): void {
  const target = wholeNumber(pid, ACTION, "pid", INT_MIN, INT_MAX);
  const result = native().ps_kill(target, signalNumber(sig, ACTION, WITH_ZERO));
  if (result !== 0) killed(target, result);
}

/** A function of its own: handlers answer by `kill`, which is short so that it is quick before it is compiled. */
function killed(pid: number, result: number): void {
  const receiver = pid > 0 ? `process ${pid}` : pid < 0 ? `process group ${-pid}` : "its own process group";
  if (result < 0) throw new PosixError("kill", -result, receiver);
  runHandlers();
}

/** `killpg(3)`: sends `sig` to every process of a group; 0 is the group of this process.
 *
 * @throws {PosixError} `ESRCH`: no such group. `EPERM`: it belongs to another user. `EINVAL`: a negative group.
 * @throws {RangeError} As `kill`.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.killpg(0, 0); // may this process signal its own group?
 * ```
 * @see POSIX.1-2024 killpg */
export function killpg(pgid: number, sig: SignalLike): void {
  const target = wholeNumber(pgid, ACTION, "pgid", INT_MIN, INT_MAX);
  sent(checked(
    native().ps_killpg(target, signalNumber(sig, ACTION, WITH_ZERO)),
    "killpg",
    () => target < 0 ? `'pgid' must be 0 or more, got ${target}` : `process group ${target}`,
  ));
}

/** `raise(3)`: sends `sig` to the calling thread.
 *
 * @throws {RangeError} There is no such signal.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", (_signum, info) => console.log(info.codeName));
 * signal.raise("SIGHUP"); // => SI_TKILL
 * ```
 * @see POSIX.1-2024 raise */
export function raise(sig: SignalLike): void {
  sent(checked(native().ps_raise(signalNumber(sig, ACTION, WITH_ZERO)), "raise"));
}

/** `tgkill(2)`: sends `sig` to one thread of this process, by the kernel's thread ID; the main thread's is the
 * process's pid. Linux.
 *
 * @throws {PosixError} `ESRCH`: no such thread. `EINVAL`: no positive number. `ENOSYS`: not Linux.
 * @throws {RangeError} As `kill`.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", (_signum, info) => console.log(info.codeName));
 * signal.pthreadKill(process.pid, "SIGUSR1"); // => SI_TKILL
 * ```
 * @see tgkill(2), Python signal.pthread_kill */
export function pthreadKill(tid: number, sig: SignalLike): void {
  const target = wholeNumber(tid, ACTION, "tid", INT_MIN, INT_MAX);
  sent(checked(
    native().ps_thread_kill(target, signalNumber(sig, ACTION, WITH_ZERO)),
    "tgkill",
    () => target < 1 ? `'tid' must be 1 or more, got ${target}` : `thread ${target} of this process`,
  ));
}

/** `sigqueue(3)`: sends `sig` with a number, which arrives as `info.value`. Real-time signals are queued; a standard
 * signal coalesces with a pending one, and its value is lost. Linux.
 *
 * @param value A C int, -2147483648 to 2147483647.
 * @throws {PosixError} `EAGAIN`: the receiver's queue is full (RLIMIT_SIGPENDING). `ESRCH`, `EPERM` as
 * `kill`. `ENOSYS`: not Linux.
 * @throws {RangeError} `value` is no C int; otherwise as `kill`.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGRTMIN", (_signum, info) => console.log(info.value));
 * for (const value of [1, 2, 3]) signal.sigqueue(process.pid, "SIGRTMIN", value);
 * // => 1
 * // => 2
 * // => 3
 * ```
 * @see POSIX.1-2024 sigqueue */
export function sigqueue(pid: number, sig: SignalLike, value: number): void {
  const target = wholeNumber(pid, ACTION, "pid", INT_MIN, INT_MAX);
  const number = wholeNumber(value, ACTION, "value", INT_MIN, INT_MAX);
  sent(checked(
    native().ps_sigqueue(target, signalNumber(sig, ACTION, WITH_ZERO), number),
    "sigqueue",
    (code) => `process ${target}${code === "EAGAIN" ? QUEUE_FULL : ""}`,
  ));
}

/** `pidfd_open(2)`: a descriptor that refers to this one process even after its pid is reused. Linux 5.3 and newer. The
 * caller closes it: in Bun with `closeSync`. Deno cannot close a descriptor that it has not opened itself; there it
 * stays open until the program exits.
 *
 * @throws {PosixError} `ESRCH`: no such process. `EINVAL`: no positive number. `ENOSYS`: not Linux.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const pidfd = signal.pidfdOpen(process.ppid);
 * signal.pidfdSendSignal(pidfd, 0); // throws ESRCH once the parent is gone, even if its pid is reused
 * ```
 * @see pidfd_open(2) */
export function pidfdOpen(pid: number): number {
  const target = wholeNumber(pid, "open a process", "pid", INT_MIN, INT_MAX);
  return checked(
    native().ps_pidfd_open(target),
    "pidfd_open",
    () => target < 1 ? `'pid' must be 1 or more, got ${target}` : `process ${target}`,
  );
}

/** `pidfd_send_signal(2)`: sends `sig` to the process behind a descriptor of `pidfdOpen`. Linux.
 *
 * @throws {PosixError} `EBADF`: no such descriptor. `ESRCH`: the process has terminated and been reaped. `EPERM`,
 * `ENOSYS`.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", () => console.log("reload"));
 * signal.pidfdSendSignal(signal.pidfdOpen(process.pid), "SIGHUP"); // => reload
 * ```
 * @see pidfd_send_signal(2), Python signal.pidfd_send_signal */
export function pidfdSendSignal(pidfd: number, sig: SignalLike): void {
  const fd = wholeNumber(pidfd, ACTION, "pidfd", INT_MIN, INT_MAX);
  sent(checked(
    native().ps_pidfd_send_signal(fd, signalNumber(sig, ACTION, WITH_ZERO)),
    "pidfd_send_signal",
    () => `descriptor ${fd}, which must be one of pidfdOpen()`,
  ));
}
