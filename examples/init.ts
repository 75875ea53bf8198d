/** Process 1 of a container, in place of tini or dumb-init: starts a command, passes every signal on to it, reaps the
 * orphans that the kernel gives to process 1, and ends as the command ends.
 *
 *     deno run --allow-ffi --allow-run --allow-env examples/init.ts COMMAND [ARGUMENT...]
 *     bun examples/init.ts COMMAND [ARGUMENT...]
 *
 * (@posix/signal needs --allow-ffi; the others are for the command and its environment.) If it is not process 1, it
 * makes itself a subreaper, so that the kernel gives it the orphans of its descendants.
 */
import { spawn } from "node:child_process";
import * as signal from "../mod.ts";

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error("usage: init.ts COMMAND [ARGUMENT...]");
  process.exit(2);
}

signal.reap({ subreaper: process.pid !== 1 });
/** Signals that arrive before the child is spawned are held for it. */
const early = signal.hold(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"]);
const child = spawn(command, args, { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(127); // a shell's status for a command that does not exist
});
if (child.pid !== undefined) signal.forward(child);
early[Symbol.dispose]();
