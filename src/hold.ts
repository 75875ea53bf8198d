/** Critical sections. */
import { isThenable, requireFunction, requireMainThread, signalSet } from "./arguments.ts";
import type { SignalsLike } from "./on.ts";
import { holdable, program, runHandlers, stateOf } from "./program.ts";

/** Holds `sigs` back, process-wide, until the section ends: `using section = hold("SIGINT")`. Sections nest; the end of
 * the last one releases the signals. Pending signals are delivered in the kernel's order before the disposal returns,
 * and errors of their handlers propagate from it.
 *
 * A held signal still starts the deadline of `shutdown`; a second keypress takes effect when the section ends.
 *
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGINT", () => console.log("handled"));
 * {
 *   using _section = signal.hold("SIGINT");
 *   signal.raise("SIGINT");
 *   console.log("undisturbed");
 *   // => undisturbed
 * } // => handled
 * ```
 * @see sigprocmask */
export function hold(sigs: SignalsLike): Disposable;
/** Holds `sigs` back while `fn` runs, or while the promise that it returns is pending; they are also released when `fn`
 * throws or rejects.
 *
 * @returns What `fn` returns.
 * @throws {TypeError} `fn` is no function.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGINT", () => console.log("handled"));
 * await signal.hold("SIGINT", async () => {
 *   signal.raise("SIGINT");
 *   await new Promise((resolve) => setTimeout(resolve, 10));
 *   console.log("saved");
 *   // => saved
 * }); // => handled
 * ```
 * @see sigprocmask */
export function hold<T>(sigs: SignalsLike, fn: () => T): T;
export function hold<T>(sigs: SignalsLike, fn?: () => T): Disposable | T {
  const signals = holdable(signalSet(sigs, "hold signals"));
  if (fn !== undefined) requireFunction(fn, "hold signals", "fn");
  requireMainThread("hold signals");
  const section = begin(signals);
  if (!fn) return section;

  let result: T;
  let lasting: boolean;
  try {
    result = fn();
    lasting = isThenable(result); // a getter may throw
  } catch (error) {
    using _end = section;
    throw error;
  }
  if (!lasting) {
    section[Symbol.dispose]();
    return result;
  }
  return endAfter(result as PromiseLike<unknown>, section) as T;
}

async function endAfter<T>(promise: PromiseLike<T>, section: Disposable): Promise<T> {
  using _end = section;
  return await promise;
}

function begin(signals: ReadonlySet<number>): Disposable {
  const states = [...signals].map(stateOf);
  const section: Disposable = {
    [Symbol.dispose]() {
      if (!states.some(({ holders }) => holders.has(section))) return; // already ended, perhaps by a `deadline`
      program().changeHeld(() => states.forEach((state) => state.release(section)));
      runHandlers();
    },
  };
  program().changeHeld(() => states.forEach((state) => state.hold(section)));
  return section;
}
