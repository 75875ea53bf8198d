/** A program that hangs: its event loop never turns again, and still it dies by the signal when it
 * is told to: at once when told twice, after two seconds when told once. C sees to both.
 *
 * deno run --allow-ffi examples/stuck.ts [seconds]
 * bun examples/stuck.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 2] = process.argv.slice(2).map(Number);

signal.shutdown({ deadline: seconds });
console.log(`process ${process.pid} hangs; kill it once and wait ${seconds} s, or twice`);
while (true);
