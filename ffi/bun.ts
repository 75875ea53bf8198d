/** The backend for Bun: `bun:ffi` and `process.on`.
 *
 * Bun installs its handler when a signal gets its first listener, over whatever stands there, and
 * after the last has left it puts the displaced one back through signal(3), which drops its flags. A
 * listener of our own (`guard`) that never leaves makes the first happen once, when we take the signal,
 * and the second never. */
import { canonical } from "./backend.ts";
import type { Backend, Functions, NativeType, OutputStream, Prototypes, Wake } from "./backend.ts";

type BunType = Exclude<NativeType, "buffer"> | "ptr";

/** What is used of `bun:ffi`. */
export interface BunFfi {
  // deno-lint-ignore no-explicit-any
  dlopen(path: string, symbols: Record<string, { args: BunType[]; returns: BunType }>): { symbols: any };
}

/** What is used of the `Bun` namespace. */
export interface BunRuntime {
  readonly isMainThread: boolean;
  readonly SHA256: { hash(bytes: Uint8Array<ArrayBuffer>, encoding: "hex"): string };
  gc(force: boolean): unknown;
  connect(options: {
    fd: number;
    socket: { data(): void; error(): void };
  }): Promise<{ unref(): void }>;
}

type Listener = (...args: never[]) => void;

/** What is used of `process`. */
interface Emitter {
  readonly platform: string;
  readonly arch: string;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  listeners(event: string): Listener[];
  eventNames(): string[];
  removeAllListeners(event?: string): unknown;
  getBuiltinModule(name: "bun:ffi"): BunFfi;
}

const runtime = (): BunRuntime => (globalThis as unknown as { Bun: BunRuntime }).Bun;
const emitter = (): Emitter => (globalThis as unknown as { process: Emitter }).process;

function open<T extends Prototypes>(path: string, prototypes: T): Functions<T> {
  const bun = (type: NativeType): BunType => type === "buffer" ? "ptr" : type;
  const symbols = Object.fromEntries(
    Object.entries(prototypes).map(([name, { args, result }]) => [name, { args: args.map(bun), returns: bun(result) }]),
  );
  return emitter().getBuiltinModule("bun:ffi").dlopen(path, symbols).symbols;
}

/** The C library under the names it has: glibc, musl, macOS. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  const { platform, arch } = emitter();
  const musl = `libc.musl-${arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  const names = platform === "darwin" ? ["/usr/lib/libSystem.B.dylib"] : ["libc.so.6", musl];
  let failure: unknown;
  for (const name of names) {
    try {
      return open(name, prototypes);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function sha256(bytes: Uint8Array<ArrayBuffer>): string {
  return runtime().SHA256.hash(bytes, "hex");
}

/** Bun's own handler is the quickest way into its event loop, so it carries our wake-ups, until other
 * code listens to the carrier itself. */
function watch(wake: Wake, wakened: () => void): void {
  follow();
  listenedTo.add(wake.carrier);
  stay(wake.carrier, wakened);
  wake.carry(true);
  let socket: Promise<{ unref(): void }> | undefined;
  onListener = (name) => {
    if (name !== wake.carrier || socket) return;
    socket = runtime().connect({ fd: wake.fd, socket: { data: wakened, error: () => {} } });
    wake.carry(false);
    void socket.then((opened) => opened.unref());
  };
}

/** The collector's threads are born at the first collection: 2 ms. */
function startHelpers(): void {
  runtime().gc(true);
}

function onExit(ending: () => void): void {
  emitter().on("exit", ending);
}

/** `write("")` would call back at once, while a pipe still has to take what went before. */
function finish(stream: OutputStream, done: () => void): void {
  if (stream.writable) stream.end(done);
  else done();
}

function explain(error: unknown): unknown {
  return error;
}

/** Our own listener at each event where we have one. It stays as long as the program. */
const ours = new Map<string, Listener>();
let notify: (name: string, count: number) => void = () => {};
let heard: (name: string, byOthers: boolean) => void = () => {};
let onListener: (name: string) => void = () => {};

/** Signals that other code has ever listened to. */
const listenedTo = new Set<string>();

function stay(event: string, listener: Listener): void {
  ours.set(event, listener);
  emitter().on(event, listener);
}

/** `bun --hot` goes on with the same process object. */
function leave(): void {
  const all = [...ours];
  ours.clear();
  for (const [event, listener] of all) emitter().off(event, listener);
}

const count = (name: string): number =>
  emitter().listeners(name).filter((listener) => listener !== ours.get(name)).length;

/** Follows other code's listeners: Bun tells of those that come, but not of those that leave. */
function follow(): void {
  if (ours.has("newListener")) return;
  const process = emitter();
  stay("newListener", (event: string, listener: Listener) => {
    const name = canonical(String(event));
    if (!ours.has(name) || listener === ours.get(name)) return;
    onListener(name);
    tell(name, count(name) + 1);
  });
  const { off: remove, removeAllListeners: removeAll } = process;
  process.off = process.removeListener = function removeListener(event, listener) {
    remove.call(process, event, listener);
    const name = canonical(String(event));
    if (ours.has(name)) tell(name, count(name));
    return process;
  };
  process.removeAllListeners = function removeAllListeners(event) {
    for (const name of event === undefined ? process.eventNames() : [event]) {
      if (!ours.has(canonical(String(name)))) removeAll.call(process, name);
      else for (const listener of process.listeners(name)) if (listener !== ours.get(name)) process.off(name, listener);
    }
    return process;
  };
}

function tell(name: string, count: number): void {
  if (count > 0) listenedTo.add(name);
  notify(name, count);
}

/** Race: from Bun's sigaction(2) for the guard until ours, Bun's handler stands alone. A signal just
 * then comes to nobody but the guard, which tells. Provoked by tests/programs/claim_window.ts. */
function claim(name: string): void {
  if (ours.has(name)) return;
  follow();
  if (count(name) > 0) listenedTo.add(name);
  stay(name, () => {
    heard(name, listenedTo.has(name));
    // A `once` listener leaves as it is called.
    if (listenedTo.has(name)) queueMicrotask(() => notify(name, count(name)));
  });
}

export const backend: Backend = {
  name: "Bun",
  get os() {
    const { platform } = emitter();
    return platform === "darwin" ? "macos" : platform;
  },
  get arch() {
    const { arch } = emitter();
    return arch === "x64" ? "x86_64" : arch === "arm64" ? "aarch64" : arch;
  },
  engineSignals: { SIGPWR: "JavaScriptCore's collector, which stops threads with it" },
  opensLate: false,
  isWorker: () => !runtime().isMainThread,
  open,
  libc,
  sha256,
  watch,
  startHelpers,
  leave,
  onExit,
  finish,
  explain,
  listeners: {
    callsPrevious: false,
    reinstalls: true,
    collateral: [],
    claim,
    count,
    // At a terminal Bun has handlers of its own for these two: they put its settings back and die.
    actsByDefault: (name) => (name === "SIGINT" || name === "SIGTERM") && count(name) === 0,
    shield: () => {},
    onChange(changed) {
      notify = changed;
    },
    onHeard(tell) {
      heard = tell;
    },
  },
};
