/** The interface to a JavaScript runtime, in three parts: its library loader, its event loop, and its own signal
 * listeners. The folders deno/, bun/ and node/ have a file for each part. */

/** The type of a C parameter or result: numbers are passed by value, memory as a view of a buffer. */
export type NativeType = "i32" | "u32" | "f64" | "buffer" | "void";

export interface Prototype {
  readonly args: readonly Exclude<NativeType, "void">[];
  readonly result: Exclude<NativeType, "buffer">;
}

export type Prototypes = Readonly<Record<string, Prototype>>;

type Value<T extends NativeType> = T extends "buffer" ? Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>
  : T extends "void" ? void
  : number;
type Values<T extends readonly NativeType[]> = { -readonly [I in keyof T]: Value<T[I]> };

/** The callable form of a table of prototypes. */
export type Functions<T extends Prototypes> = {
  readonly [K in keyof T]: (...args: Values<T[K]["args"]>) => Value<T[K]["result"]>;
};

/** library.ts: how the runtime loads a shared object. */
export interface Library {
  /** As in ffi/prebuilt: "linux" or "macos"; another name where there is no native part. */
  os(): string;
  /** As in ffi/prebuilt: "x86_64" or "aarch64". */
  arch(): string;
  /** On Linux: whether this build of the runtime is for musl. */
  isMusl(): boolean;
  open<T extends Prototypes>(path: string, prototypes: T): Functions<T>;
  /** The functions of the C library that this process has loaded. */
  libc<T extends Prototypes>(prototypes: T): Functions<T>;
  /** A refusal by the runtime becomes an error with advice; any other error is returned unchanged. */
  explain(error: unknown): unknown;
  /** Signals that the JavaScript engine uses itself, with the component that does. */
  readonly engineSignals: Readonly<Record<string, string>>;
}

/** How the C handler wakes the event loop: by a byte, or through the runtime's own handler for the wake signal. */
export interface Wake {
  /** The read end of the pipe or socket pair that receives the byte. */
  readonly fd: number;
  /** Has the C handler call the runtime's handler for the wake signal from now on, or else write the byte.
   * @returns whether the runtime has such a handler */
  bySignal(yes: boolean): boolean;
  /** Whether there is a /proc, where its platform has one. */
  hasProc(): boolean;
}

/** A signal that few programs listen to, and that does nothing by default. */
export const WAKE_SIGNAL = "SIGURG";

/** The members used of `process.stdout` and `process.stderr`. */
export interface OutputStream {
  readonly writable: boolean;
  write(text: string, done: () => void): boolean;
  end(done: () => void): unknown;
  on(event: "error", listener: (error: { code?: unknown }) => void): unknown;
  off(event: "error", listener: (error: { code?: unknown }) => void): unknown;
}

/** Decides about uncaught errors. */
export interface ErrorOwner {
  /** Whether an error need not be reported. */
  isNoise(error: unknown): boolean;
  /** Takes an error that no other code handles; the program continues. */
  take(error: unknown, isRejection: boolean): void;
}

/** loop.ts: the runtime's event loop, the errors that reach it, and the end of a program. */
export interface Loop {
  /** Whether this program is a Worker of another: handlers run in the main program alone.
   * @param isBeside whether its thread is not known to be the process's first */
  isWorker(isBeside: boolean): boolean;
  /** The event loop watches pipes, not only sockets. */
  readonly watchesPipes: boolean;
  /** Registers `woken` to be called on the event loop whenever the C handler wakes it, outside every AsyncLocalStorage
   * context. This never keeps the process alive. */
  watch(wake: Wake, woken: () => void): void;
  /** Runs `fn` outside every AsyncLocalStorage context. */
  outside<T>(fn: () => T): T;
  /** Runs `fn`, and returns to the present AsyncLocalStorage context, which code that the engine stops does not restore.
   */
  restoring<T>(fn: () => T): T;
  /** Makes the engine spawn its helper threads now, as far as possible. */
  startHelpers(): void;
  /** Registers `ending` to be called when the program begins to exit by itself, and `idle` to be called before, when
   * the event loop has nothing left to do; it continues if `idle` schedules work. Where a thread of the runtime takes
   * the signals of a program without listeners, it continues while `idle` returns true. */
  onExit(ending: () => void, idle: () => boolean): void;
  /** Passes errors that no other code handles to `owner`, and suppresses noise. @returns the function that stops it */
  followErrors(owner: ErrorOwner): () => void;
  /** Prints an uncaught error as the runtime does. */
  printUncaught(error: unknown, isRejection: boolean): void;
  /** Calls `done` when everything printed to `stream` is written to the kernel, or the stream has no reader left. */
  finish(stream: OutputStream, done: () => void): void;
  /** `process.stdout`, if this program has used it: its size is refreshed before handlers of SIGWINCH run. */
  terminal(): { _refreshSize?(): void } | undefined;
}

/** The reports of the runtime's listeners, outside every AsyncLocalStorage context; in Bun and Node, one that other
 * code emits is reported in the context of that code, as to its own listeners. Passed once, when the library is
 * opened. */
export interface ListenerEvents {
  /** The runtime called its listeners of a signal: after our handler had called the runtime's, or of its own accord. */
  delivered(name: string): void;
  /** Other code emitted the event of a signal that no process sent. */
  emitted(name: string): void;
  /** Other code added a listener (before it can be called) or removed one. */
  changed(name: string, count: number): void;
}

/** listeners.ts: the runtime's own signal listeners, `Deno.addSignalListener` and `process.on`. */
export interface RuntimeListeners {
  /** Sets the receiver of the reports; there is at most one. Returns the signals for which the runtime installs its
   * handler together with its first handler. */
  connect(events: ListenerEvents): readonly string[];
  /** The runtime installs its handler for a signal once and for good, and that handler calls the one that it
   * replaced. */
  readonly installsOnce: boolean;
  /** The runtime installs nothing more for this signal, whatever listeners are added. */
  hasInstalled(name: string): boolean;
  /** The runtime may restore our handler without its flags; see filled() in handler.c. */
  readonly dropsFlags: boolean;
  /** Registers one listener of ours. If the runtime installs a handler for the signal at all, it does so now, and takes
   * no default action while our listener is registered.
   * @param forGood `release` leaves it registered */
  keep(name: string, forGood?: boolean): void;
  /** Removes our listener. `inFlight`: the runtime may have received deliveries that it has not reported yet. */
  release(name: string, inFlight: boolean): void;
  /** How many listeners other code has for this signal. */
  count(name: string): number;
  /** Whether a copy of this module with another ABI registered a listener first, and calls the runtime's handler. */
  keptByAnother(name: string): boolean;
  /** Whether the runtime's handler for this signal only takes the default action, since no other code listens. */
  actsByDefault(name: string): boolean;
}

export interface Backend {
  readonly name: string;
  readonly library: Library;
  readonly loop: Loop;
  readonly listeners: RuntimeListeners;
}

/** The name under which a runtime lists a signal, for the aliases that it accepts. */
export function canonical(name: string): string {
  switch (name) {
    case "SIGPOLL":
      return "SIGIO";
    case "SIGIOT":
      return "SIGABRT";
    case "SIGCLD":
      return "SIGCHLD";
    case "SIGUNUSED":
      return "SIGSYS";
    default:
      return name;
  }
}
