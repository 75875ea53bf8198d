/** The cheapest possible `check()`: a function of a module that calls an empty C function and tests the result. */
import process from "node:process";
import { openLibrary } from "./library.js";

const { bench_no } = openLibrary(process.argv[2], { bench_no: { args: [], result: "i32" } });

export function check(): number {
  return bench_no() === 0 ? 0 : 1;
}
