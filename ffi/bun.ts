/** The backend for Bun: `bun:ffi`, and `process.on` as process.ts has it.
 *
 * When the last listener of a signal has left, Bun puts the handler that it displaced back through
 * signal(3), which drops its flags. */
import type { Backend, ErrorOwner, Functions, NativeType, OutputStream, Prototypes, Wake } from "./backend.ts";
import { followExceptions, followRejections } from "./uncaught.ts";
import {
  guarded,
  leave as leaveProcess,
  onExit,
  onFirstListener,
  outside,
  platform,
  processListeners,
  stay,
} from "./process.ts";

type BunType = Exclude<NativeType, "buffer"> | "ptr";

/** What is used of `bun:ffi`. */
export interface BunFfi {
  // deno-lint-ignore no-explicit-any
  dlopen(path: string, symbols: Record<string, { args: BunType[]; returns: BunType }>): { symbols: any };
}

interface Socket {
  unref(): void;
  end(): void;
}

/** What is used of the `Bun` namespace. */
export interface BunRuntime {
  readonly isMainThread: boolean;
  readonly version: string;
  readonly semver: { satisfies(version: string, range: string): boolean };
  readonly SHA256: { hash(bytes: Uint8Array<ArrayBuffer>, encoding: "hex"): string };
  gc(force: boolean): unknown;
  connect(options: {
    fd: number;
    socket: { data(): void; error(): void };
  }): Promise<Socket>;
}

/** What is used of `process`. */
interface BunProcess {
  getBuiltinModule(name: "bun:ffi"): BunFfi;
}

const runtime = (): BunRuntime => (globalThis as unknown as { Bun: BunRuntime }).Bun;
const bunFfi = (): BunFfi => (globalThis as unknown as { process: BunProcess }).process.getBuiltinModule("bun:ffi");

/** In loops: functions called for each type would be the first that the engine compiles, 0.7 ms and 1 MB. */
function open<T extends Prototypes>(path: string, prototypes: T): Functions<T> {
  const symbols: Record<string, { args: BunType[]; returns: BunType }> = {};
  for (const name in prototypes) {
    const { args: types, result } = prototypes[name];
    const args: BunType[] = [];
    for (const type of types) args.push(type === "buffer" ? "ptr" : type);
    symbols[name] = { args, returns: result };
  }
  return bunFfi().dlopen(path, symbols).symbols;
}

/** The C library under the names it has: glibc, musl, macOS. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  const { os, arch } = platform;
  const names = os === "macos" ? ["/usr/lib/libSystem.B.dylib"] : ["libc.so.6", `libc.musl-${arch}.so.1`];
  let failure: unknown;
  for (const name of names) {
    try {
      return open(name, prototypes);
    } catch (error) {
      if (explain(error) !== error) throw error;
      failure = error;
    }
  }
  throw failure;
}

function sha256(bytes: Uint8Array<ArrayBuffer>): string {
  return runtime().SHA256.hash(bytes, "hex");
}

let socket: Promise<Socket> | undefined;

/** Bun's own handler is the quickest way into its event loop. But it keeps signals in a queue of 8,192 and, when
 * that is full, drops the next and wakes nobody; before 1.4.2 two threads could spoil it. So it is used only as
 * long as nothing is in the queue but our wake-ups, of which any will do: once other code listens to a signal, a
 * byte wakes. */
function watch(wake: Wake, wakened: () => void): void {
  const byByte = (): void => {
    if (socket) return;
    socket = runtime().connect({ fd: wake.fd, socket: { data: wakened, error: () => {} } });
    void socket.then((opened) => opened.unref());
    wake.carry(false);
  };
  const { semver, version } = runtime();
  if (!semver.satisfies(version, ">=1.4.2")) return byByte();
  onFirstListener(byByte);
  if (socket) return;
  processListeners.claim(wake.carrier, false); // its handler is put back, and there for those who listen to it later
  stay(wake.carrier, wakened);
  if (!wake.carry(true)) byByte();
}

/** `bun --hot` goes on with the same process object and the same event loop. */
function leave(): void {
  leaveProcess();
  void socket?.then((opened) => opened.end());
}

/** The engine's threads are born now, and can be asked: the collector's at a collection, the compilers' when more
 * functions are to be compiled at once than there are threads for: a function is hot after some 50 calls, and these
 * take longer to compile than the next one takes to get there. 6 ms in all. A compiler that has had nothing to do for
 * ten seconds ends; it is born again when it is needed. */
function startHelpers(): void {
  runtime().gc(true);
  const functions = Array.from({ length: 16 }, (_, k) => new Function("n", `return ${`n * ${k} + `.repeat(160)}1`));
  for (let call = 0; call < 50; call++) for (const hot of functions) hot(call);
}

function followErrors(owner: ErrorOwner): () => void {
  const stops = [followExceptions(owner), followRejections(owner)];
  return () => stops.forEach((stop) => stop());
}

function printUncaught(error: unknown): void {
  if (error instanceof Error) console.error(error);
  else console.error("error:", error);
}

/** `write("", done)` would call back at once, while a pipe still has to take what went before; and `end` would leave
 * no output to the listeners of "exit". The sink behind the stream knows when it is empty: `flush` of Bun.FileSink. */
function finish(stream: OutputStream, done: () => void): void {
  if (!stream.writable) return done();
  const key = Object.getOwnPropertySymbols(stream).find(({ description }) => description === "kWriteStreamFastPath");
  const sink = key && (stream as unknown as Record<symbol, { flush?(): unknown } | undefined>)[key];
  if (sink?.flush) Promise.resolve(sink.flush()).then(done, done);
  else stream.end(done);
}

function explain(error: unknown): unknown {
  if (!/requires the JIT/.test((error as Error).message)) return error;
  return new Error(
    "Cannot load the native part of @posix/signal: bun:ffi needs the JIT compiler; run again without BUN_JSC_useJIT=0",
    { cause: error },
  );
}

export const backend: Backend = {
  name: "Bun",
  get os() {
    return platform.os;
  },
  get arch() {
    return platform.arch;
  },
  engineSignals: { SIGPWR: "JavaScriptCore's collector, which stops threads with it" },
  watchesPipes: false,
  opensLate: false,
  isWorker: () => !runtime().isMainThread,
  open,
  libc,
  sha256,
  watch,
  startHelpers,
  leave,
  onExit,
  outside,
  followErrors,
  printUncaught,
  finish,
  explain,
  listeners: { ...processListeners, reinstalls: guarded },
};
