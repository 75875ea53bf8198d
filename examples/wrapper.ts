/** Stands in for a command, and prints its run time: its terminal, its parent and its shell see the command.
 *
 *     deno run --allow-ffi --allow-run --allow-env examples/wrapper.ts COMMAND [ARGUMENT...]
 *     bun examples/wrapper.ts COMMAND [ARGUMENT...]
 *
 * (@posix/signal needs --allow-ffi; the others are for the command and its environment.) Ctrl+C reaches the command
 * once, Ctrl+Z stops both, and the exit status is the command's, or its signal.
 */
import { spawn } from "node:child_process";
import * as signal from "../mod.ts";

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error("usage: wrapper.ts COMMAND [ARGUMENT...]");
  process.exit(2);
}

/** Signals that arrive before the child is spawned are held for it. */
const early = signal.hold(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"]);
const started = performance.now();
const child = spawn(command, args, { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code, name) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`${command}: ${name ?? `status ${code}`} after ${seconds} s`);
});
if (child.pid !== undefined) signal.forward(child);
early[Symbol.dispose]();
