/** The interface that a JavaScript runtime satisfies, in three rooms: its library loader, its event loop, and its own
 * signal listeners. The folders deno/, bun/ and node/ have a file for each. */

/** How a C parameter or result crosses: numbers as they are, memory as a view of a buffer. */
export type NativeType = "i32" | "u32" | "f64" | "buffer" | "void";

export interface Prototype {
  readonly args: readonly Exclude<NativeType, "void">[];
  readonly result: Exclude<NativeType, "buffer">;
}

export type Prototypes = Readonly<Record<string, Prototype>>;

type Value<T extends NativeType> = T extends "buffer" ? Uint8Array<ArrayBuffer> : T extends "void" ? void : number;
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
  /** The functions of the C library that this process already has. */
  libc<T extends Prototypes>(prototypes: T): Functions<T>;
  /** The runtime's refusal, with what to do about it; any other error as it is. */
  explain(error: unknown): unknown;
  /** Signals that the JavaScript engine lives on, with the part of it that does. */
  readonly engineSignals: Readonly<Record<string, string>>;
}

/** How the C handler wakes the event loop: by a byte, or through the runtime's own handler for the wake signal. */
export interface Wake {
  /** The read end of the pipe or socket pair that gets the byte. */
  readonly fd: number;
  /** Calls the runtime's handler for the wake signal from now on, or writes the byte.
   * @returns whether there is such a handler */
  bySignal(yes: boolean): boolean;
  /** Whether there is a /proc, where its platform has one. */
  hasProc(): boolean;
}

/** A signal that hardly any program listens to; by default it does nothing. */
export const WAKE_SIGNAL = "SIGURG";

/** What is used of `process.stdout` and `process.stderr`. */
export interface OutputStream {
  readonly writable: boolean;
  write(text: string, done: () => void): boolean;
  end(done: () => void): unknown;
  on(event: "error", listener: (error: { code?: unknown }) => void): unknown;
  off(event: "error", listener: (error: { code?: unknown }) => void): unknown;
}

/** Who decides about errors that nobody caught. */
export interface ErrorOwner {
  /** Whether an error says nothing that anyone must know. */
  isNoise(error: unknown): boolean;
  /** Takes an error that no other code handles; the program goes on. */
  take(error: unknown, isRejection: boolean): void;
}

/** loop.ts: the runtime's event loop, the errors that reach it, and the end of a program. */
export interface Loop {
  /** Whether this program is a Worker of another: handlers run in the main program alone. */
  isWorker(): boolean;
  /** The event loop watches pipes, not only sockets. */
  readonly watchesPipes: boolean;
  /** Has `woken` called on the event loop whenever the C handler wakes it. That alone never keeps the process alive. */
  watch(wake: Wake, woken: () => void): void;
  /** Runs `fn` outside every AsyncLocalStorage context. */
  outside<T>(fn: () => T): T;
  /** Has the engine spawn its helper threads now, as far as that can be had. */
  startHelpers(): void;
  /** Has `ending` called when the program begins to end by itself; and before that `idle`, when the event loop has
   * nothing more to do, and goes on if that gives it something. */
  onExit(ending: () => void, idle: () => void): void;
  /** Runs `fn` outside every AsyncLocalStorage context. */
  outside<T>(fn: () => T): T;
  /** Hands errors that no other code handles to `owner`, and keeps noise from everyone. @returns what stops it */
  followErrors(owner: ErrorOwner): () => void;
  /** Prints an error that nobody caught, as the runtime does. */
  printUncaught(error: unknown, isRejection: boolean): void;
  /** Calls `done` when the kernel has everything that was printed to `stream`, or nobody reads it any more. */
  finish(stream: OutputStream, done: () => void): void;
  /** `process.stdout`, if this program has used it: its size is refreshed before handlers of SIGWINCH run. */
  terminal(): { _refreshSize?(): void } | undefined;
}

/** What the runtime's listeners report. Handed down once, when the library opens. */
export interface ListenerEvents {
  /** The runtime called its listeners of a signal: after our handler had called the runtime's, or of its own accord. */
  delivered(name: string): void;
  /** Other code emitted the event of a signal that nobody sent. */
  emitted(name: string): void;
  /** Other code added a listener (before it can be called) or removed one. */
  changed(name: string, count: number): void;
}

/** listeners.ts: the runtime's own signal listeners, `Deno.addSignalListener` and `process.on`. */
export interface RuntimeListeners {
  /** Where to report; at most one at a time. Returns the signals for which the runtime installs its handler along with
   * the first other one. */
  connect(events: ListenerEvents): readonly string[];
  /** The runtime installs its handler for a signal once and for good; that calls the handler it displaced. */
  readonly installsOnce: boolean;
  /** The runtime installs nothing more for this signal, whoever begins to listen. */
  hasInstalled(name: string): boolean;
  /** The runtime may restore our handler without its flags; see filled() in handler.c. */
  readonly dropsFlags: boolean;
  /** Registers one listener of ours. The runtime installs its own handler for the signal now if it ever does, and
   * takes no default action while ours is registered.
   * @param forGood `release` leaves it registered */
  keep(name: string, forGood?: boolean): void;
  /** Removes it. `inFlight`: deliveries that the runtime has taken up and not reported yet. */
  release(name: string, inFlight: number): void;
  /** How many listeners other code has for this signal. */
  count(name: string): number;
  /** Whether a copy of this module with another ABI has a listener too, and has the runtime's handler called. */
  keptByAnother(name: string): boolean;
  /** Whether the runtime's handler, found at this signal, only ends the process by it, since no other code listens. */
  actsByDefault(name: string): boolean;
  /** Removes every listener of ours: a newer program has replaced this one. */
  leave(): void;
}

export interface Backend {
  readonly name: string;
  readonly library: Library;
  readonly loop: Loop;
  readonly listeners: RuntimeListeners;
}

/** The names under which a runtime lists a signal, by the second names that it accepts. */
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
