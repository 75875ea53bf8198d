/** The only access to C: chooses the backend and the library, and opens both. */
import type { Backend, ErrorOwner, ListenerEvents, RuntimeListeners } from "./backend.ts";
import { WAKE_SIGNAL } from "./backend.ts";
import { backend as bun } from "./bun/mod.ts";
import { type Layout, plainAction } from "./codec.ts";
import { backend as deno } from "./deno/mod.ts";
import { outputs, runLimited as runScript } from "./process.ts";
import { joinCopies, tellCopies } from "./kept.ts";
import { layouts } from "./layout.ts";
import { bytesOf, type Native, openEmbedded, openFile, type Target, target } from "./library.ts";
import { backend as node } from "./node/mod.ts";

export * from "./codec.ts";
export {
  endAs,
  every,
  exit,
  failAtExit,
  keepAlive,
  reportUncaught,
  runExitListeners,
  runMicrotasks,
} from "./process.ts";
export { quieten } from "./uncaught.ts";
export type { Layout, Native, RuntimeListeners };

/** All are loaded, and only one is used: with a choice by top-level `await`, a Worker that imports this module would
 * lose the messages that arrive before its handler is installed. */
const backend: Backend = "Bun" in globalThis ? bun : "Deno" in globalThis ? deno : node;

export interface OpenOptions {
  /** A file to load instead of the embedded bytes. */
  library?: string;
  /** The capacity of the ring, in records. */
  records: number;
}

/** Room for more than 100,000 queued signals delivered while JavaScript is busy. Memory is allocated only as far as it
 * is used. */
export const DEFAULT_RECORDS = 131072;

export const os: string = backend.library.os();
/** Whether the C library is musl; otherwise, on Linux, it is glibc. Known before the library is opened. */
export const isMusl: boolean = os === "linux" && backend.library.isMusl();

const FAULT = "the runtime, since macOS does not distinguish a sent signal from a fault of the processor";
/** Signals that this module cannot catch, with their owner. */
export const engineSignals: Readonly<Record<string, string>> = os === "macos"
  ? { ...backend.library.engineSignals, SIGILL: FAULT, SIGTRAP: FAULT, SIGBUS: FAULT, SIGFPE: FAULT, SIGSEGV: FAULT }
  : backend.library.engineSignals;

/** Offsets and constants of this platform; those of Linux on a platform without native part, where every call that
 * could use them throws first. */
export const layout: Layout = layouts[`${os}-${backend.library.arch()}` as Target] ?? layouts["linux-x86_64"];

/** The library of this platform: its usual file name, and its bytes. */
export function libraryFile(): { name: string; bytes: Uint8Array<ArrayBuffer> } {
  return { name: `libsignal.${os === "macos" ? "dylib" : "so"}`, bytes: bytesOf(backend.library) };
}

/** The reports of the native part and the runtime to the program. */
export interface Callbacks extends ListenerEvents {
  /** On the event loop, after signals were recorded. */
  woken(): void;
  /** The event loop has nothing left to do. @returns whether it has to wait for a report of the runtime's */
  idle(): boolean;
  /** A copy of this module with another ABI has installed or removed its handler. */
  copyChanged(name: string): void;
}

export type Action = Uint8Array<ArrayBuffer>;

/** The native part of one program, open. */
export interface NativePart {
  readonly functions: Native;
  readonly options: OpenOptions;
  /** Handlers run only on the thread that runs the process's main program. */
  readonly isMainThread: boolean;
  readonly listeners: RuntimeListeners;
  /** Actions that the runtime replaced when we registered with its event loop, and its own actions: the former are
   * restored. */
  readonly overwrittenAtOpen: ReadonlyMap<string, { readonly runtime: Action; readonly before: Action }>;
  /** The `performance.now()` clock less CLOCK_MONOTONIC, in milliseconds. */
  clockOffset(): number;
  /** Reports that our handler for a signal was installed or removed, to copies of this module with another ABI. */
  tellCopies(name: string): void;
  /** Runs `fn` outside every AsyncLocalStorage context. */
  outside<T>(fn: () => T): T;
  startHelpers(): void;
  /** Updates `process.stdout.columns` to the present size, if the program has used it. */
  refreshTerminal(): void;
}

let loaded: { readonly path: string | undefined; readonly functions: Native } | undefined;

/** Loads the library once: if the rest of opening fails, the next call reuses it. */
function load(path: string | undefined): Native {
  if (loaded && loaded.path === path) return loaded.functions;
  target(backend.library);
  try {
    const functions = path === undefined ? openEmbedded(backend.library) : openFile(backend.library, path);
    loaded = { path, functions };
    return functions;
  } catch (error) {
    throw backend.library.explain(error);
  }
}

/** Loads the library; in the main program also creates the ring and registers with the event loop.
 * @param realtimeMin SIGRTMIN as the module exports it, determined without the C library */
export function openNative(options: OpenOptions, callbacks: Callbacks, realtimeMin = 0): NativePart {
  const functions = load(options.library);
  const actualMin = functions.ps_realtime_min();
  if (actualMin !== realtimeMin) {
    throw new Error(
      `Cannot use the native part of @posix/signal: this ${backend.name} says that it is built for ` +
        `${isMusl ? "musl" : "glibc"}, whose SIGRTMIN is ${realtimeMin}, but its C library has ${actualMin}`,
    );
  }
  const { loop, listeners } = backend;
  const isMainThread = !loop.isWorker(functions.ps_thread_id() !== functions.ps_getpid());
  const overwrittenAtOpen = new Map<string, { runtime: Action; before: Action }>();
  if (isMainThread) {
    const fd = functions.ps_open(options.records, Number(loop.watchesPipes));
    if (fd < 0) throw new Error(`Cannot set up the ring of ${options.records} records: ${reasonOf(-fd)}`);
    joinCopies(callbacks.copyChanged);
    join(functions, fd, callbacks, overwrittenAtOpen);
    // A signal may have been recorded after the last turn.
    loop.onExit(() => functions.ps_leave(), callbacks.idle);
  }
  return {
    functions,
    options,
    isMainThread,
    listeners,
    overwrittenAtOpen,
    clockOffset: () => clockOffset(functions),
    tellCopies: (name) => tellCopies(callbacks.copyChanged, name),
    outside: loop.outside,
    startHelpers: loop.startHelpers,
    refreshTerminal: () => loop.terminal()?._refreshSize?.(),
  };
}

function clockOffset({ ps_now_ms }: Native): number {
  performance.now(); // a first call of each, so that the next ones are quick and the two clocks are read together
  ps_now_ms();
  return performance.now() - ps_now_ms();
}

/** Makes the C handler wake the event loop. The runtime installs handlers for that; the actions that they replaced are
 * restored, and the handlers are kept to be called when needed. */
function join(
  native: Native,
  fd: number,
  callbacks: Callbacks,
  overwritten: Map<string, { runtime: Action; before: Action }>,
): void {
  const { constants, sigaction } = layout;
  const signals = constants as unknown as Record<string, number>;
  const query = (name: string): Action => {
    const action = new Uint8Array(sigaction.size);
    native.ps_query(signals[name], action);
    return action;
  };
  const ownerOf = native.ps_owner;
  const { loop, listeners } = backend;
  const coInstalled = listeners.connect(callbacks);
  const found = [WAKE_SIGNAL, ...coInstalled].map((name) => ({ name, before: query(name) }));
  loop.watch({
    fd,
    bySignal(yes) {
      const action = yes ? overwritten.get(WAKE_SIGNAL)?.runtime ?? query(WAKE_SIGNAL) : plainAction(0, layout);
      native.ps_wake_by(signals[WAKE_SIGNAL], action);
      return ownerOf(action) === constants.PS_OWNER_PROGRAM;
    },
    hasProc: () => native.ps_read_status(native.ps_getpid(), new Uint8Array(1), 1) !== -ENOENT,
  }, callbacks.woken);
  for (const { name, before } of found) {
    const runtime = query(name);
    if (ownerOf(runtime) !== constants.PS_OWNER_PROGRAM || ownerOf(before) === constants.PS_OWNER_PROGRAM) continue;
    overwritten.set(name, { runtime, before });
    const old = new Uint8Array(sigaction.size);
    native.ps_sigaction(signals[name], before, old);
    // Race: a program on another thread, such as a worker of `deno serve --parallel`, has installed its handler
    // meanwhile. Provoked by tests/field/reload_test.ts.
    if (ownerOf(old) !== constants.PS_OWNER_PROGRAM) {
      native.ps_sigaction(signals[name], old, new Uint8Array(old.length));
    }
  }
  // Where the runtime's handler was installed already, a file watcher or a debugger may rely on its default action: but
  // not where programs run beside the main thread, as in `deno test`.
  const besideMain = native.ps_is_beside_main() !== 0;
  for (const name of coInstalled) if (besideMain || overwritten.has(name)) listeners.keep(name, true);
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

/** Runs `fn` outside every AsyncLocalStorage context. */
export function outside<T>(fn: () => T): T {
  return backend.loop.outside(fn);
}

/** Runs `fn` under the engine's own watchdog, which stops even a loop that calls nothing.
 * @returns Whether `fn` completed. Its errors propagate. */
export function runLimited(fn: () => void, ms: number): boolean {
  return backend.loop.restoring(() => runScript(fn, ms));
}

/** Passes errors that no other code handles to `owner`. @returns the function that stops it */
export function followErrors(owner: ErrorOwner): () => void {
  return backend.loop.followErrors(owner);
}

/** Prints an uncaught error as the runtime does. */
export function printUncaught(error: unknown, isRejection: boolean): void {
  backend.loop.printUncaught(error, isRejection);
}

/** Registers `last` to be called after the exit listeners that are registered by now. */
export function onLastExit(last: () => void): void {
  backend.loop.onExit(last, () => false);
}

/** Resolves when all output is written to the kernel. */
export async function flushOutput(): Promise<void> {
  for (const stream of outputs()) await new Promise<void>((resolve) => backend.loop.finish(stream, resolve));
}
