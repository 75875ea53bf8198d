/** Checks of arguments and of the calling thread. Values are never rounded, wrapped or guessed, and a check throws
 * before anything changes. Each message names the action, the argument, the reason and the value. */
import { isMainThread } from "./program.ts";
import { PosixError } from "./errors.ts";
import {
  isReserved,
  isSignal,
  nameOf,
  NSIG,
  numberOf,
  ownerOf,
  type SignalLike,
  SIGRTMAX,
  SIGRTMIN,
} from "./signals.ts";

/** Formats any value for an error message. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? value.slice(0, 57) + "..." : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

/** A whole number from `min` to `max`. */
export function wholeNumber(value: unknown, action: string, argument: string, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value + 0; // -0 is 0
  throw notWhole(value, action, argument, `from ${min} to ${max}`);
}

function notWhole(value: unknown, action: string, argument: string, range: string): TypeError | RangeError {
  return typeof value === "number"
    ? new RangeError(`Cannot ${action}: '${argument}' must be a whole number ${range}, got ${show(value)}`)
    : new TypeError(`Cannot ${action}: '${argument}' must be a number, got ${show(value)}`);
}

export const INT_MAX = 2 ** 31 - 1;
export const INT_MIN = -(2 ** 31);

/** A suggestion for an unknown signal name. */
function instead(name: string): string {
  const upper = name.toUpperCase();
  const meant = [upper, `SIG${upper}`].find((name) => numberOf(name) !== undefined);
  if (meant) return `did you mean ${show(meant)}?`;
  if (isSignal(Number(name))) return `did you mean the number ${Number(name)}?`;
  if (upper.startsWith("SIGRT") && SIGRTMAX) {
    return `real-time signals go from "SIGRTMIN" to "SIGRTMIN+${SIGRTMAX - SIGRTMIN!}", or down from "SIGRTMAX"`;
  }
  return "Signals lists those it has";
}

/** A signal by number or name. `zero` admits 0, which only probes; `reserved` admits signals of the C library, which
 * the caller refuses with the system's own error. */
export function signalNumber(signal: unknown, action: string, also?: Admitted): number {
  return typeof signal === "number" && isSignal(signal) ? signal : uncommonSignal(signal, action, also);
}

interface Admitted {
  zero?: boolean;
  reserved?: boolean;
}

function uncommonSignal(signal: unknown, action: string, also?: Admitted): number {
  const number = typeof signal === "string" ? numberOf(signal) : undefined;
  if (number !== undefined) return number;
  if (signal === 0 && also?.zero) return 0; // also -0
  if (also?.reserved && isReserved(signal)) return signal;
  throw noSignal(signal, action);
}

function noSignal(signal: unknown, action: string): TypeError | RangeError {
  if (typeof signal === "string") {
    return new RangeError(
      `Cannot ${action}: there is no signal ${show(signal)} on this platform; ${instead(signal)}`,
    );
  }
  if (typeof signal !== "number") {
    const advice = signal === undefined
      ? "; constants of signals that this platform lacks are undefined, as SIGINFO is on Linux"
      : "";
    return new TypeError(
      `Cannot ${action}: a signal is a number or a name such as "SIGTERM", got ${show(signal)}${advice}`,
    );
  }
  const range = NSIG === undefined ? "those of this platform are not known" : `they go from 1 to ${NSIG - 1}`;
  const why = isReserved(signal) ? "belongs to the C library" : `is none: ${range}`;
  return new RangeError(`Cannot ${action}: signal ${show(signal)} ${why}`);
}

/** Limit on the entries of an iterable, far above the number of signals: stops an infinite iterable. */
const MOST_ENTRIES = 10_000;

/** Signals from an iterable, or a single signal. */
export function signalSet(signals: unknown, action: string): Set<number> {
  if (typeof signals === "number" || typeof signals === "string") return new Set([signalNumber(signals, action)]);
  // deno-lint-ignore no-explicit-any
  if (typeof (signals as any)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`Cannot ${action}: expected a signal or an iterable of signals, got ${show(signals)}`);
  }
  const set = new Set<number>();
  let count = 0;
  for (const signal of signals as Iterable<SignalLike>) {
    set.add(signalNumber(signal, action));
    if (++count > MOST_ENTRIES) {
      throw new RangeError(`Cannot ${action}: the iterable must be finite, and has more than ${MOST_ENTRIES}`);
    }
  }
  return set;
}

/** Signals as `signalSet`, and at least one. */
export function someSignals(signals: unknown, action: string): Set<number> {
  const set = signalSet(signals, action);
  if (set.size === 0) throw new RangeError(`Cannot ${action}: no signal is given`);
  return set;
}

/** Refuses signals that cannot be caught, and threads that run no handlers. */
export function requireTakeable(signum: number, action: string): void {
  const name = nameOf(signum);
  const owner = ownerOf(signum);
  if (owner) {
    const signal = name ?? `signal ${signum}`;
    throw new PosixError("sigaction", "EINVAL", `cannot ${action} ${signal}: it belongs to ${owner}`);
  }
  requireMainThread(`${action} ${name}`);
}

/** Dispositions, masks and handlers belong to the process; only its main thread manages them. */
export function requireMainThread(action: string): void {
  if (isMainThread()) return;
  throw new Error(
    `Cannot ${action} in a Worker: dispositions and masks belong to the whole process, and handlers run on its main ` +
      "thread; call it on the main thread, and post a message to it",
  );
}

/** Seconds, fractions allowed, from 0 to `max`. */
export function seconds(value: unknown, action: string, argument: string, max: number): number {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot ${action}: '${argument}' must be a number of seconds, got ${show(value)}`);
  }
  if (!(value >= 0)) {
    throw new RangeError(`Cannot ${action}: '${argument}' must be 0 or more, got ${show(value)}`);
  }
  if (value > max) {
    throw new RangeError(`Cannot ${action}: '${argument}' must be at most ${max} seconds, got ${show(value)}`);
  }
  return value;
}

export function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function";
}

export function requireFunction(value: unknown, action: string, argument: string): void {
  if (!isFunction(value)) {
    throw new TypeError(`Cannot ${action}: '${argument}' must be a function, got ${show(value)}`);
  }
}

/** Nothing that is merely truthy. */
export function requireBoolean(value: unknown, action: string, argument: string): void {
  if (typeof value !== "boolean") {
    throw new TypeError(`Cannot ${action}: '${argument}' must be true or false, got ${show(value)}`);
  }
}

/** Its getter of `then` may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isFunction((value as { then?: unknown } | null | undefined)?.then);
}

/** An options object. Unknown keys are refused, so that a misspelt option is not silently ignored. */
export function options<T extends object>(value: unknown, action: string, keys: readonly (keyof T & string)[]): T {
  if (value === undefined) return {} as T;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Cannot ${action}: options are an object, got ${show(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (!(keys as readonly string[]).includes(key)) {
      throw new TypeError(`Cannot ${action}: there is no option '${key}'; there are ${keys.join(", ")}`);
    }
  }
  return value as T;
}
