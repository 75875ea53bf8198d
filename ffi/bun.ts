/** The backend for Bun: `bun:ffi`, `Bun.connect` on a descriptor, `process.on`.
 *
 * Bun installs its handler when a signal gets its first listener, over whatever stands there, and
 * after the last has left it puts the displaced one back through signal(3), which drops its flags. A
 * listener of our own (`guard`) makes both happen only when we say so. */
import { canonical } from "./backend.ts";
import type { Backend, Functions, NativeType, OutputStream, Prototypes, Wakeups } from "./backend.ts";

type BunType = Exclude<NativeType, "buffer"> | "ptr";

/** What is used of `bun:ffi`. */
export interface BunFfi {
  // deno-lint-ignore no-explicit-any
  dlopen(path: string, symbols: Record<string, { args: BunType[]; returns: BunType }>): { symbols: any };
}

/** What is used of the `Bun` namespace. */
export interface BunRuntime {
  readonly SHA256: { hash(bytes: Uint8Array<ArrayBuffer>, encoding: "hex"): string };
  connect(options: {
    fd: number;
    socket: { data(): void; error(): void };
  }): Promise<{ ref(): void; unref(): void }>;
}

/** What is used of `process`. */
interface Emitter {
  readonly platform: string;
  readonly arch: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  listenerCount(event: string): number;
  listeners(event: string): unknown[];
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

/** Closed by nobody: it lives as long as the process. */
function watch(fd: number, readable: () => void): Wakeups {
  let wanted = false;
  let socket: { ref(): void; unref(): void } | undefined;
  const apply = () => wanted ? socket?.ref() : socket?.unref();
  runtime().connect({ fd, socket: { data: readable, error: () => {} } }).then((opened) => {
    socket = opened;
    apply();
  });
  return {
    ref() {
      wanted = true;
      apply();
    },
    unref() {
      wanted = false;
      apply();
    },
  };
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
let notify: (name: string, count: number, reinstall: boolean) => void = () => {};
let following = false;

const count = (name: string): number => {
  const guard = guards.get(name);
  const { length } = emitter().listeners(name).filter((listener) => listener !== guard);
  return length;
};

function follow(): void {
  if (following) return;
  following = true;
  emitter().on("newListener", (event: string, listener: () => void) => {
    const name = canonical(String(event));
    const guard = guards.get(name);
    if (!guard || listener === guard) return;
    // `removeAllListeners` takes the guard along without a word: it has to be back before the
    // listener comes, and our handler over the one that Bun installs for it.
    const lost = !emitter().listeners(name).includes(guard);
    if (lost) emitter().on(name, guard);
    notify(name, count(name) + 1, lost);
  });
  emitter().on("removeListener", (event: string) => {
    const name = canonical(String(event));
    if (guards.has(name)) notify(name, count(name), false);
  });
}

function claim(name: string): void {
  if (guards.has(name)) return;
  follow();
  const guard = () => {};
  emitter().on(name, guard);
  guards.set(name, guard);
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
  open,
  libc,
  sha256,
  watch,
  finish,
  explain,
  listeners: {
    callsPrevious: false,
    reinstalls: true,
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
