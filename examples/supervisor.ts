/** Starts a command, restarts it when it fails, and ends it with itself.
 *
 *     deno run --allow-ffi --allow-run --allow-read --allow-env examples/supervisor.ts COMMAND ...
 *     bun examples/supervisor.ts COMMAND ...
 *
 * (@posix/signal needs --allow-ffi, the others are for starting the command.) On SIGTERM, Ctrl+C and a closed terminal
 * the command gets SIGTERM, and SIGKILL 5 seconds later. The terminal sends Ctrl+C to the command too: if that uses
 * `shutdown`, the SIGTERM after it does not count as a second request. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../mod.ts";

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error("usage: supervisor.ts COMMAND ...");
  process.exit(2);
}

let child: ChildProcess | undefined;

async function supervise(stop: AbortSignal): Promise<void> {
  for (let start = 1; !stop.aborted; start++) {
    child = spawn(command, args, { stdio: "inherit" });
    console.log(`supervisor: start ${start}, process ${child.pid}`);
    const [status, killer] = await once(child, "exit");
    child = undefined;
    console.log(`supervisor: ended by ${killer ?? `status ${status}`}`);
    if (status === 0) return end.begin();
    if (!stop.aborted) await delay(1000, undefined, { signal: stop });
  }
}

/** Sends a signal to the command, unless that has just ended. */
function send(name: signal.SignalName): void {
  try {
    if (child) signal.kill(child.pid!, name);
  } catch (error) {
    if ((error as signal.PosixError).code !== "ESRCH") throw error;
  }
}

const end = signal.shutdown({ signals: ["SIGTERM", "SIGINT", "SIGHUP"], deadline: 10 });
const supervised = supervise(end.signal);
end.defer("the command", async () => {
  send("SIGTERM");
  const limit = setTimeout(() => send("SIGKILL"), 5000);
  await supervised;
  clearTimeout(limit);
});
