/** Every handler is removed at exit, and the previous action is restored.
 *
 * deno run --allow-ffi examples/restore_at_exit.ts
 * bun examples/restore_at_exit.ts */
import process from "node:process";
import * as signal from "../mod.ts";

const previous = new Map<number, signal.Handler | null>();

for (const signum of [signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2]) {
  previous.set(signum, signal.signal(signum, () => console.log(`Received: ${signal.strsignal(signum)}`)));
}

process.on("exit", () => {
  for (const [signum, handler] of previous) {
    signal.signal(signum, handler ?? signal.SIG_DFL);
    console.log(`${signal.strsignal(signum)}: ${signal.getsignal(signum) === signal.SIG_DFL ? "default" : "handled"}`);
  }
});

signal.raise(signal.SIGUSR1);
signal.raise(signal.SIGTERM);
console.log("Done");
