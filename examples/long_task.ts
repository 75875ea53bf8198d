/** A long computation without any `await` that ends on Ctrl+C, as `KeyboardInterrupt`, or on an alarm.
 *
 * deno run --allow-ffi examples/long_task.ts [seconds]
 * bun examples/long_task.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 30] = process.argv.slice(2).map(Number);

function longTask(): never {
  for (let n = 0n;; n++) {
    signal.check();
  }
}

signal.signal(signal.SIGINT, signal.defaultIntHandler);
signal.signal(signal.SIGALRM, () => {
  throw new signal.TimeoutError(`Not done after ${seconds} s`);
});

signal.alarm(seconds);
try {
  console.log("Computing. Press Ctrl+C to stop");
  longTask();
} catch (error) {
  if (error instanceof signal.KeyboardInterrupt) console.log("Stopped by the user");
  else if (error instanceof signal.TimeoutError) console.log(`Stopped by the alarm: ${error.message}`);
  else throw error;
}
