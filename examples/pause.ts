/** Blocks until any signal is delivered: every signal that can be caught gets a handler, and `pause` waits for the
 * first.
 *
 * deno run --allow-ffi examples/pause.ts
 * bun examples/pause.ts */
import process from "node:process";
import * as signal from "../mod.ts";

for (const signum of signal.validSignals({ catchable: true })) {
  signal.signal(signum, (_signum, info) => console.log(`${info.name} from process ${info.pid}`));
}

console.log(`Waiting. Send any signal to process ${process.pid}`);
signal.pause();
console.log("Awake again");
