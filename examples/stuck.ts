/** A program that hangs: its event loop never turns again, and it is still terminated by the signal: two seconds after
 * the first one, or by a second Ctrl+C, or by a second SIGTERM that is no copy of the first. C code does all of this.
 *
 * deno run --allow-ffi examples/stuck.ts [seconds]
 * bun examples/stuck.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 2] = process.argv.slice(2).map(Number);

signal.shutdown({ deadline: seconds });
console.log(`process ${process.pid} hangs; kill it once and wait ${seconds} s, or press Ctrl+C twice`);
while (true);
