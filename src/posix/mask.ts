/** Masks: sigprocmask(2), pthread_sigmask(3), sigpending(2).
 *
 * These runtimes run many threads, and a signal blocked in the kernel's mask of one thread is delivered to another. So
 * `sigprocmask` here applies to the process: a held signal is caught, queued, and delivered on release. */
import { layout, readMask, toMask } from "../../ffi/mod.ts";
import { requireMainThread, show, signalSet } from "../arguments.ts";
import { checked, PosixError } from "../errors.ts";
import { holdable, isMainThread, native, program, runHandlers, stateOf } from "../program.ts";
import type { SignalState } from "../signal_state.ts";
import type { SignalLike } from "../signals.ts";

const { constants } = layout;
/** Adds to the mask: `how` of `sigprocmask` and `pthreadSigmask`.
 * @see POSIX.1-2024 <signal.h> */
export const SIG_BLOCK: number = constants.SIG_BLOCK;
/** Removes from the mask: `how` of `sigprocmask` and `pthreadSigmask`.
 * @see POSIX.1-2024 <signal.h> */
export const SIG_UNBLOCK: number = constants.SIG_UNBLOCK;
/** Replaces the mask: `how` of `sigprocmask` and `pthreadSigmask`.
 * @see POSIX.1-2024 <signal.h> */
export const SIG_SETMASK: number = constants.SIG_SETMASK;

function checkHow(how: unknown, syscall: string): void {
  if (typeof how !== "number") {
    throw new TypeError(`Cannot set the mask: 'how' must be SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK, got ${show(how)}`);
  }
  if (how !== SIG_BLOCK && how !== SIG_UNBLOCK && how !== SIG_SETMASK) {
    throw new PosixError(syscall, "EINVAL", `'how' must be SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK, got ${show(how)}`);
  }
}

/** Whether `sigprocmask` holds the signal. */
const isBlocked = ({ holders }: SignalState): boolean => holders.has(program());

/** The mask of this thread alone, before and after. */
function threadMask(how: number, signals: ReadonlySet<number>): Set<number> {
  const old = new Uint8Array(8);
  checked(native().ps_sigmask(how, ...toMask(signals), old), "pthread_sigmask");
  return readMask(old);
}

/** `sigprocmask(2)` for the **whole process**: while blocked, a signal reaches no thread's handler and takes no default
 * action; it is pending, and delivered on release before this returns. Standard signals are pending once, with the
 * first siginfo; real-time signals are all queued, in order.
 *
 * SIGKILL, SIGSTOP and the signals that the JavaScript engine uses itself are silently left out. A signal that was
 * blocked when the program was started counts as blocked here, and can be released.
 *
 * @param how `SIG_BLOCK`, `SIG_UNBLOCK` or `SIG_SETMASK`.
 * @returns The set before.
 * @throws {PosixError} `EINVAL`: another `how`.
 * @throws {RangeError} There is no such signal.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", () => console.log("handled"));
 * const before = signal.sigprocmask(signal.SIG_BLOCK, "SIGUSR1");
 * signal.raise("SIGUSR1");
 * console.log(signal.sigpending().has(signal.SIGUSR1)); // => true
 * signal.sigprocmask(signal.SIG_SETMASK, before); // => handled
 * ```
 * @see POSIX.1-2024 sigprocmask */
export function sigprocmask(how: number, sigs: Iterable<SignalLike> | SignalLike): Set<number> {
  checkHow(how, "sigprocmask");
  const signals = holdable(signalSet(sigs, "set the mask"));
  requireMainThread("set the process's mask");
  const before = [...program().states].filter(isBlocked).map(({ signum }) => signum).sort((a, b) => a - b);
  const after = how === SIG_SETMASK
    ? signals
    : how === SIG_BLOCK
    ? new Set([...before, ...signals])
    : new Set(before.filter((signum) => !signals.has(signum)));
  if (after.size !== before.length || before.some((signum) => !after.has(signum))) {
    program().changeHeld(() => {
      for (const signum of before) if (!after.has(signum)) stateOf(signum).release(program());
      for (const signum of after) stateOf(signum).hold(program());
    });
    runHandlers();
  } else if (program().deliveries.isDue) {
    runHandlers();
  }
  return new Set(before);
}

/** `pthread_sigmask(3)`: the kernel's mask of the calling thread **alone**. A signal sent to the process is then
 * delivered to another thread, and its handler still runs. Child processes inherit the mask of the thread that spawns
 * them. Bun's event loop waits with an empty mask of its own. To hold a signal back use `sigprocmask` or `hold`. A
 * signal that was blocked when the program was started is blocked process-wide, and counts here as well until the main
 * thread unblocks it.
 *
 * @returns The thread's mask before.
 * @throws {PosixError} `EINVAL`: another `how`.
 * @throws {RangeError} There is no such signal.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.pthreadSigmask(signal.SIG_BLOCK, "SIGUSR2");
 * console.log([...signal.pthreadSigmask(signal.SIG_UNBLOCK, "SIGUSR2")]); // => [ 12 ]
 * ```
 * @see POSIX.1-2024 pthread_sigmask */
export function pthreadSigmask(how: number, sigs: Iterable<SignalLike> | SignalLike): Set<number> {
  checkHow(how, "pthread_sigmask");
  const signals = holdable(signalSet(sigs, "set the thread's mask"));
  const before = threadMask(how, signals);
  const { inherited } = program();
  if (inherited.size === 0 || !isMainThread()) return before;
  for (const signum of inherited) if (!isBlocked(stateOf(signum))) inherited.delete(signum); // by sigprocmask
  const all = new Set([...before, ...inherited]);
  const unblocked = how === SIG_BLOCK
    ? []
    : [...inherited].filter((signum) => signals.has(signum) === (how === SIG_UNBLOCK));
  if (unblocked.length > 0) {
    for (const signum of unblocked) inherited.delete(signum);
    program().changeHeld(() => unblocked.forEach((signum) => stateOf(signum).release(program())));
    runHandlers();
  }
  return all;
}

/** `sigpending(2)`: the signals that have been sent and are not yet delivered: pending in the kernel, held by
 * `sigprocmask` or `hold`, or deferred until their own handler returns.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.sigprocmask(signal.SIG_BLOCK, "SIGTERM");
 * signal.kill(process.pid, "SIGTERM");
 * console.log(signal.sigpending().has(signal.SIGTERM)); // => true
 * ```
 * @see POSIX.1-2024 sigpending */
export function sigpending(): Set<number> {
  const kernel = new Uint8Array(8);
  checked(native().ps_sigpending(kernel), "sigpending");
  // Another thread must not drain the ring: it could not deliver the records.
  const pending = isMainThread() ? program().deliveries.pending() : [];
  return new Set([...readMask(kernel), ...pending].sort((a, b) => a - b));
}
