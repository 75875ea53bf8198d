/** Ctrl+C held back while something must not be interrupted, and handled right after.
 *
 * deno run --allow-ffi examples/critical_section.ts [seconds]
 * bun examples/critical_section.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 5] = process.argv.slice(2).map(Number);

signal.signal(signal.SIGINT, () => console.log("Ctrl+C handled"));

signal.sigprocmask(signal.SIG_BLOCK, [signal.SIGINT]);
console.log("Critical section: press Ctrl+C now");
signal.sleep(seconds);
console.log(`Ctrl+C is waiting: ${signal.sigpending().has(signal.SIGINT)}`);
console.log("Critical section done");
signal.sigprocmask(signal.SIG_UNBLOCK, [signal.SIGINT]);

console.log("Going on");
