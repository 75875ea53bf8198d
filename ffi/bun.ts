/** The backend for Bun: `bun:ffi` and `process.on`.
 *
 * Bun installs its handler when a signal gets its first listener, over whatever stands there, and
 * after the last has left it puts the displaced one back through signal(3), which drops its flags. A
 * listener of our own (`guard`) makes both happen only when we say so. */
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
  readonly SHA256: { hash(bytes: Uint8Array<ArrayBuffer>, encoding: "hex"): string };
  gc(force: boolean): unknown;
  connect(options: {
    fd: number;
    socket: { data(): void; error(): void };
  }): Promise<{ unref(): void }>;
}

/** What is used of `process`. */
interface Emitter {
  readonly platform: string;
  readonly arch: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  listeners(event: string): unknown[];
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
 * code listens to the carrier itself. The listener stays for good. */
function watch(wake: Wake, wakened: () => void): void {
  follow();
  emitter().on(wake.carrier, wakened);
  permanent.set(wake.carrier, wakened);
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

/** The listener of ours that each claimed signal has. */
const guards = new Map<string, () => void>();
/** The listener that takes wake-ups. */
const permanent = new Map<string, () => void>();
let notify: (name: string, count: number, reinstall: boolean) => void = () => {};
let onListener: (name: string) => void = () => {};
let following = false;

const isFollowed = (name: string): boolean => guards.has(name) || permanent.has(name);
const isOurs = (name: string, listener: unknown): boolean =>
  listener === guards.get(name) || listener === permanent.get(name);

const count = (name: string): number => emitter().listeners(name).filter((listener) => !isOurs(name, listener)).length;

function follow(): void {
  if (following) return;
  following = true;
  const process = emitter();
  process.on("newListener", (event: string, listener: () => void) => {
    const name = canonical(String(event));
    if (!isFollowed(name) || isOurs(name, listener)) return;
    onListener(name);
    notify(name, count(name) + 1, false);
  });
  process.on("removeListener", (event: string) => {
    const name = canonical(String(event));
    if (isFollowed(name)) notify(name, count(name), false);
  });
  // It takes our listeners along without a word: they come back at once, and our handler over the
  // one that Bun installs for them.
  const removeAll = process.removeAllListeners;
  process.removeAllListeners = function removeAllListeners(...events) {
    const result = removeAll.apply(this, events);
    for (const ours of [permanent, guards]) {
      for (const [name, listener] of ours) {
        if (emitter().listeners(name).includes(listener)) continue;
        emitter().on(name, listener);
        if (ours === guards) notify(name, count(name), true);
      }
    }
    return result;
  };
}

function claim(name: string): void {
  if (guards.has(name)) return;
  follow();
  // Bun tells of no `once` listener that leaves as it is called.
  const guard = () => queueMicrotask(() => guards.get(name) === guard && notify(name, count(name), false));
  guards.set(name, guard);
  emitter().on(name, guard);
}

function release(name: string): void {
  const guard = guards.get(name);
  if (!guard) return;
  guards.delete(name);
  emitter().off(name, guard);
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
  open,
  libc,
  sha256,
  watch,
  startHelpers,
  onExit,
  finish,
  explain,
  listeners: {
    callsPrevious: false,
    reinstalls: true,
    collateral: [],
    claim,
    release,
    count,
    // At a terminal Bun has handlers of its own for these two: they put its settings back and die.
    actsByDefault: (name) => (name === "SIGINT" || name === "SIGTERM") && count(name) === 0,
    shield: () => {},
    onChange(changed) {
      notify = changed;
    },
  },
};
