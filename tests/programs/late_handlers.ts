/** Handlers and SIG_IGN set in the first milliseconds: do they hold after Deno's own half second?
 * `ready` once that time is over. */
import * as signal from "../../mod.ts";

const [mode] = process.argv.slice(2);
for (const name of ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1"] as const) {
  signal.signal(name, mode === "ignore" ? signal.SIG_IGN : (_signum, info) => console.log(`got ${info.name}`));
}
signal.signal("SIGUSR2", () => process.exit(0));
setTimeout(() => console.log("ready"), 1500);
setInterval(() => {}, 1000);
