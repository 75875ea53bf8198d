/** Signals as an AbortSignal. */
import { signalSet } from "./arguments.ts";
import { SignalError } from "./errors.ts";
import { on, type SignalsLike } from "./on.ts";

/** An `AbortSignal` that the first of `sigs` aborts, for everything that takes one: `fetch`, servers,
 * timers. Its `reason` is a `SignalError` whose `info` says which signal came and who sent it.
 *
 * The signals stay ours until the object is disposed, so that a second one does not end the program in
 * the middle of its cleaning up; `shutdown` has a way out of that.
 *
 *     using interrupted = abortOn("SIGINT", "SIGTERM");
 *     await fetch(url, { signal: interrupted.signal }); */
export function abortOn(...sigs: SignalsLike[]): { readonly signal: AbortSignal } & Disposable {
  const signals = new Set(sigs.flatMap((each) => [...signalSet(each, "abort on a signal")]));
  if (signals.size === 0) throw new RangeError("Cannot abort on a signal: none is given");
  const controller = new AbortController();
  const listener = on(signals, (_signum, info) => {
    if (!controller.signal.aborted) controller.abort(new SignalError(info));
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      listener.off();
    },
  };
}
