/** Signals as an AbortSignal. */
import { signalSet, someSignals } from "./arguments.ts";
import { SignalError } from "./errors.ts";
import { on, type SignalsLike } from "./on.ts";

/** An `AbortSignal` whose reason is a `SignalError`.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * using interrupted = signal.abortOn("SIGINT");
 * const aborted: signal.SignalAbortSignal = interrupted.signal;
 * signal.raise("SIGINT");
 * console.log(aborted.reason.info.name); // => SIGINT
 * ```
 * @see DOM AbortSignal */
export interface SignalAbortSignal extends AbortSignal {
  /** Why it was aborted; `undefined` until then. */
  readonly reason: SignalError;
}

const ACTION = "abort on a signal";

/** An `AbortSignal` that the first delivery of one of `sigs` aborts, for `fetch`, servers and timers. Its `reason` is a
 * `SignalError`; `info` names the signal and its sender.
 *
 * The listener stays installed until the object is disposed, so a second signal does not terminate the program during
 * its clean-up; `shutdown` offers a forced end.
 *
 * @throws {RangeError} No signal is given.
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import { setTimeout as delay } from "node:timers/promises";
 * import * as signal from "@posix/signal";
 *
 * using interrupted = signal.abortOn("SIGINT", "SIGTERM");
 * signal.raise("SIGINT"); // as Ctrl+C would
 * try {
 *   await delay(60_000, undefined, { signal: interrupted.signal });
 * } catch {
 *   console.log(interrupted.signal.reason.info.name); // => SIGINT
 * }
 * ```
 * @see DOM AbortSignal */
export function abortOn(...sigs: SignalsLike[]): { readonly signal: SignalAbortSignal } & Disposable {
  const signals = someSignals(sigs.flatMap((each) => [...signalSet(each, ACTION)]), ACTION);
  const controller = new AbortController();
  const listener = on(signals, (_signum, info) => {
    if (!controller.signal.aborted) controller.abort(new SignalError(info));
  });
  return {
    signal: controller.signal as SignalAbortSignal,
    [Symbol.dispose]() {
      listener.off();
    },
  };
}
