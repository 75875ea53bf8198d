/** A limit on synchronous work. */
import { runLimited } from "../ffi/mod.ts";
import { isThenable, requireFunction, seconds as checkSeconds } from "./arguments.ts";
import { TimeoutError } from "./errors.ts";
import { program } from "./program.ts";

/** The longest timeout of the engine's watchdog: 2^31 - 1 milliseconds. */
const MAX_SECONDS = 2147483.647;
const AsyncFunction = (async () => {}).constructor;
const AsyncGeneratorFunction = (async function* () {}).constructor;

/** Runs the synchronous `fn` and stops it with a `TimeoutError` at the deadline, even in a busy loop
 * that never calls `check`.
 *
 * The engine's own watchdog stops `fn` between any two operations: its `catch` and `finally` blocks and its `using`
 * disposals are **skipped**, and data may stay half changed. A blocking native call is stopped only when it returns.
 * Deadlines nest; the earlier one applies.
 *
 * The watchdog has limits. On Bun it never stops an endless loop in WebAssembly, and stops a regular expression up to a
 * second late. On Deno a deadline that expires inside `node:sqlite` terminates the program.
 *
 * @param seconds 0 or more, where 0 expires at once; fractions count to the millisecond, rounded up.
 * @returns What `fn` returns. Errors of `fn` propagate.
 * @throws {TimeoutError} `fn` did not finish in time.
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
  requireFunction(fn, "set a deadline", "fn");
  if (fn instanceof AsyncFunction || fn instanceof AsyncGeneratorFunction) throw asynchronous();
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
  if (isThenable(value)) throw asynchronous();
  return value;
}

function asynchronous(): TypeError {
  return new TypeError(
    "Cannot set a deadline: 'fn' is asynchronous, and what it does after its first await cannot be stopped; " +
      "pass it an AbortSignal.timeout() instead",
  );
}
