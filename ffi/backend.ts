/** What a JavaScript runtime must offer: opening a library, waking its event loop from a file
 * descriptor, and the truth about its own signal listeners. deno.ts, bun.ts and node.ts satisfy it. */

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

/** How the C handler wakes the event loop: by a byte, or by calling the runtime's own handler for a signal that
 * hardly anyone listens to. */
export interface Wake {
  /** The read end of the pipe or socket pair that gets the byte. */
  readonly fd: number;
  /** That signal. */
  readonly carrier: string;
  /** Chooses between the two. @returns whether the runtime's handler wakes: where another copy of this module has
   * put it back before, it is not known, and the byte does. */
  carry(byCarrier: boolean): boolean;
  /** Whether there is a /proc, where its platform has one. */
  hasProc(): boolean;
}

/** What is used of `process.stdout` and `process.stderr`. */
export interface OutputStream {
  readonly writable: boolean;
  write(text: string, done: () => void): boolean;
  end(done: () => void): unknown;
  on(event: "error", listener: (error: { code?: unknown }) => void): unknown;
  off(event: "error", listener: (error: { code?: unknown }) => void): unknown;
}

/** The runtime's own signal listeners, `Deno.addSignalListener` and `process.on`, of other code. */
export interface RuntimeListeners {
  /** The runtime's handler itself calls whatever handler it found when it was installed. */
  readonly callsPrevious: boolean;
  /** The runtime may put our handler back without its flags; see filled() in handler.c. */
  reinstalls(name: string): boolean;

  /** Called before our handler is installed: afterwards the runtime installs its own for this
   * signal never again, whatever is registered there, but tells of it (`onJoined`).
   * @param found the runtime's handler stood there already */
  claim(name: string, found: boolean): void;

  /** Signals for which the runtime installs its handler along with the first other one. */
  readonly collateral: readonly ("SIGHUP" | "SIGINT" | "SIGTERM")[];

  /** How many listeners other code has for this signal. */
  count(name: string): number;

  /** Whether the runtime's own handler, should it stand at this signal, does no more than end the
   * process by it, since no other code listens through it. */
  actsByDefault(name: string): boolean;

  /** From now on signals are passed on to the runtime's handler, which must not take the default
   * action when its last listener leaves in the same moment. */
  shield(name: string): void;

  /** Told when the runtime has installed its handler after all, over ours if that was there. */
  onJoined(tell: (name: string) => void): void;

  /** Told of each listener that other code adds (before it can be called) or removes. */
  onChange(changed: (name: string, count: number) => void): void;

  /** Told of a signal that the runtime's handler had while a listener of ours was there: perhaps our own
   * handler was not, since the runtime installs its own during `claim` and before `onJoined`. It answers
   * whether we have the signal. */
  onHeard(tell: (name: string, byOthers: boolean) => boolean): void;
}

/** Who decides about errors that nobody caught. */
export interface ErrorOwner {
  /** Whether an error says nothing that anyone must know. */
  isNoise(error: unknown): boolean;
  /** Takes an error that no other code handles; the program goes on. */
  take(error: unknown, isRejection: boolean): void;
}

export interface Backend {
  readonly name: string;
  /** As in ffi/prebuilt: "linux" or "macos"; another name where there is no native part. */
  readonly os: string;
  /** As in ffi/prebuilt: "x86_64" or "aarch64". */
  readonly arch: string;
  /** Signals that the JavaScript engine lives on, with the part of it that does. */
  readonly engineSignals: Readonly<Record<string, string>>;

  /** Whether this program is a Worker of another: handlers run in the main program alone. */
  isWorker(): boolean;
  /** Its event loop watches pipes, not only sockets. */
  readonly watchesPipes: boolean;
  /** Opens functions one by one, when they are first used, from a path that lasts. */
  readonly opensLate: boolean;
  /** Opens a library. With `first`, `path` means the same file for as long as the process lives, and only those
   * functions need be opened now. */
  open<T extends Prototypes>(path: string, prototypes: T, first?: readonly (keyof T)[]): Functions<T>;
  /** The functions of the C library that this process already has. */
  libc<T extends Prototypes>(prototypes: T): Functions<T>;
  sha256(bytes: Uint8Array<ArrayBuffer>): string;
  /** Has `wakened` called on the event loop whenever the C handler wakes it. That alone never keeps the
   * process alive. */
  watch(wake: Wake, wakened: () => void): void;
  /** Has the engine start the helper threads now that it would start later, as far as that can be had. */
  startHelpers(): void;
  /** Takes back every listener of ours at the runtime: this program has been replaced by a newer one. */
  leave(): void;
  /** Has `ending` called when the program begins to end by itself; and before that `idle`, when the event loop
   * has nothing more to do, and goes on if that gives it something. */
  onExit(ending: () => void, idle: () => void): void;
  /** Runs `fn` outside every AsyncLocalStorage context. */
  outside<T>(fn: () => T): T;
  /** Hands errors that no other code handles to `owner`, and keeps noise from everyone. @returns what stops it */
  followErrors(owner: ErrorOwner): () => void;
  /** Prints an error that nobody caught, as the runtime does. */
  printUncaught(error: unknown, isRejection: boolean): void;
  /** Calls `done` when the kernel has everything that was printed to `stream`, or nobody reads it any more. */
  finish(stream: OutputStream, done: () => void): void;
  /** The runtime's refusal, said so that the reader knows what to do; any other error as it is. */
  explain(error: unknown): unknown;
  readonly listeners: RuntimeListeners;
}

/** Second names that a runtime accepts for a signal. */
const ALIASES: Readonly<Record<string, string>> = {
  SIGPOLL: "SIGIO",
  SIGIOT: "SIGABRT",
  SIGCLD: "SIGCHLD",
  SIGUNUSED: "SIGSYS",
};

export function canonical(name: string): string {
  return ALIASES[name] ?? name;
}
