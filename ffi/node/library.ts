/** Node's library loader: `node:ffi`, of Node 26.10 and newer, which is experimental there. */
import type { Functions, Library, NativeType, Prototypes } from "../backend.ts";
import { platform } from "../process_listeners.ts";

/** The members used of `node:ffi`. */
export interface NodeFfi {
  dlopen(
    path: string | null,
    definitions: Record<string, { arguments: Exclude<NativeType, "void">[]; return: NativeType }>,
    // deno-lint-ignore no-explicit-any
  ): { functions: any };
}

/** The members used of `process`. */
export interface NodeProcess {
  readonly version: string;
  readonly execPath: string;
  getBuiltinModule(name: "node:ffi"): NodeFfi | undefined;
  getBuiltinModule(name: "node:fs"): {
    openSync(path: string): number;
    readSync(fd: number, into: Uint8Array<ArrayBuffer>): number;
    closeSync(fd: number): void;
  };
}

const node = (): NodeProcess => (globalThis as unknown as { process: NodeProcess }).process;

/** With this many arguments V8 compiles no direct call of a C function. At exit Node 26.10 frees the data of such calls
 * before it waits for the compiler, which then crashes with SIGTRAP or SIGSEGV. The C function ignores the additional
 * arguments. */
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

/** Whether the head of the executable names musl's dynamic linker; if it cannot be read, glibc is assumed. */
function isMusl(): boolean {
  const { execPath, getBuiltinModule } = node();
  const { closeSync, openSync, readSync } = getBuiltinModule("node:fs");
  const head = new Uint8Array(4096);
  try {
    const fd = openSync(execPath);
    readSync(fd, head);
    closeSync(fd);
  } catch {
    return false;
  }
  return new TextDecoder("latin1").decode(head).includes("/ld-musl-");
}

/** null opens the process itself, as in C. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  return open(null, prototypes);
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

export const library: Library = { ...platform, isMusl, open, libc, explain, engineSignals: {} };
