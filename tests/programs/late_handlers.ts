/** Handlers and SIG_IGN set in the first milliseconds: whether they survive Deno's own installation after half a
 * second. Prints `ready` after that time. */
import * as signal from "../../mod.ts";

const [mode] = process.argv.slice(2);
for (const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1"] as const) {
  signal.signal(name, mode === "ignore" ? signal.SIG_IGN : (_signum, info) => console.log(`got ${info.name}`));
}
signal.signal("SIGUSR2", () => process.exit(0));
setTimeout(() => console.log("ready"), 1500);
setInterval(() => {}, 1000);
