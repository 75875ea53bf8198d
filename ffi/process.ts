/** What Deno and Bun share with Node beyond signals: ending the program, reporting errors, and stopping running code. */
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

/** Those of standard output and standard error that the runtime can make a stream of. */
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

export function exit(code: number): never {
  return program().exit(code);
}

/** Runs the exit listeners of a program that ends before its process does. */
export function runExitListeners(code: number): void {
  program().emit("exit", code);
  (globalThis as Partial<EventTarget>).dispatchEvent?.(new Event("unload")); // not in every runtime's types
}

/** Runs what promises have waiting, where the runtime has a way to: for a program that is replaced as soon as its
 * listeners have returned. */
export function runMicrotasks(): void {
  program().getBuiltinModule("bun:jsc")?.drainMicrotasks();
}

/** Makes an error an uncaught one. Thrown again it would show this line in Bun, in place of the handler's;
 * Node has no other way. */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "undefined") throw error;
  reportError(error);
}

const running: (() => void)[] = [];
const KEY = Symbol.for("@posix/signal limited call");
let script: Script | undefined;

/** Runs `fn` under the engine's own watchdog, which stops even a loop that calls nothing.
 * @returns Whether it came to its end. What `fn` throws comes out. */
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
    running.length = depth - 1; // also where the engine stopped an inner one
  }
}

let alive: ReturnType<typeof setInterval> | undefined;

/** Whether the event loop goes on with nothing else to do. The interval is the longest there is: it
 * fires every 24 days and stands for nothing but its existence. */
export function keepAlive(on: boolean): void {
  if (on) alive ??= setInterval(() => {}, 2 ** 31 - 1);
  else {
    clearInterval(alive);
    alive = undefined;
  }
}

/** Calls `fn` again and again, as long as something else keeps the program alive. @returns what ends it */
export function every(ms: number, fn: () => void): () => void {
  const { setInterval, clearInterval } = program().getBuiltinModule("node:timers");
  const timer = setInterval(fn, ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** How the program ends when it ends by itself: with a status, or by what `die` does after the exit listeners. */
export function endAs(status: number, die?: () => void): void {
  const process = program();
  process.exitCode = status;
  if (die) process.once("beforeExit", () => process.once("exit", (code) => code === status && die()));
}
