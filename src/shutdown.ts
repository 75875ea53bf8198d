/** The graceful end of a program. */
import { exit as exitProgram, flushOutput, toMask } from "../ffi/mod.ts";
import {
  isFunction,
  options as checkOptions,
  requireMainThread,
  seconds as checkSeconds,
  show,
  signalSet,
  wholeNumber,
} from "./arguments.ts";
import { checked, SignalError } from "./errors.ts";
import { on, type SignalsLike } from "./on.ts";
import { native, program } from "./program.ts";
import type { SigInfo } from "./siginfo.ts";

/** What `shutdown` takes: what begins the end, how long it may last, and how the process ends.
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
  /** What begins the end. Default: SIGTERM and SIGINT. */
  readonly signals?: SignalsLike;
  /** Seconds that the end may take; then the process dies by the signal, whatever it is doing.
   * Infinity: as long as it takes. Default: 10. */
  readonly deadline?: number;
  /** `"second"`: another of these signals, or another keypress, kills at once. `"never"`: it is
   * ignored. Default: `"second"`. */
  readonly force?: "second" | "never";
  /** `"signal"`: die by the signal that began it, as process 1 exit with 128 + its number. A number:
   * exit with that status. Default: `"signal"`. */
  readonly exit?: "signal" | number;
}

/** A graceful end that is ready; disposing of it takes it back, as long as no signal has come.
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
 * @see DOM AbortSignal; ECMAScript AsyncDisposableStack.defer */
export interface Shutdown extends Disposable {
  /** Aborted when the end begins; its reason is a `SignalError`. */
  readonly signal: AbortSignal;
  /** Has `fn` called when the end begins. The newest is called first, each is awaited, and an error in
   * one is reported and does not stop the others.
   * @param name For the report.
   * @throws {TypeError} `name` is no string, or `fn` no function. */
  defer(name: string, fn: () => unknown): void;
  /** Moves the deadline by so many seconds, 0 or more.
   * @throws {RangeError} A negative number, `NaN` or Infinity. */
  extend(seconds: number): void;
  /** Settled with the signal when all deferred functions have ended, just before the process dies. */
  readonly done: Promise<SigInfo>;
}

const NO_TIMER =
  "this user has as many signals queued as it may: see ulimit -i; a shutdown with { deadline: Infinity } needs none";
const MAX_SECONDS = 2 ** 53 / 1e9;
const ACTION = "prepare a shutdown";
let current: Shutdown | undefined;

/** Makes the process end gracefully on SIGTERM and SIGINT: the first one aborts `signal`, runs what was
 * deferred, and then the process dies by that same signal, so that its parent sees it.
 *
 * Two things hold even when JavaScript never runs again, since the C handler sees to them: the deadline,
 * and the second signal. A Ctrl+C that arrives twice because a task runner passes it on counts once.
 *
 * There is one graceful end in a process: a second call returns the first, until that is disposed. Only
 * the first call's options count.
 *
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @throws {RangeError} `signals` is empty; a negative `deadline`; an `exit` that is no status, 0 to 255.
 * @throws {Error} In a Worker.
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
  const given = checkOptions<ShutdownOptions>(options, ACTION, ["signals", "deadline", "force", "exit"]);
  const { signals: sigs = ["SIGTERM", "SIGINT"], deadline: limit = 10, force = "second", exit = "signal" } = given;
  const signals = signalSet(sigs, ACTION);
  if (signals.size === 0) throw new RangeError("Cannot prepare a shutdown: 'signals' is empty");
  const deadline = limit === Infinity ? 0 : Math.max(1e-9, checkSeconds(limit, ACTION, "deadline", MAX_SECONDS));
  if (force !== "second" && force !== "never") {
    throw new TypeError(`Cannot prepare a shutdown: 'force' must be "second" or "never", got ${show(force)}`);
  }
  if (exit !== "signal" && typeof exit !== "number") {
    throw new TypeError(
      `Cannot prepare a shutdown: 'exit' must be "signal" or a status from 0 to 255, got ${show(exit)}`,
    );
  }
  if (exit !== "signal") wholeNumber(exit, ACTION, "exit", 0, 255);
  requireMainThread(ACTION);
  return current ??= prepare(signals, deadline, force === "second", exit);
}

function prepare(signals: Set<number>, deadline: number, force: boolean, exit: "signal" | number): Shutdown {
  const controller = new AbortController();
  const deferred: { name: string; fn: () => unknown }[] = [];
  const { promise: done, resolve } = Promise.withResolvers<SigInfo>();
  let begun = false;

  const end = async (info: SigInfo) => {
    program().stayAlive();
    controller.abort(new SignalError(info));
    for (let next; (next = deferred.pop());) {
      try {
        await next.fn();
      } catch (error) {
        console.error(`Shutdown: ${next.name} failed:`, error);
      }
    }
    resolve(info);
    await new Promise<void>((turn) => setTimeout(turn)); // those who await `done` come first
    await flushOutput();
    if (exit === "signal") native().ps_die(info.signum);
    else exitProgram(exit);
  };

  const listener = on(signals, (_signum, info) => {
    if (begun) return;
    begun = true;
    void end(info);
  });
  try {
    const [timerSignal] = signals;
    checked(
      native().ps_end_arm(...toMask(signals), deadline * 1000, Number(force), timerSignal),
      "timer_create",
      (code) => code === "EAGAIN" ? NO_TIMER : undefined,
    );
  } catch (error) {
    listener.off();
    throw error;
  }

  return {
    signal: controller.signal,
    done,
    defer(name, fn) {
      if (typeof name !== "string") {
        throw new TypeError(`Cannot defer: 'name' must be a string, got ${show(name)}; it is defer(name, fn)`);
      }
      if (!isFunction(fn)) throw new TypeError(`Cannot defer: 'fn' must be a function, got ${show(fn)}`);
      deferred.push({ name, fn });
    },
    extend(seconds) {
      const more = checkSeconds(seconds, "extend the deadline", "seconds", MAX_SECONDS);
      checked(native().ps_end_extend(more * 1000), "timer_settime");
    },
    [Symbol.dispose]() {
      if (begun || current?.signal !== controller.signal) return;
      current = undefined;
      native().ps_end_disarm();
      listener.off();
    },
  };
}
