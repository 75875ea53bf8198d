/** One handler for SIGUSR1 and SIGUSR2, sent from another terminal.
 *
 * deno run --allow-ffi examples/user_signals.ts [seconds]
 * bun examples/user_signals.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 3] = process.argv.slice(2).map(Number);

function receive(signum: number, info: signal.SigInfo): void {
  console.log(`Received: ${signum} (${info.name})`);
}

signal.signal(signal.SIGUSR1, receive);
signal.signal(signal.SIGUSR2, receive);

console.log(`My PID is: ${process.pid}. Try: kill -USR1 ${process.pid}`);
while (true) {
  console.log("Waiting...");
  signal.sleep(seconds);
}
