/** Loaded before a program (`--preload`): the runtime reports macOS as its platform, and loads the objects of build.ts
 * as the native part and as the C library. */
type Open = (
  path: string,
  symbols: Record<string, unknown>,
) => { symbols: Record<string, (...args: unknown[]) => number> };

// deno-lint-ignore no-explicit-any
const { Deno, process } = globalThis as any;
const library: string = Deno ? new URL(import.meta.url).searchParams.get("library") : process.env.LIBDARWIN;
const cString = (text: string) => new TextEncoder().encode(text + "\0");

/** As macOS does it: opens the file at `path`, whose bytes are exchanged just before. */
function instead(open: Open, extract: (path: string) => void): Open {
  return (path, symbols) => {
    if (path === "/usr/lib/libSystem.B.dylib") return open(library, symbols);
    if (path.endsWith("/libsignal")) extract(path);
    return open(path, symbols);
  };
}

if (Deno) {
  const open: Open = Deno.dlopen;
  const extract = (path: string) => {
    const { darwin_extract } = open(library, { darwin_extract: { parameters: ["buffer"], result: "i32" } }).symbols;
    if (darwin_extract(cString(path))) throw new Error("cannot write the library for this test");
  };
  Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "darwin" } });
  Object.defineProperty(Deno, "dlopen", { value: instead(open, extract) });
} else {
  const builtin = process.getBuiltinModule;
  const { dlopen, ...rest } = builtin("bun:ffi");
  const extract = (path: string) => {
    const { darwin_extract } = dlopen(library, { darwin_extract: { args: ["ptr"], returns: "i32" } }).symbols;
    if (darwin_extract(cString(path))) throw new Error("cannot write the library for this test");
  };
  const ffi = { ...rest, dlopen: instead(dlopen, extract) };
  Object.defineProperty(process, "platform", { value: "darwin" });
  Object.defineProperty(process, "getBuiltinModule", {
    value: (name: string) => name === "bun:ffi" ? ffi : builtin(name),
  });
}
