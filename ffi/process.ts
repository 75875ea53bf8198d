/** Node's interfaces beyond signals that Deno and Bun share: exiting, reporting errors, and stopping running code. */
import type { OutputStream } from "./backend.ts";

interface Process {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  exitCode?: number | string | null;
  exit(code: number): never;
  emit(event: "exit", code: number): boolean;
  once(event: "beforeExit" | "exit", listener: (code: number) => void): unknown;
  getBuiltinModule(name: "bun:jsc"): { drainMicrotasks(): void } | undefined;
  getBuiltinModule(name: "node:vm"): { Script: new (code: string) => Script };
  getBuiltinModule(name: "node:async_hooks"): { AsyncLocalStorage: { snapshot(): <T>(fn: () => T) => T } };
  getBuiltinModule(name: "node:timers"): Timers;
}

interface Timers {
  setInterval(fn: () => void, ms: number): { unref(): void };
  clearInterval(timer: { unref(): void }): void;
}

interface Script {
  runInThisContext(options: { timeout: number }): unknown;
}

const program = (): Process => (globalThis as unknown as { process: Process }).process;

/** Standard output and standard error, as far as the runtime can open a stream for them. */
export function outputs(): OutputStream[] {
  const made = (name: "stdout" | "stderr"): OutputStream[] => {
    try {
      return [program()[name]];
    } catch {
      return [];
    }
  };
  return [...made("stdout"), ...made("stderr")];
}

/** `Loop.finish` where a write of nothing calls back after all earlier output. `end` never calls back for a stream that
 * the program has ended itself. */
export function finishByWriting(stream: OutputStream, done: () => void): void {
  if (stream.writable) stream.write("", done);
  else done();
}

export function exit(code: number): never {
  return program().exit(code);
}

/** Runs the exit listeners of a program that finishes before its process exits. */
export function runExitListeners(code: number): void {
  program().emit("exit", code);
  (globalThis as Partial<EventTarget>).dispatchEvent?.(new Event("unload")); // not in every runtime's types
}

/** Runs pending microtasks, where the runtime can: for a program that is replaced as soon as its listeners return. */
export function runMicrotasks(): void {
  program().getBuiltinModule("bun:jsc")?.drainMicrotasks();
}

/** Reports an error as uncaught. Rethrown, Bun would show this line in place of the handler's; Node has no other
 * way. */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "undefined") throw error;
  reportError(error);
}

const running: (() => void)[] = [];
const KEY = Symbol.for("@posix/signal limited call");
let script: Script | undefined;

/** Runs `fn` under the engine's own watchdog, which stops even a loop that calls nothing.
 * @returns Whether `fn` completed. Its errors propagate. */
export function runLimited(fn: () => void, ms: number): boolean {
  Object.defineProperty(globalThis, KEY, { value: () => running.at(-1)!(), configurable: true });
  script ??= new (program().getBuiltinModule("node:vm").Script)(`globalThis[Symbol.for("${KEY.description}")]()`);
  running.push(fn);
  const depth = running.length;
  try {
    script.runInThisContext({ timeout: ms });
    return true;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw error;
  } finally {
    running.length = depth - 1; // also after the engine stopped an inner call
  }
}

/** Whether a call of `runLimited` is running. */
export const isLimited = (): boolean => running.length > 0;

/** `Loop.restoring` where stopped code may leave a snapshot's context. */
export function restoringBySnapshot<T>(fn: () => T): T {
  return program().getBuiltinModule("node:async_hooks").AsyncLocalStorage.snapshot()(fn);
}

let alive: ReturnType<typeof setInterval> | undefined;

/** Keeps the event loop alive with nothing else to do, or no longer. The interval is the longest possible, 24 days, and
 * does nothing. */
export function keepAlive(on: boolean): void {
  if (on) alive ??= setInterval(() => {}, 2 ** 31 - 1);
  else {
    clearInterval(alive);
    alive = undefined;
  }
}

/** Calls `fn` at this interval, as long as something else keeps the program alive. @returns the function that stops
 * it */
export function every(ms: number, fn: () => void): () => void {
  const { setInterval, clearInterval } = program().getBuiltinModule("node:timers");
  const timer = setInterval(fn, ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** Gives a program that finishes by itself the status 1, unless it has set one. */
export function failAtExit(): void {
  program().exitCode ||= 1;
}

/** Sets how the program exits when it finishes by itself: with a status, or through `die`, called after the exit
 * listeners. */
export function endAs(status: number, die?: () => void): void {
  const process = program();
  process.exitCode = status;
  if (die) process.once("beforeExit", () => process.once("exit", (code) => code === status && die()));
}
