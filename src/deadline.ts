/** A limit on synchronous work. */
import { runLimited } from "../ffi/mod.ts";
import { isFunction, seconds as checkSeconds, show } from "./arguments.ts";
import { TimeoutError } from "./errors.ts";
import { program } from "./program.ts";

/** What the engine's watchdog takes: 2^31 - 1 milliseconds. */
const MAX_SECONDS = 2147483.647;
const AsyncFunction = (async () => {}).constructor;

/** Runs the synchronous `fn` and stops it with a `TimeoutError` at the deadline, even in a busy loop
 * that never calls `check`.
 *
 * The engine's own watchdog does it, so `fn` is ended between any two operations: its `catch` and
 * `finally` blocks, and the ends of its `using` blocks, are **skipped**, and whatever it was changing
 * stays half changed. A native call that blocks is ended only when it returns. Deadlines nest; the
 * earlier one counts.
 *
 * The watchdog has limits: on Bun it never ends an endless loop in WebAssembly, and ends a regular expression up to a
 * second late; on Deno a deadline that strikes inside `node:sqlite` ends the program.
 *
 * @param seconds 0 or more, 0 being over at once; fractions count to the millisecond, rounded up.
 * @returns What `fn` returns. What it throws comes out.
 * @throws {TimeoutError} The time was over.
 * @throws {TypeError} `fn` is asynchronous: for that there is `AbortSignal.timeout`.
 * @throws {RangeError} `seconds` is negative, `NaN`, or more than 2147483.647 (24 days).
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.deadline(1, () => 6 * 7)); // => 42
 * try {
 *   signal.deadline(0.05, () => {
 *     while (true);
 *   });
 * } catch (error) {
 *   console.log(String(error)); // => TimeoutError: The call did not end within 0.05 seconds
 * }
 * ```
 * @see node:vm, the option `timeout` */
export function deadline<T>(seconds: number, fn: () => T): T {
  const limit = checkSeconds(seconds, "set a deadline", "seconds", MAX_SECONDS);
  if (!isFunction(fn)) throw new TypeError(`Cannot set a deadline: 'fn' must be a function, got ${show(fn)}`);
  if (fn instanceof AsyncFunction) throw asynchronous();
  const timeout = new TimeoutError(`The call did not end within ${limit} seconds`);
  if (limit === 0) throw timeout;
  const end = performance.now() + limit * 1000;
  let outcome: { value: T } | { error: unknown } | undefined;
  const ended = program().limited(() =>
    runLimited(() => {
      try {
        outcome = { value: fn() };
      } catch (error) {
        outcome = { error };
      }
    }, Math.max(1, Math.ceil(limit * 1000))), end);
  if (!ended || !outcome) throw timeout;
  if ("error" in outcome) throw outcome.error;
  const { value } = outcome;
  if (typeof (value as PromiseLike<unknown> | null)?.then === "function") throw asynchronous();
  return value;
}

function asynchronous(): TypeError {
  return new TypeError(
    "Cannot set a deadline: 'fn' is asynchronous, and what it does after its first await cannot be stopped; " +
      "pass it an AbortSignal.timeout() instead",
  );
}
