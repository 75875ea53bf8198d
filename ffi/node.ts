/** The backend for Node 26.10 and newer: `node:ffi`, `process.on` as process.ts has it, `node:net` on a
 * descriptor. Experimental, as `node:ffi` is there; README, Platforms, says what is short of Deno and Bun.
 *
 * libuv puts the default action at a signal when its last listener leaves, and learns by SIGCHLD that a
 * child has ended: both are why its handler, once asked for, is never let go. */
import type { Backend, Functions, NativeType, OutputStream, Prototypes, Wake } from "./backend.ts";
import { followExceptions } from "./uncaught.ts";
import { leave, livesOn, onExit, outside, platform, processListeners } from "./process.ts";

/** What is used of `node:ffi`. */
export interface NodeFfi {
  dlopen(
    path: string | null,
    definitions: Record<string, { arguments: Exclude<NativeType, "void">[]; return: NativeType }>,
    // deno-lint-ignore no-explicit-any
  ): { functions: any };
}

/** What is used of `process`. */
export interface NodeProcess {
  readonly version: string;
  getBuiltinModule(name: "node:ffi"): NodeFfi | undefined;
  getBuiltinModule(name: "node:crypto"): {
    hash(algorithm: "sha256", data: Uint8Array<ArrayBuffer>, encoding: "hex"): string;
  };
  getBuiltinModule(name: "node:worker_threads"): { readonly isMainThread: boolean };
  getBuiltinModule(name: "node:net"): {
    Socket: new (options: { fd: number; readable: boolean; writable: boolean }) => {
      on(event: "data", listener: () => void): unknown;
      unref(): unknown;
    };
  };
}

const node = (): NodeProcess => (globalThis as unknown as { process: NodeProcess }).process;

/** V8 compiles no direct call of a C function of so many arguments, as it does of all others; what such code
 * says of the function Node 26.10 frees when a program has come to its end, before it waits for the compiler,
 * which then dies by SIGTRAP or SIGSEGV. C takes its own arguments, and does not look at the rest. */
const ARGUMENTS = 9;

function open<T extends Prototypes>(path: string | null, prototypes: T): Functions<T> {
  const entries = Object.entries(prototypes).map(([name, { args, result }]) => ({
    name,
    result,
    args: [...args, ...new Array<"u32">(ARGUMENTS - args.length).fill("u32")],
    zeros: new Array<number>(ARGUMENTS - args.length).fill(0),
  }));
  const definitions = Object.fromEntries(entries.map(({ name, args, result }) => [
    name,
    { arguments: args, return: result },
  ]));
  const { functions } = node().getBuiltinModule("node:ffi")!.dlopen(path, definitions);
  return Object.fromEntries(entries.map(({ name, zeros }) => {
    const call = functions[name];
    return [name, (...given: unknown[]) => call(...given, ...zeros)];
  })) as Functions<T>;
}

/** null opens the process itself, as in C. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  return open(null, prototypes);
}

function sha256(bytes: Uint8Array<ArrayBuffer>): string {
  return node().getBuiltinModule("node:crypto").hash("sha256", bytes, "hex");
}

/** Closed by nobody: it lives as long as the process. */
function watch(wake: Wake, wakened: () => void): void {
  livesOn("SIGCHLD");
  const { Socket } = node().getBuiltinModule("node:net");
  const socket = new Socket({ fd: wake.fd, readable: true, writable: false });
  socket.on("data", wakened);
  socket.unref();
}

function finish(stream: OutputStream, done: () => void): void {
  if (stream.writable) stream.write("", done);
  else done();
}

function printUncaught(error: unknown): void {
  console.error("Uncaught", error);
}

function explain(error: unknown): unknown {
  if (!node().getBuiltinModule("node:ffi")) {
    return new Error(
      `Cannot load the native part of @posix/signal: this Node, ${node().version}, has no node:ffi; it comes with ` +
        "Node 26.10 or newer, run without --no-experimental-ffi",
      { cause: error },
    );
  }
  if ((error as { code?: unknown } | null)?.code !== "ERR_ACCESS_DENIED") return error;
  return new Error("Cannot load the native part of @posix/signal: run again with --allow-ffi", { cause: error });
}

export const backend: Backend = {
  name: "Node",
  get os() {
    return platform.os;
  },
  get arch() {
    return platform.arch;
  },
  engineSignals: {},
  watchesPipes: true,
  opensLate: false,
  isWorker: () => !node().getBuiltinModule("node:worker_threads").isMainThread,
  open,
  libc,
  sha256,
  watch,
  startHelpers: () => {},
  leave,
  onExit,
  outside,
  followErrors: followExceptions,
  printUncaught,
  finish,
  explain,
  listeners: { ...processListeners, reinstalls: () => false },
};
