/** Listeners beside the handler: any number for each signal, each removed on its own. */
import {
  isFunction,
  options as checkOptions,
  requireBoolean,
  requireTakeable,
  seconds,
  show,
  signalSet,
  someSignals,
} from "./arguments.ts";
import { TimeoutError } from "./errors.ts";
import { program, stateOf } from "./program.ts";
import type { SigInfo } from "./siginfo.ts";
import type { SignalLike } from "./signals.ts";
import type { SignalHandler, SignalState, Subscriber } from "./signal_state.ts";

/** Signals as the functions of this layer take them: one, or several.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const ends: signal.SignalsLike = new Set(["SIGTERM", signal.SIGINT] as const);
 * using _listener = signal.on(ends, (_signum, info) => console.log(info.name));
 * signal.raise("SIGTERM"); // => SIGTERM
 * ```
 * @see Python signal.sigwait, which takes any iterable */
export type SignalsLike = SignalLike | Iterable<SignalLike>;

/** Options of `on`: how long to listen, and whether that keeps the process alive.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const options: signal.OnOptions = { once: true, ref: true };
 * signal.on("SIGHUP", () => console.log("and the program ends"), options);
 * signal.raise("SIGHUP"); // => and the program ends
 * ```
 * @see DOM EventTarget.addEventListener, its options; Node Timeout.ref */
export interface OnOptions {
  /** Remove the listener after its first signal. */
  readonly once?: boolean;
  /** Keep the process alive while listening. Default: false. */
  readonly ref?: boolean;
  /** Remove the listener when this is aborted. */
  readonly signal?: AbortSignal;
}

/** A listener that is installed until `off()`, the end of its `using` block, or its `signal`'s abort.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const listener: signal.Listener = signal.on("SIGHUP", () => {});
 * console.log(listener.off(), listener.off()); // => true false
 * ```
 * @see DOM EventTarget.removeEventListener; Node Timeout.ref; ECMAScript Disposable */
export interface Listener extends Disposable {
  /** Removes the listener. Removing the last listener of a signal restores the action that the first one replaced.
   * @returns Whether it was still installed. */
  off(): boolean;
  /** Keeps the process alive while listening. */
  ref(): this;
  /** Lets the process end while listening. */
  unref(): this;
}

/** Adds the subscriber to all signals or to none. @returns the function that removes it */
function addTo(states: readonly SignalState[], subscriber: Subscriber): () => void {
  const remove = () => states.forEach((state) => state.remove(subscriber));
  try {
    for (const state of states) state.add(subscriber);
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

/** Set at its first use: a runtime loads `AbortSignal` at the first access. */
let isAborted: ((this: unknown) => boolean) | undefined;

/** An object that merely inherits from AbortSignal is refused: it would throw later, with the listener installed. */
export function checkAbortSignal(value: unknown, action: string): asserts value is AbortSignal | undefined {
  if (value === undefined) return;
  try {
    isAborted ??= Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!.get!;
    isAborted.call(value);
    return;
  } catch {
    // reported below, by our own message
  }
  throw new TypeError(`Cannot ${action}: 'signal' must be an AbortSignal, got ${show(value)}`);
}

/** Calls `listener(signum, info)` for each of `sigs`, beside the handler that `signal` installed and all other
 * listeners, in the order in which they were added. A listener removed before its turn is not called; a listener added
 * during a delivery is first called for the next signal.
 *
 * It does not keep the process alive unless `ref` says so. Removing the last listener of a signal restores the action
 * that the first one replaced, flags and mask included; a signal caught just before takes that action.
 *
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught; nothing is installed then.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * {
 *   using _reload = signal.on("SIGHUP", () => console.log("reload"));
 *   using _log = signal.on(["SIGHUP", "SIGUSR1"], (_signum, info) => console.log(info.name));
 *   signal.raise("SIGHUP");
 *   // => reload
 *   // => SIGHUP
 * }
 * console.log(signal.getsignal("SIGHUP") === signal.SIG_DFL); // => true
 * ```
 * @see EventTarget.addEventListener, which it resembles */
export function on(sigs: SignalsLike, listener: SignalHandler, options?: OnOptions): Listener {
  const signals = signalSet(sigs, "listen");
  if (!isFunction(listener)) {
    throw new TypeError(`Cannot listen: the listener must be a function, got ${show(listener)}`);
  }
  const { once = false, ref = false, signal } = checkOptions<OnOptions>(options, "listen", ["once", "ref", "signal"]);
  requireBoolean(once, "listen", "once");
  requireBoolean(ref, "listen", "ref");
  checkAbortSignal(signal, "listen");
  for (const signum of signals) requireTakeable(signum, "listen to");

  let leave: (() => void) | undefined;
  let release: (() => void) | undefined;
  const handle: Listener = {
    off() {
      if (!leave) return false;
      const go = leave;
      leave = undefined;
      signal?.removeEventListener("abort", handle.off);
      handle.unref();
      go();
      return true;
    },
    ref() {
      if (leave) release ??= program().stayAlive();
      return handle;
    },
    unref() {
      release?.();
      release = undefined;
      return handle;
    },
    [Symbol.dispose]() {
      handle.off();
    },
  };
  if (signal?.aborted) return handle;
  leave = addTo([...signals].map(stateOf), {
    deliver(info) {
      if (once) handle.off();
      return listener(info.signum, info);
    },
  });
  signal?.addEventListener("abort", handle.off, { once: true });
  if (ref) handle.ref();
  return handle;
}

/** The same listener with another `off`, which removes more than the listener. */
export function withOff(listener: Listener, off: () => boolean): Listener {
  const handle: Listener = {
    off,
    ref() {
      listener.ref();
      return handle;
    },
    unref() {
      listener.unref();
      return handle;
    },
    [Symbol.dispose]: () => void off(),
  };
  return handle;
}

/** Options of `once`: how long to wait, and an `AbortSignal` that ends the wait.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const patience: signal.OnceOptions = { timeout: 30 };
 * const info = signal.once("SIGUSR1", patience);
 * signal.raise("SIGUSR1");
 * console.log((await info).name); // => SIGUSR1
 * ```
 * @see Node events.once, its options */
export interface OnceOptions {
  /** Rejects with its reason when this is aborted. */
  readonly signal?: AbortSignal;
  /** Rejects with a `TimeoutError` after this many seconds; at most 2147483.647, 24 days. */
  readonly timeout?: number;
}

/** Waits for the first of `sigs`, and keeps the process alive meanwhile.
 *
 * @returns The delivered signal.
 * @throws {TypeError} A listener is given: `on` takes one, with `{ once: true }`.
 * @throws {TimeoutError} The `timeout` expired.
 * @throws {RangeError} No signal is given; a negative `timeout`.
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * setTimeout(() => signal.kill(process.pid, "SIGUSR1"), 10);
 * const { name, codeName } = await signal.once(["SIGUSR1", "SIGUSR2"]);
 * console.log(name, codeName); // => SIGUSR1 SI_USER
 * ```
 * @see Node events.once */
export async function once(sigs: SignalsLike, options?: OnceOptions): Promise<SigInfo> {
  if (isFunction(options)) {
    throw new TypeError(
      "Cannot wait for a signal: once() takes no listener and returns a promise; on() takes one, with { once: true }",
    );
  }
  const { signal, timeout } = checkOptions<OnceOptions>(options, "wait for a signal", ["signal", "timeout"]);
  checkAbortSignal(signal, "wait for a signal");
  const signals = someSignals(sigs, "wait for a signal");
  const ms = timeout === undefined ? undefined : seconds(timeout, "wait for a signal", "timeout", MAX_TIMEOUT) * 1000;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<SigInfo>();
  using listener = on(signals, (_signum, info) => resolve(info), { once: true, ref: true });
  const abort = () => reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = ms === undefined
    ? undefined
    : setTimeout(() => reject(new TimeoutError(`No signal came in ${timeout} seconds`)), ms);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    listener.off();
  }
}

/** The longest time that setTimeout takes: 2^31 - 1 milliseconds. */
const MAX_TIMEOUT = 2147483.647;
