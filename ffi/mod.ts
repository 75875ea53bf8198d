/** The one way to C: picks the backend and the library once, and opens on first use. */
import { backend as bun } from "./bun.ts";
import { backend as deno } from "./deno.ts";
import type { Backend, ErrorOwner, Functions, RuntimeListeners } from "./backend.ts";
import type { Layout } from "./codec.ts";
import { build, layouts } from "./layout.ts";
import { openEmbedded, type Target, target, verifiedBytes } from "./library.ts";
import { backend as node } from "./node.ts";
import { keepAlive, outputs } from "./program.ts";
import { first, symbols } from "./symbols.ts";

export * from "./codec.ts";
export { announce, othersHave, tellOthers, withdraw } from "./copies.ts";
export { exit, keepAlive, reportUncaught, runExitListeners, runLimited, runMicrotasks } from "./program.ts";
export { quieten } from "./uncaught.ts";
export type { Layout };

/** All are loaded, and only one is touched: choosing with a top-level `await` would let a Worker that
 * imports this module lose the messages that come before it has installed its handler. */
const backend: Backend = "Bun" in globalThis ? bun : "Deno" in globalThis ? deno : node;

export type Native = Functions<typeof symbols>;

export interface OpenOptions {
  /** A file to load instead of the embedded bytes. */
  library?: string;
  /** How many records may wait in the ring. */
  records: number;
}

/** The default room: 100,000 queued signals that come while JavaScript is busy, and some. Memory is
 * taken only as far as it is used. */
export const DEFAULT_RECORDS = 131072;

export const os: string = backend.os;
export const listeners: RuntimeListeners = backend.listeners;
export const engineSignals: Readonly<Record<string, string>> = backend.engineSignals;

/** Offsets and constants of this platform; those of Linux where there is no native part, since there
 * every call that could use them throws first. */
export const layout: Layout = layouts[`${backend.os}-${backend.arch}` as Target] ?? layouts["linux-x86_64"];

let library: { readonly path: string | undefined; readonly functions: Native } | undefined;
let functions: Native | undefined;
let opened: OpenOptions | undefined;
let mainThread = false;
let clockOffsetMs = 0;
let onWake = (): void => {};

/** The library that this platform runs: how its file is usually called, and its bytes. */
export function libraryFile(): { name: string; bytes: Uint8Array<ArrayBuffer> } {
  return { name: `libsignal.${backend.os === "macos" ? "dylib" : "so"}`, bytes: verifiedBytes(backend) };
}

/** Loads the library, once: should the rest of opening fail, the next call finds it. */
function load(path: string | undefined): Native {
  if (library && library.path === path) return library.functions;
  target(backend);
  try {
    library = { path, functions: path === undefined ? openEmbedded(backend, symbols, first) : openFile(path) };
  } catch (error) {
    throw backend.explain(error);
  }
  return library.functions;
}

/** A file that the user names. It must be of the same build, whose functions and layouts are called. */
function openFile(path: string): Native {
  const advice = `'${path}' is of another version of @posix/signal: write it again, with "@posix/signal/save"`;
  let functions: Native;
  try {
    functions = backend.open(path, symbols);
  } catch (error) {
    if (backend.explain(error) !== error) throw error; // told there
    const { message } = error as Error;
    if (/symbol/i.test(message)) throw new Error(`Cannot load the native part: ${advice}`, { cause: error });
    throw new Error(
      `Cannot load the native part of @posix/signal: ${message}; write it there with "@posix/signal/save"`,
      { cause: error },
    );
  }
  if (functions.ps_build() !== build) throw new Error(`Cannot load the native part: ${advice}`);
  return functions;
}

/** Loads the library; in the main program also makes the ring and joins the event loop. */
export function openNative(options: OpenOptions): Native {
  if (functions) return functions;
  const native = load(options.library);
  mainThread = !backend.isWorker();
  if (mainThread) shared[REPLACE]?.();
  const fd = mainThread ? native.ps_open(options.records, Number(backend.watchesPipes)) : 0;
  if (fd < 0) throw new Error(`Cannot set up the ring of ${options.records} records: ${reasonOf(-fd)}`);
  functions = native;
  opened = options;
  native.ps_now_ms(); // opened now, so that the two clocks are read together
  clockOffsetMs = performance.now() - native.ps_now_ms();
  if (mainThread) {
    shared[REPLACE] = replace;
    joinEventLoop(native, fd);
    // The last turn may have been before a signal that has come meanwhile.
    backend.onExit(() => native.ps_leave(), () => onWake());
  }
  return native;
}

/** `bun --hot` runs the newer version of a program in the global object of the last one, which goes on
 * existing: its part ends here, so that no signal is handled twice. */
const REPLACE = Symbol.for(`@posix/signal ${build} ${import.meta.url}`);
const shared = globalThis as { [REPLACE]?: () => void };

function replace(): void {
  onReplaced(() => {
    backend.leave();
    keepAlive(false);
  });
}

let onReplaced = (leave: () => void): void => leave();

/** `end` delivers what has come, calls `leave`, and gives back what this instance of the module has taken. One
 * owner: src/delivery.ts. */
export function setReplaced(end: (leave: () => void) => void): void {
  onReplaced = end;
}

/** On Linux and on macOS. */
const ENOENT = 2, ENOMEM = 12, ENFILE = 23, EMFILE = 24;

function reasonOf(errno: number): string {
  if (errno === EMFILE || errno === ENFILE) {
    return "no file descriptor is left; close some, or raise the limit (ulimit -n)";
  }
  if (errno === ENOMEM) return "there is no memory for them; call open({ records }) with fewer first";
  return `errno ${errno}`;
}

/** What the runtime's joining displaced: its handler, and what stood there and stands there again. */
interface Displaced {
  readonly runtime: Uint8Array<ArrayBuffer>;
  readonly before: Uint8Array<ArrayBuffer>;
}
const displaced = new Map<string, Displaced>();

/** The handler that the runtime has ready for a signal where something else stands again. */
export function displacedAtOpen(name: string): Displaced | undefined {
  return displaced.get(name);
}

/** Has the C handler wake the event loop. What the runtime installs for that goes back to what it was:
 * its handlers are known then, and called when they are wanted. */
function joinEventLoop(native: Native, fd: number): void {
  const { ps_query, ps_owner } = native;
  const { constants, sigaction } = layout;
  const query = (signum: number) => {
    const action = new Uint8Array(sigaction.size);
    ps_query(signum, action);
    return action;
  };
  const actions = ([CARRIER, ...listeners.collateral] as const)
    .map((name) => ({ name, signum: constants[name], before: query(constants[name]) }));
  const carry = (on: boolean): boolean => {
    const action = on ? displaced.get(CARRIER)?.runtime ?? query(constants[CARRIER]) : new Uint8Array(sigaction.size);
    native.ps_carrier(constants[CARRIER], action);
    return ps_owner(action) === constants.PS_OWNER_PROGRAM;
  };
  const hasProc = () => native.ps_read_status(native.ps_getpid(), new Uint8Array(1), 1) !== -ENOENT;
  backend.watch({ fd, carrier: CARRIER, carry, hasProc }, onWake);
  for (const { name, signum, before } of actions) {
    const runtime = query(signum);
    if (ps_owner(runtime) === ps_owner(before)) continue;
    displaced.set(name, { runtime, before });
    native.ps_sigaction(signum, before, new Uint8Array(sigaction.size));
  }
}

/** By default it does nothing, and hardly anyone listens to it. */
const CARRIER = "SIGURG";

/** The C functions; opens the library at the first call. */
export function native(): Native {
  return functions ?? openNative({ records: DEFAULT_RECORDS });
}

export function openedWith(): OpenOptions | undefined {
  return opened;
}

let steering = false;

/** Whether there is a real-time signal that the main thread alone takes. */
export function isSteering(): boolean {
  return steering;
}

/** Makes the main thread the only one that takes a real-time signal, so that queued values keep their
 * order. @returns -errno */
export function steerToMainThread(signum: number): number {
  if (!steering) backend.startHelpers();
  steering = true;
  return native().ps_steer(signum);
}

/** Handlers run only on the thread that runs the process's main program. */
export function isMainThread(): boolean {
  native();
  return mainThread;
}

/** CLOCK_MONOTONIC in milliseconds -> the `performance.now()` clock. */
export function toPerformanceTime(monotonicMs: number): number {
  return monotonicMs + clockOffsetMs;
}

/** `wake` runs on the event loop after signals have come. One owner: src/delivery.ts. */
export function setWake(wake: () => void): void {
  onWake = wake;
}

/** Runs `fn` outside every AsyncLocalStorage context. */
export function outside<T>(fn: () => T): T {
  return backend.outside(fn);
}

/** Hands errors that no other code handles to `owner`. @returns what stops it */
export function followErrors(owner: ErrorOwner): () => void {
  return backend.followErrors(owner);
}

/** Prints an error that nobody caught, as the runtime does. */
export function printUncaught(error: unknown, isRejection: boolean): void {
  backend.printUncaught(error, isRejection);
}

/** Has `last` called after the listeners of the program's end that are there by now. */
export function onLastExit(last: () => void): void {
  backend.onExit(last, () => {});
}

/** Resolves when everything that was printed is with the kernel. */
export async function flushOutput(): Promise<void> {
  for (const stream of outputs()) await new Promise<void>((resolve) => backend.finish(stream, resolve));
}
