/** The one way to C: picks the backend and the library once, and opens on first use. */
import type { Backend, Functions, RuntimeListeners } from "./backend.ts";
import type { Layout } from "./codec.ts";
import { layouts } from "./layout.ts";
import { embeddedFor, openEmbedded, type Target, target } from "./library.ts";
import { symbols } from "./symbols.ts";

export * from "./codec.ts";
export { exit, flushOutput, keepAlive, runLimited } from "./program.ts";
export type { Layout };

/** Imported by name, so that neither runtime loads what only the other has. */
const { backend }: { backend: Backend } = "Bun" in globalThis ? await import("./bun.ts") : await import("./deno.ts");

const embedded = await embeddedFor(backend);

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
    functions = options.library === undefined ? openEmbedded(backend, embedded!, symbols) : backend.open(options.library, symbols);
  } catch (error) {
    throw backend.explain(error);
  }
  opened = options;
  mainThread = functions.ps_is_main_thread() !== 0;
  clockOffsetMs = performance.now() - functions.ps_now_ms();
  if (mainThread) {
    const fd = functions.ps_open(options.records);
    if (fd < 0) {
      functions = opened = undefined;
      throw new Error(`Cannot set up the ring of ${options.records} records: errno ${-fd}`);
    }
    const { ps_query, ps_carrier } = functions;
    const carry = (on: boolean) => {
      const action = new Uint8Array(layout.sigaction.size);
      if (on) ps_query(layout.constants.SIGURG, action);
      ps_carrier(layout.constants.SIGURG, action);
    };
    backend.watch({ fd, carrier: "SIGURG", carry }, () => onWake());
  }
  return functions;
}

/** The C functions; opens the library at the first call. */
export function native(): Native {
  return functions ?? openNative({ records: DEFAULT_RECORDS });
}

export function openedWith(): OpenOptions | undefined {
  return opened;
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
