/** An alarm whose handler returns: it runs in the middle of the sleep, which goes on to its end.
 *
 * deno run --allow-ffi examples/alarm_during_sleep.ts [alarm] [sleep]
 * bun examples/alarm_during_sleep.ts [alarm] [sleep] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 2, duration = 4] = process.argv.slice(2).map(Number);

signal.signal(signal.SIGALRM, () => console.log("Alarm triggered!"));

signal.alarm(seconds);
console.log("Waiting for alarm...");
const start = performance.now();
signal.sleep(duration);
console.log(`Slept ${Math.floor((performance.now() - start) / 1000)} seconds`);
