/** Waiting: pause(2), sleep(3), sigwait(3), sigwaitinfo(2), sigtimedwait(2), and `check`.
 *
 * Each call runs handlers of this module while it blocks, and their errors propagate from it. */
import { requireMainThread, seconds as checkSeconds, signalSet } from "../arguments.ts";
import { checked } from "../errors.ts";
import { holdable, isMainThread, native, program, runHandlers, stateOf } from "../program.ts";
import type { SigInfo } from "../siginfo.ts";
import type { SignalLike } from "../signals.ts";

/** The longest time that fits a signed 64-bit count of nanoseconds: 292 years. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** The C function that `check` calls once the library is open. The compilers of both engines treat a property that is
 * written once, of a constant of the same module, as a constant too: the call costs hardly more than that of an empty
 * C function (bench/calls.ts). */
const asked: { pending?: () => number } = {};

/** Runs the handlers of pending signals; for busy loops, in which the event loop cannot run them. With nothing pending
 * it costs nanoseconds. Errors of handlers propagate.
 *
 * @returns How many signals were handled. 0 in a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let stop = false;
 * signal.signal("SIGALRM", () => {
 *   stop = true;
 * });
 * signal.setitimer(signal.ITIMER_REAL, 0.05);
 *
 * let rounds = 0;
 * while (!stop) {
 *   rounds++;
 *   signal.check();
 * }
 * console.log(rounds > 0); // => true
 * ```
 * @see Python, whose interpreter checks between two bytecodes: signal, "Execution of Python signal handlers" */
export function check(): number {
  const { pending } = asked;
  if (pending === undefined) return firstCheck();
  return pending() === 0 ? 0 : runHere();
}

function firstCheck(): number {
  asked.pending = native().ps_pending;
  return check();
}

function runHere(): number {
  return runHandlers();
}

/** `pause(2)`: blocks this thread until a signal's handler has run. An ignored or held signal does not end the wait.
 * Errors of the handler propagate.
 *
 * @throws {Error} In a Worker, where no handler runs.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGALRM", () => console.log("handled"));
 * signal.setitimer(signal.ITIMER_REAL, 0.05);
 * signal.pause(); // => handled
 * console.log("awake"); // => awake
 * ```
 * @see POSIX.1-2024 pause */
export function pause(): void {
  requireMainThread("wait for a handler");
  const { deliveries } = program();
  const before = deliveries.deliveredCount;
  deliveries.blockUntil(() => deliveries.deliveredCount !== before, Infinity);
}

/** Blocks this thread for the whole time, as Python's `time.sleep`; handlers run meanwhile, and only an error of theirs
 * ends it early.
 *
 * @param seconds 0 or more, at most 292 years; fractions count to the nanosecond.
 * @throws {RangeError} A negative time, `NaN`, or more than 292 years.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGALRM", () => {
 *   throw new signal.TimeoutError("That took too long");
 * });
 * signal.setitimer(signal.ITIMER_REAL, 0.05);
 * try {
 *   signal.sleep(10);
 * } catch (error) {
 *   console.log(String(error)); // => TimeoutError: That took too long
 * }
 * ```
 * @see Python time.sleep, PEP 475 */
export function sleep(seconds: number): void {
  const time = checkSeconds(seconds, "sleep", "seconds", MAX_SECONDS);
  if (isMainThread()) program().deliveries.blockUntil(() => false, time);
  else checked(native().ps_sleep(time * 1000), "ppoll");
}

function waitFor(sigs: Iterable<SignalLike> | SignalLike, seconds: number): SigInfo | null {
  requireMainThread("wait for signals");
  const given = signalSet(sigs, "wait for signals");
  const signals = holdable(given);
  if (given.size === 0 || (signals.size === 0 && seconds === Infinity)) {
    throw new RangeError("Cannot wait for signals: there is none in the set that could end the wait");
  }
  const found = takeNext(signals, seconds);
  if (found) program().end?.taken(found.signum);
  return found ?? null;
}

function takeNext(signals: ReadonlySet<number>, seconds: number): SigInfo | undefined {
  const { deliveries } = program();
  const states = [...signals].map(stateOf);
  deliveries.confine();
  let found = deliveries.takePending(signals);
  if (found) return found;
  const releases = states.some(({ isHeld }) => !isHeld);
  const wait = {};
  program().changeHeld(() => states.forEach((state) => state.hold(wait)));
  try {
    deliveries.blockUntil(() => (found = deliveries.takePending(signals)) !== undefined, seconds);
  } finally {
    program().changeHeld(() => states.forEach((state) => state.release(wait)));
    if (releases) runHandlers(); // other signals of the set may be queued, and no wake-up follows
  }
  return found;
}

/** `sigwait(3)`: blocks this thread until one of `sigs` is delivered, and takes it: no handler runs for it, and no
 * default action is taken during the call. Before the first call and between two calls these signals act as usual, so
 * block them first with `sigprocmask`, as in Python, wherever one could be delivered then.
 *
 * @returns The signal's number.
 * @throws {RangeError} The set is empty, or no signal in it can be waited for.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const signals = ["SIGALRM", "SIGTERM"] as const;
 * signal.sigprocmask(signal.SIG_BLOCK, signals);
 * signal.setitimer(signal.ITIMER_REAL, 0.05);
 * console.log(signal.sigwait(signals) === signal.SIGALRM); // => true
 * ```
 * @see POSIX.1-2024 sigwait */
export function sigwait(sigs: Iterable<SignalLike> | SignalLike): number {
  return sigwaitinfo(sigs).signum;
}

/** `sigwaitinfo(2)`: as `sigwait`, and returns the signal's `SigInfo`.
 *
 * A signal sent by `raise` has the code `SI_TKILL` here, as in a handler; glibc's sigwaitinfo() rewrites it to
 * `SI_USER`.
 *
 * @throws {RangeError} The set is empty, or no signal in it can be waited for.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.sigprocmask(signal.SIG_BLOCK, "SIGRTMIN"); // pending until the call
 * signal.sigqueue(process.pid, "SIGRTMIN", 42);
 * console.log(signal.sigwaitinfo("SIGRTMIN").value); // => 42
 * ```
 * @see POSIX.1-2024 sigwaitinfo */
export function sigwaitinfo(sigs: Iterable<SignalLike> | SignalLike): SigInfo {
  return waitFor(sigs, Infinity)!;
}

/** `sigtimedwait(2)`: takes one pending signal of `sigs`, waiting at most `seconds`.
 *
 * @param seconds 0 polls; fractions count to the nanosecond; at most 292 years.
 * @returns The signal, or `null` when the time is over (`EAGAIN`).
 * @throws {RangeError} The set is empty; a negative time, `NaN`, or a time that is too long.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.sigtimedwait("SIGUSR1", 0.05)); // => null
 * ```
 * @see POSIX.1-2024 sigtimedwait */
export function sigtimedwait(sigs: Iterable<SignalLike> | SignalLike, seconds: number): SigInfo | null {
  return waitFor(sigs, checkSeconds(seconds, "wait for signals", "seconds", MAX_SECONDS));
}
