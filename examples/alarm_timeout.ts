/** A timeout for something that blocks: the alarm's handler throws, and the error comes out of `sleep`.
 *
 * deno run --allow-ffi examples/alarm_timeout.ts [alarm] [sleep]
 * bun examples/alarm_timeout.ts [alarm] [sleep] */
import process from "node:process";
import * as signal from "../mod.ts";

const [timeout = 5, duration = 10] = process.argv.slice(2).map(Number);

signal.signal(signal.SIGALRM, () => {
  throw new signal.TimeoutError("It took too long");
});

signal.alarm(timeout);
try {
  console.log(`Sleeping ${duration} seconds, at most ${timeout}`);
  signal.sleep(duration);
  console.log("Slept to the end");
} catch (error) {
  if (!(error instanceof signal.TimeoutError)) throw error;
  console.log(`${error.name}: ${error.message}`);
} finally {
  signal.alarm(0);
}
