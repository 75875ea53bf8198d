/** The least that anything of this kind needs of the runtime: ten C functions, and a first listener of its own. */
const names = ["getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getpgrp", "sync", "pause", "gettid"];
const each = (of) => Object.fromEntries(names.map((name) => [name, of]));

if ("Deno" in globalThis) {
  Deno.dlopen("", each({ parameters: [], result: "i32" })).symbols.getpid();
  Deno.addSignalListener("SIGUSR1", () => {});
} else {
  if ("Bun" in globalThis) {
    const { dlopen } = process.getBuiltinModule("bun:ffi");
    dlopen("libc.so.6", each({ args: [], returns: "i32" })).symbols.getpid();
  } else {
    const { dlopen } = process.getBuiltinModule("node:ffi");
    dlopen(null, each({ arguments: [], return: "i32" })).functions.getpid();
  }
  process.on("SIGUSR1", () => {});
}
