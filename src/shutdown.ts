/** Graceful shutdown: the public function and its options. ending.ts carries it out. */
import { layout } from "../ffi/mod.ts";
import type { SignalAbortSignal } from "./abort.ts";
import {
  options as checkOptions,
  requireBoolean,
  requireMainThread,
  seconds as checkSeconds,
  show,
  signalSet,
  wholeNumber,
} from "./arguments.ts";
import { Ending, MAX_SECONDS, type Settings } from "./ending.ts";
import type { SignalsLike } from "./on.ts";
import { program } from "./program.ts";
import type { SigInfo } from "./siginfo.ts";
import { nameOf } from "./signals.ts";

/** Options of `shutdown`: the signals that begin it, its deadline, and how the process exits.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const options: signal.ShutdownOptions = { signals: ["SIGTERM", "SIGINT", "SIGHUP"], deadline: 30, exit: 0 };
 * const end = signal.shutdown(options);
 * end.defer("the file", () => console.log("saved"));
 * signal.raise("SIGHUP");
 * await end.done; // => saved
 * ```
 * @see systemd.service(5), TimeoutStopSec; wait(2) */
export interface ShutdownOptions {
  /** The signals that begin the shutdown. A signal that was ignored when the process started stays ignored, as `nohup`
   * and a shell's `&` require. Default: SIGTERM and SIGINT. */
  readonly signals?: SignalsLike;
  /** Seconds that the shutdown may take; then the process is killed by the signal, whatever it is doing. Infinity: no
   * limit. Default: 10. */
  readonly deadline?: number;
  /** `"second"`: a second keypress kills at once, and so does another of these signals, sent by a process a second
   * or more after the first. `"never"`: only the deadline kills. Default: `"second"`. */
  readonly force?: "second" | "never";
  /** `"signal"`: terminate by the signal that began it; as process 1, exit with 128 + its number. A number: exit with
   * that status, or with 1 in place of 0 if a deferred function failed. Default: `"signal"`. */
  readonly exit?: "signal" | number;
  /** Whether an uncaught error or rejection that no other code handles begins the shutdown, with status 1. Default:
   * true. */
  readonly uncaught?: boolean;
  /** A sequence written to the terminal when its modes are restored, such as `"\x1b[?25h"`, which shows the cursor: at
   * most 255 bytes. Default: nothing. */
  readonly resetTerminal?: string;
}

/** A prepared graceful shutdown.
 *
 * With `await using` a program that finishes by itself runs the same clean-up: at the end of the scope, by return or by
 * throw, the deferred functions run and the shutdown is cancelled. A shutdown that has begun already is awaited there,
 * and the process exits; an uncaught error while the scope ends exits with status 1. If a deferred function failed, that
 * is the status of a program that sets none. There is no `Symbol.dispose`, since a clean-up may be asynchronous.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const end: signal.Shutdown = signal.shutdown({ exit: 0 });
 * end.signal.addEventListener("abort", () => console.log(end.signal.reason.info.name));
 * end.defer("the database", () => console.log("closed last"));
 * end.defer("the server", async () => {
 *   end.extend(5); // there is more to do than usual
 *   console.log("drained first");
 * });
 * signal.raise("SIGTERM");
 * await end.done;
 * // => SIGTERM
 * // => drained first
 * // => closed last
 * ```
 * @see DOM AbortSignal; ECMAScript AsyncDisposableStack */
export interface Shutdown extends AsyncDisposable {
  /** Aborted when the shutdown begins. Its reason is a `SignalError`; if no signal began it, `info` has signum 0, the
   * null signal. */
  readonly signal: SignalAbortSignal;
  /** Registers `fn` to be called during the shutdown. The newest function is called first, each is awaited, and an
   * error is reported and does not stop the others.
   * @param name Named in the report of an error, and in that of an expired deadline.
   * @throws {TypeError} `name` is no string, or `fn` no function.
   * @throws {Error} The shutdown is over, or was cancelled. */
  defer(name: string, fn: () => unknown): void;
  /** Moves the deadline by this many seconds, 0 or more.
   * @throws {RangeError} A negative number, `NaN` or Infinity. */
  extend(seconds: number): void;
  /** Begins the shutdown without a signal; then the process exits with `status`, or with 1 in place of 0 if a deferred
   * function failed. No effect on a shutdown that has begun.
   * @throws {RangeError} `status` is no whole number from 0 to 255.
   * @throws {Error} The shutdown is over, or was cancelled. */
  begin(status?: number): void;
  /** Cancels the shutdown: no deferred function runs, and the previous actions of its signals are restored.
   * @returns Whether it was cancelled: false once the shutdown has begun. */
  cancel(): boolean;
  /** Resolves with the signal when all deferred functions have finished, just before the process exits; with `null` if
   * no signal began the shutdown, or if it was cancelled. Reading it keeps the process alive. */
  readonly done: Promise<SigInfo | null>;
  /** Runs the deferred functions and cancels the shutdown, or waits for one that has begun. */
  [Symbol.asyncDispose](): Promise<void>;
}

const MAX_RESET_BYTES: number = layout.constants.PS_RESET_BYTES;
const ACTION = "prepare a shutdown";
const KEYS = ["signals", "deadline", "force", "exit", "uncaught", "resetTerminal"] as const;

/** Shuts the process down gracefully on SIGTERM and SIGINT: the first one aborts `signal` and runs the deferred
 * functions. Then the program's exit listeners run, output is flushed, the terminal's modes are restored to those at
 * the call of `shutdown`, and the process is killed by that same signal, so that its parent sees it.
 *
 * The deadline, the forced end and the terminal need no JavaScript: the C handler sees to them. Copies of one request
 * count once: a Ctrl+C that a task runner forwards, a signal to the process group, the parent's first SIGTERM after it.
 *
 * An uncaught error begins the shutdown as well, with status 1; during the shutdown it is reported, and the shutdown
 * continues. An error that only reports that `signal` was aborted is dropped.
 *
 * A program has one shutdown: a second call, without options or with the same ones, returns the first.
 *
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @throws {RangeError} `signals` is empty; a negative `deadline`; an `exit` that is no status, 0 to 255; a
 *   `resetTerminal` over 255 bytes.
 * @throws {Error} In a Worker; a shutdown with other options is prepared already.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const end = signal.shutdown({ deadline: 5 });
 * end.defer("the work", () => console.log("finished"));
 * signal.raise("SIGTERM");
 * await end.done; // => finished
 * // => killed by SIGTERM
 * ```
 * @see signal(7), "killed by SIGTERM" of wait(2); systemd.kill(5) */
export function shutdown(options?: ShutdownOptions): Shutdown {
  const given = checkOptions<ShutdownOptions>(options, ACTION, KEYS);
  const settings = checkSettings(given);
  requireMainThread(ACTION);
  const current = program().end;
  if (!current) return new Ending(settings);
  const other = KEYS.find((key) => given[key] !== undefined && !isSame(settings[key], current.settings[key]));
  if (other === undefined) return current;
  throw new Error(
    `Cannot ${ACTION}: there is one already, with '${other}' ${showSetting(current.settings[other])}; call ` +
      "shutdown() without options to join it, or cancel() it first",
  );
}

function checkSettings(given: ShutdownOptions): Settings {
  const { signals: sigs = ["SIGTERM", "SIGINT"], deadline = 10, force = "second", exit = "signal" } = given;
  const { uncaught = true, resetTerminal = "" } = given;
  const signals = signalSet(sigs, ACTION);
  if (signals.size === 0) throw new RangeError(`Cannot ${ACTION}: 'signals' is empty`);
  if (deadline !== Infinity) checkSeconds(deadline, ACTION, "deadline", MAX_SECONDS);
  if (force !== "second" && force !== "never") {
    throw new TypeError(`Cannot ${ACTION}: 'force' must be "second" or "never", got ${show(force)}`);
  }
  if (exit !== "signal" && typeof exit !== "number") {
    throw new TypeError(
      `Cannot ${ACTION}: 'exit' must be "signal" or a status from 0 to 255, got ${show(exit)}`,
    );
  }
  if (exit !== "signal") wholeNumber(exit, ACTION, "exit", 0, 255);
  requireBoolean(uncaught, ACTION, "uncaught");
  if (typeof resetTerminal !== "string") {
    throw new TypeError(`Cannot ${ACTION}: 'resetTerminal' must be a string, got ${show(resetTerminal)}`);
  }
  const resetBytes = new TextEncoder().encode(resetTerminal).length;
  if (resetBytes > MAX_RESET_BYTES) {
    throw new RangeError(
      `Cannot ${ACTION}: 'resetTerminal' must have at most ${MAX_RESET_BYTES} bytes, got ${resetBytes}`,
    );
  }
  return { signals, deadline, force, exit, uncaught, resetTerminal };
}

function isSame(one: Settings[keyof Settings], other: Settings[keyof Settings]): boolean {
  if (one instanceof Set && other instanceof Set) return one.size === other.size && one.isSubsetOf(other);
  return one === other;
}

function showSetting(value: Settings[keyof Settings]): string {
  return value instanceof Set ? [...value].map(nameOf).join(", ") : show(value);
}
