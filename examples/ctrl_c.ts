/** Ctrl+C handled twice: inside a loop that never awaits, and while the program merely waits.
 *
 * deno run --allow-ffi examples/ctrl_c.ts
 * bun examples/ctrl_c.ts */
import process from "node:process";
import * as signal from "../mod.ts";

let stop = false;

signal.signal(signal.SIGINT, () => {
  console.log("You pressed Ctrl+C!");
  stop = true;
});

console.log("Working. Press Ctrl+C to end the loop");
while (!stop) {
  signal.check(); // the handler runs here
}

signal.signal(signal.SIGINT, () => {
  console.log("You pressed Ctrl+C again. Good bye!");
  process.exit(0);
});

console.log("Waiting. Press Ctrl+C to leave");
setInterval(() => {}, 60_000); // a handler alone keeps no program alive
