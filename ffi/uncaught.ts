/** Uncaught errors, as the runtimes report them: through `process`, or by events of the global object. */
import type { ErrorOwner } from "./backend.ts";
import { outputs } from "./process.ts";

type Listener = ((...args: unknown[]) => unknown) & { readonly listener?: Listener };

/** The members used of `process`. */
interface Emitter {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  listeners(event: string): Listener[];
  listenerCount(event: string, ...rest: unknown[]): number;
  rawListeners(event: string): Listener[];
}

const emitter = (): Emitter => (globalThis as unknown as { process: Emitter }).process;
const EXCEPTION = "uncaughtException";
const REJECTION = "unhandledRejection";

/** For runtimes that report errors through `process`.
 *
 * `uncaughtExceptionMonitor` is called before the runtime looks for a handler and does not count as one, so a handler
 * is added only if there is no other. */
export function followExceptions({ isNoise, take }: ErrorOwner): () => void {
  const process = emitter();
  const monitor = (error: unknown, origin: unknown): void => {
    const noise = isNoise(error);
    if (!noise && process.listenerCount(EXCEPTION) > 0) return;
    const others = process.rawListeners(EXCEPTION);
    for (const other of others) process.off(EXCEPTION, other);
    const handle = (): void => {
      process.off(EXCEPTION, handle);
      for (const other of others) process.on(EXCEPTION, other);
      if (!noise) take(error, origin === REJECTION);
    };
    process.on(EXCEPTION, handle);
  };
  process.on("uncaughtExceptionMonitor", monitor);
  return () => void process.off("uncaughtExceptionMonitor", monitor);
}

/** For runtimes in which rejections are not exceptions: a separate listener, hidden from the functions that count
 * listeners.
 *
 * Bun detects the rejections of the event loop's last turn after "beforeExit", and exits even if their listeners
 * schedule work: with one more turn they are detected before. */
export function followRejections({ isNoise, take }: ErrorOwner): () => void {
  const process = emitter();
  const rejected = (reason: unknown): void => {
    if (process.listenerCount(REJECTION) === 0 && !isNoise(reason)) take(reason, true);
  };
  let turned = false;
  const turn = (): void => {
    turned = !turned;
    if (turned) setImmediate(() => {});
  };
  process.on("beforeExit", turn);
  const reveal = addHidden(process, REJECTION, rejected);
  return () => {
    process.off("beforeExit", turn);
    reveal();
  };
}

declare function setImmediate(fn: () => void): unknown;

/** Adds a listener that `listeners` and `listenerCount` do not report. @returns the function that removes it */
function addHidden(process: Emitter, event: string, hidden: Listener): () => void {
  const { listeners, listenerCount, rawListeners } = process;
  const visible = (found: Listener[]): Listener[] => found.filter((listener) => listener !== hidden);
  const methods = {
    listeners: (of: string) => visible(listeners.call(process, of)),
    rawListeners: (of: string) => visible(rawListeners.call(process, of)),
    listenerCount: (of: string, ...only: unknown[]) =>
      listenerCount.call(process, of, ...only) - Number(of === event && (only[0] ?? hidden) === hidden),
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(process, name, { value, configurable: true, writable: true });
  }
  process.on(event, hidden);
  return () => {
    process.off(event, hidden);
    const present = process as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(methods)) if (present[name] === value) delete present[name];
  };
}

/** The members used of the global object and its events. */
interface Target {
  addEventListener(type: string, listener: (event: ErrorEvents) => void, ...options: unknown[]): void;
  removeEventListener(type: string, listener: (event: ErrorEvents) => void): void;
}

interface ErrorEvents {
  readonly type: string;
  readonly defaultPrevented: boolean;
  /** Of "error". */
  readonly error: unknown;
  /** Of "unhandledrejection". */
  readonly reason: unknown;
  preventDefault(): void;
  stopImmediatePropagation(): void;
}

/** For runtimes that report errors as events: our listener is always the last, also when others are added later.
 * Listeners of `process` are called after it. */
export function followEvents({ isNoise, take }: ErrorOwner): () => void {
  const target = globalThis as unknown as Target;
  const add = target.addEventListener;
  const handle = (event: ErrorEvents): void => {
    const process = emitter(); // not before: Deno takes 30 ms to load it
    const isRejection = event.type === "unhandledrejection";
    const error = isRejection ? event.reason : event.error;
    const others = process.listenerCount(EXCEPTION) + (isRejection ? process.listenerCount(REJECTION) : 0);
    const noise = isNoise(error);
    if (event.defaultPrevented || (others > 0 && !noise)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!noise) take(error, isRejection);
  };
  const types = ["error", "unhandledrejection"];
  const moveBack = (): void => {
    for (const type of types) {
      target.removeEventListener(type, handle);
      add.call(target, type, handle);
    }
  };
  const wrapped: Target["addEventListener"] = function addEventListener(type, listener, ...options) {
    add.call(target, type, listener, ...options);
    if (types.includes(String(type))) moveBack();
  };
  target.addEventListener = wrapped;
  moveBack();
  return () => {
    for (const type of types) target.removeEventListener(type, handle);
    if (target.addEventListener === wrapped) target.addEventListener = add;
  };
}

/** Hides noise from the present listeners of rejections, and keeps the loss of a reader from terminating the program.
 * @returns the function that undoes this */
export function quieten(isNoise: (error: unknown) => boolean): () => void {
  const process = emitter();
  const replaced = new Map<Listener, Listener>();
  for (const other of process.rawListeners(REJECTION)) {
    const quiet: Listener = (reason, promise) => {
      if (isNoise(reason)) return;
      if (other.listener) { // of `once`; Bun does not tell
        process.off(REJECTION, quiet);
        replaced.delete(quiet);
      }
      other.call(process, reason, promise);
    };
    process.off(REJECTION, other);
    process.on(REJECTION, Object.assign(quiet, { listener: other.listener ?? other })); // for `off` of other code
    replaced.set(quiet, other);
  }
  const unread = (error: { code?: unknown }): void => {
    if (error.code !== "EPIPE") throw error;
  };
  for (const stream of outputs()) stream.on("error", unread);
  return () => {
    for (const stream of outputs()) stream.off("error", unread);
    const registered = process.rawListeners(REJECTION);
    for (const [quiet, other] of replaced) {
      if (!registered.includes(quiet)) continue;
      process.off(REJECTION, quiet);
      process.on(REJECTION, other);
    }
  };
}
