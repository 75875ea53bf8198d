/** One C function, opened and called. */
import "./stay.js";
import { openLibrary } from "./library.js";

openLibrary("libc.so.6", { getpid: { args: [], result: "i32" } }).getpid();
