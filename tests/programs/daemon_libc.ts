/** The C library by the runtime's own FFI, for what a program does beside this module. Deno: -A. */

interface Functions {
  pause(): number;
  pipe(ends: Int32Array): number;
  read(fd: number, to: Uint8Array, size: number): bigint;
}

// deno-lint-ignore no-explicit-any
const { Deno, process } = globalThis as any;

function open(): Functions {
  if (Deno) {
    return Deno.dlopen("libc.so.6", {
      pause: { parameters: [], result: "i32" },
      pipe: { parameters: ["buffer"], result: "i32" },
      read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    }).symbols;
  }
  return process.getBuiltinModule("bun:ffi").dlopen("libc.so.6", {
    pause: { args: [], returns: "i32" },
    pipe: { args: ["ptr"], returns: "i32" },
    read: { args: ["i32", "ptr", "usize"], returns: "i64" },
  }).symbols;
}

export const libc: Functions = open();
