/** The C functions that a first handler takes, opened and not called: those of the library, in its file, which
 * is an argument, and those of the C library that would write it there. Deno opens others when they are used. */
import "./stay.js";
import { first, symbols } from "../../ffi/symbols.ts";
import { openLibrary } from "./library.js";

const isBun = "Bun" in globalThis;
const file = (isBun ? Bun.argv : Deno.args).find((word) => word.endsWith(".so"));
const names = isBun ? Object.keys(symbols) : first;
openLibrary(file, Object.fromEntries(names.map((name) => [name, symbols[name]])));
openLibrary("libc.so.6", {
  write: { args: ["i32", "buffer", "u32"], result: "i32" },
  close: { args: ["i32"], result: "i32" },
  memfd_create: { args: ["buffer", "u32"], result: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], result: "i32" },
});
