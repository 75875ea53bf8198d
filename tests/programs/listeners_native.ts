/** tests/support/c/native.c, loaded into the program under test; an argument is its path. */
import type { Functions } from "../../ffi/backend.ts";
import { load } from "./posix_libc.ts";

const prototypes = {
  native_handle: { args: ["i32"], result: "i32" },
  native_handled: { args: [], result: "i32" },
  native_stands: { args: ["i32"], result: "i32" },
  native_raise_at_exit: { args: ["i32"], result: "i32" },
  native_exec: { args: ["buffer"], result: "i32" },
  native_thread_id: { args: [], result: "i32" },
  native_overflow: { args: [], result: "i32" },
  native_write_to: { args: ["i32"], result: "i32" },
  native_divide: { args: ["i32", "i32"], result: "i32" },
  native_bus: { args: [], result: "i32" },
  native_abort: { args: [], result: "i32" },
  native_illegal: { args: [], result: "i32" },
} as const;

export function loadNative(path: string): Functions<typeof prototypes> {
  return load(path, prototypes);
}

/** A C string. */
export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}
