/** Opens a C library of bench/c by the runtime's own FFI, for peers that do not use this module. */

/** @type {(path: string, functions: Record<string, { args: string[], result: string }>) => any} */
export function openLibrary(path, functions) {
  const each = (describe) =>
    Object.fromEntries(Object.entries(functions).map(([name, { args, result }]) => [name, describe(args, result)]));
  if ("Bun" in globalThis) {
    const { dlopen } = globalThis.process.getBuiltinModule("bun:ffi");
    return dlopen(path, each((args, result) => ({ args, returns: result }))).symbols;
  }
  return globalThis.Deno.dlopen(path, each((parameters, result) => ({ parameters, result }))).symbols;
}
