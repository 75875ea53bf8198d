/** Process 1 of a container, in place of tini or dumb-init: starts a command, passes every signal on to it, reaps the
 * orphans that the kernel gives to process 1, and ends as the command ends.
 *
 *     deno run --allow-ffi --allow-run --allow-env examples/init.ts COMMAND [ARGUMENT...]
 *     bun examples/init.ts COMMAND [ARGUMENT...]
 *
 * (@posix/signal needs --allow-ffi; the others are for the command and its environment.) Elsewhere than as process 1
 * it makes itself the one that orphans are given to.
 */
import { spawn } from "node:child_process";
import * as signal from "../mod.ts";

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error("usage: init.ts COMMAND [ARGUMENT...]");
  process.exit(2);
}

signal.reap({ subreaper: process.pid !== 1 });
/** What arrives before there is a child waits for it. */
const early = signal.hold(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"]);
const child = spawn(command, args, { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(127); // as a shell says that there is no such command
});
if (child.pid !== undefined) signal.forward(child);
early[Symbol.dispose]();
