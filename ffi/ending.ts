/** What the end of a program asks of its runtime: errors that nobody caught, exit listeners, standard output that
 * nobody reads, and the promise context of other code. All of it through `process`, which every runtime has. */
import { outputs } from "./program.ts";

type Listener = (...args: unknown[]) => unknown;

/** What is used of `process`. */
interface Emitter {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): boolean;
  listeners(event: string): Listener[];
  listenerCount(event: string, ...rest: unknown[]): number;
  rawListeners(event: string): Listener[];
  getBuiltinModule(name: "node:async_hooks"): { AsyncLocalStorage: { snapshot(): <R>(fn: () => R) => R } };
  getBuiltinModule(name: "bun:jsc"): { drainMicrotasks(): void } | undefined;
}

const emitter = (): Emitter => (globalThis as unknown as { process: Emitter }).process;
const EXCEPTION = "uncaughtException";
const REJECTION = "unhandledRejection";

/** Who decides about errors that nobody caught. */
export interface ErrorOwner {
  /** Whether an error says nothing that anyone must know. */
  isNoise(error: unknown): boolean;
  /** Takes an error that no other code handles; the program goes on. */
  take(error: unknown, isRejection: boolean): void;
}

/** Hands the errors that no other code handles to `owner`, and keeps noise from everyone.
 *
 * `uncaughtExceptionMonitor` is called before the runtime looks for a handler, and is none itself: so one is added
 * only when no other is there. Bun calls it for exceptions alone; its rejections need a listener, which the functions
 * that count listeners leave out. @returns the function that stops it */
export function followErrors(owner: ErrorOwner): () => void {
  const process = emitter();
  const monitor = (error: unknown, origin: unknown): void => {
    const noise = owner.isNoise(error);
    if (!noise && process.listenerCount(EXCEPTION) > 0) return;
    const others = process.rawListeners(EXCEPTION);
    for (const other of others) process.off(EXCEPTION, other);
    const handle = (): void => {
      process.off(EXCEPTION, handle);
      for (const other of others) process.on(EXCEPTION, other);
      if (!noise) owner.take(error, origin === REJECTION);
    };
    process.on(EXCEPTION, handle);
  };
  const rejected = (reason: unknown): void => {
    if (process.listenerCount(REJECTION) === 0 && !owner.isNoise(reason)) owner.take(reason, true);
  };
  process.on("uncaughtExceptionMonitor", monitor);
  const stopRejections = process.getBuiltinModule("bun:jsc") ? followRejections(process, rejected) : () => {};
  return () => {
    process.off("uncaughtExceptionMonitor", monitor);
    stopRejections();
  };
}

/** Bun finds the rejections of an event loop's last turn after "beforeExit", and ends whatever they begin: one turn
 * more, and they are found before it. */
function followRejections(process: Emitter, rejected: Listener): () => void {
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

/** Adds a listener that `listeners` and `listenerCount` do not tell of. @returns the function that removes it */
function addHidden(process: Emitter, event: string, hidden: Listener): () => void {
  const { listeners, listenerCount, rawListeners } = process;
  const visible = (found: Listener[], of: string): Listener[] =>
    of === event ? found.filter((listener) => listener !== hidden) : found;
  const own = Object.entries({
    listeners: (of: string) => visible(listeners.call(process, of), of),
    rawListeners: (of: string) => visible(rawListeners.call(process, of), of),
    listenerCount: (of: string, ...rest: unknown[]) =>
      listenerCount.call(process, of, ...rest) - Number(of === event && (rest.length === 0 || rest[0] === hidden)),
  });
  for (const [name, value] of own) {
    Object.defineProperty(process, name, { value, configurable: true, writable: true });
  }
  process.on(event, hidden);
  return () => {
    process.off(event, hidden);
    const methods = process as unknown as Record<string, unknown>;
    for (const [name, value] of own) if (methods[name] === value) delete methods[name];
  };
}

/** Keeps noise from the listeners of rejections that are there now, and the loss of a reader from ending the
 * program. @returns the function that takes it back */
export function quieten(isNoise: (error: unknown) => boolean): () => void {
  const process = emitter();
  const others = process.rawListeners(REJECTION);
  const replaced = others.map((other) => {
    const quiet: Listener = (reason, promise) => isNoise(reason) || other.call(process, reason, promise);
    process.off(REJECTION, other);
    process.on(REJECTION, quiet);
    return { quiet, other };
  });
  const filter = (event: Event): void => {
    if (!isNoise((event as Event & { reason: unknown }).reason)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  globalThis.addEventListener?.("unhandledrejection", filter, true);
  const unread = (error: { code?: unknown }): void => {
    if (error.code !== "EPIPE") throw error;
  };
  for (const stream of outputs()) stream.on("error", unread);
  return () => {
    for (const stream of outputs()) stream.off("error", unread);
    globalThis.removeEventListener?.("unhandledrejection", filter, true);
    for (const { quiet, other } of replaced) {
      process.off(REJECTION, quiet);
      process.on(REJECTION, other);
    }
  };
}

/** Runs the listeners of a program that ends before its process does. */
export function runExitListeners(code: number): void {
  emitter().emit("exit", code);
  globalThis.dispatchEvent?.(new Event("unload"));
}

/** Runs what promises have waiting, where the runtime has a way to: for a program that is replaced as soon as its
 * listeners have returned. */
export function runMicrotasks(): void {
  emitter().getBuiltinModule("bun:jsc")?.drainMicrotasks();
}

/** @returns a function that runs others in the promise context (AsyncLocalStorage) of this call. */
export function captureContext(): <R>(fn: () => R) => R {
  return emitter().getBuiltinModule("node:async_hooks").AsyncLocalStorage.snapshot();
}
