/** The cheapest `check()` there could be: a function of a module that asks a C function which does nothing,
 * and tests its answer. */
import process from "node:process";
import { openLibrary } from "./library.js";

const { bench_no } = openLibrary(process.argv[2], { bench_no: { args: [], result: "i32" } });

export function check(): number {
  return bench_no() === 0 ? 0 : 1;
}
