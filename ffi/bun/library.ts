/** Bun's library loader: `bun:ffi`. */
import type { Functions, Library, NativeType, Prototypes } from "../backend.ts";
import { platform } from "../process_listeners.ts";

type BunType = Exclude<NativeType, "buffer"> | "ptr";

/** The members used of `bun:ffi`. */
export interface BunFfi {
  // deno-lint-ignore no-explicit-any
  dlopen(path: string, symbols: Record<string, { args: BunType[]; returns: BunType }>): { symbols: any };
}

/** The members used of `process`. */
interface BunProcess {
  readonly release: { readonly sourceUrl: string };
  getBuiltinModule(name: "bun:ffi"): BunFfi;
}

const bun = (): BunProcess => (globalThis as unknown as { process: BunProcess }).process;

/** Written as loops: callbacks for each type would be the first functions that the engine compiles, 0.7 ms and 1 MB. */
function open<T extends Prototypes>(path: string, prototypes: T): Functions<T> {
  const symbols: Record<string, { args: BunType[]; returns: BunType }> = {};
  for (const name in prototypes) {
    const { args: types, result } = prototypes[name];
    const args: BunType[] = [];
    for (const type of types) args.push(type === "buffer" ? "ptr" : type);
    symbols[name] = { args, returns: result };
  }
  return bun().getBuiltinModule("bun:ffi").dlopen(path, symbols).symbols;
}

/** The C library by its file names: glibc, musl, macOS. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  const names = platform.os() === "macos"
    ? ["/usr/lib/libSystem.B.dylib"]
    : ["libc.so.6", `libc.musl-${platform.arch()}.so.1`];
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

function explain(error: unknown): unknown {
  if (!/requires the JIT/.test((error as Error).message)) return error;
  return new Error(
    "Cannot load the native part of @posix/signal: bun:ffi needs the JIT compiler; run again without BUN_JSC_useJIT=0",
    { cause: error },
  );
}

export const library: Library = {
  ...platform,
  isMusl: () => bun().release.sourceUrl.includes("-musl"), // bun-linux-x64-musl.zip
  open,
  libc,
  explain,
  engineSignals: { SIGPWR: "JavaScriptCore's collector, which stops threads with it" },
};
