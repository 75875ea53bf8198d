/** Deno's library loader: `Deno.dlopen`. */
import type { Functions, Library, Prototypes } from "../backend.ts";
import { runtime } from "./runtime.ts";

/** Deno compiles a call for each function, 0.1 to 0.2 ms each. */
function open<T extends Prototypes>(path: string, prototypes: T): Functions<T> {
  const symbols: Parameters<ReturnType<typeof runtime>["dlopen"]>[1] = {};
  for (const name in prototypes) {
    const { args, result } = prototypes[name];
    symbols[name] = { parameters: [...args], result };
  }
  return runtime().dlopen(path, symbols).symbols;
}

/** "" opens the process itself, as `dlopen(NULL)` does in C, but on macOS nothing. Without the permission Deno would
 * only report the empty path, so it is requested first. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  const { build, errors, permissions } = runtime();
  if (permissions.requestSync({ name: "ffi" }).state !== "granted") throw new errors.NotCapable("FFI is not permitted");
  return open(build.os === "darwin" ? "/usr/lib/libSystem.B.dylib" : "", prototypes);
}

function explain(error: unknown): unknown {
  const { NotCapable } = runtime().errors;
  if (!(error instanceof NotCapable)) return error;
  return new NotCapable(
    "Cannot load the native part of @posix/signal: run again with --allow-ffi " +
      "(or grant one file, --allow-ffi=./libsignal.so, and call open({ library: './libsignal.so' }) first)",
    { cause: error },
  );
}

export const library: Library = {
  os() {
    const { os } = runtime().build;
    return os === "darwin" ? "macos" : os;
  },
  arch: () => runtime().build.arch,
  isMusl: () => runtime().build.target.includes("musl"),
  open,
  libc,
  explain,
  engineSignals: {},
};
