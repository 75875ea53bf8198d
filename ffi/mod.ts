/** The one way to C: picks the backend and the library once, and opens on first use. */
import { backend as bun } from "./bun.ts";
import { backend as deno } from "./deno.ts";
import type { Backend, Functions, RuntimeListeners } from "./backend.ts";
import type { Layout } from "./codec.ts";
import { layouts } from "./layout.ts";
import { openEmbedded, type Target, target } from "./library.ts";
import { outputs } from "./program.ts";
import { symbols } from "./symbols.ts";

export * from "./codec.ts";
export { exit, keepAlive, runLimited } from "./program.ts";
export type { Layout };

/** Both are loaded, and only one is touched: choosing with a top-level `await` would let a Worker that
 * imports this module lose the messages that come before it has installed its handler. */
const backend: Backend = "Bun" in globalThis ? bun : deno;

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

let functions: Native | undefined;
let opened: OpenOptions | undefined;
let mainThread = false;
let clockOffsetMs = 0;
let onWake = (): void => {};

/** Loads the library; on the main thread also makes the ring and joins the event loop. */
export function openNative(options: OpenOptions): Native {
  if (functions) return functions;
  target(backend);
  try {
    functions = options.library === undefined ? openEmbedded(backend, symbols) : backend.open(options.library, symbols);
  } catch (error) {
    throw backend.explain(error);
  }
  opened = options;
  pending = functions.ps_pending;
  mainThread = functions.ps_is_main_thread() !== 0;
  functions.ps_now_ms(); // opened now, so that the two clocks are read together
  clockOffsetMs = performance.now() - functions.ps_now_ms();
  if (mainThread) {
    const fd = functions.ps_open(options.records);
    if (fd < 0) {
      functions = opened = undefined;
      throw new Error(`Cannot set up the ring of ${options.records} records: errno ${-fd}`);
    }
    joinEventLoop(functions, fd);
    const { ps_at_exit } = functions;
    backend.onExit(() => ps_at_exit());
  }
  return functions;
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
function joinEventLoop({ ps_query, ps_sigaction, ps_owner, ps_carrier }: Native, fd: number): void {
  const { constants, sigaction } = layout;
  const query = (signum: number) => {
    const action = new Uint8Array(sigaction.size);
    ps_query(signum, action);
    return action;
  };
  const actions = ([CARRIER, ...listeners.collateral] as const)
    .map((name) => ({ name, signum: constants[name], before: query(constants[name]) }));
  const carry = (on: boolean) =>
    ps_carrier(constants[CARRIER], on ? query(constants[CARRIER]) : new Uint8Array(sigaction.size));
  backend.watch({ fd, carrier: CARRIER, carry }, () => onWake());
  for (const { name, signum, before } of actions) {
    const runtime = query(signum);
    if (ps_owner(runtime) === ps_owner(before)) continue;
    displaced.set(name, { runtime, before });
    ps_sigaction(signum, before, new Uint8Array(sigaction.size));
  }
}

/** By default it does nothing, and hardly anyone listens to it. */
const CARRIER = "SIGURG";

/** The C functions; opens the library at the first call. */
export function native(): Native {
  return functions ?? openNative({ records: DEFAULT_RECORDS });
}

/** ps_pending, kept at hand: `check` asks it in the innermost loops. */
let pending = (): number => native().ps_pending();

/** Whether records wait in the ring: the cheapest question there is. */
export function anyRecord(): boolean {
  return pending() !== 0;
}

export function openedWith(): OpenOptions | undefined {
  return opened;
}

let helpersStarted = false;

/** Makes the main thread the only one that takes a real-time signal, so that queued values keep their
 * order. @returns -errno */
export function steerToMainThread(signum: number): number {
  if (!helpersStarted) backend.startHelpers();
  helpersStarted = true;
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

/** Resolves when everything that was printed is with the kernel; the program is about to end. */
export async function flushOutput(): Promise<void> {
  for (const stream of outputs()) await new Promise<void>((resolve) => backend.finish(stream, resolve));
}
