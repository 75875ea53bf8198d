/** Prints a signal, and this process's actions for the signals that it has changed itself. */
import process from "node:process";
import * as signal from "../../mod.ts";

signal.signal("SIGRTMIN", (_signum, info) => console.log(info));
signal.sigqueue(process.pid, "SIGRTMIN", 7);

signal.signal("SIGHUP", signal.SIG_IGN);
signal.sigprocmask(signal.SIG_BLOCK, "SIGTERM");
signal.raise("SIGTERM");
const inspection = signal.inspect();
for (const state of inspection.signals) {
  const { name, owner } = state;
  if (owner !== "the runtime" && (name === "SIGHUP" || !/PIPE|XFSZ/.test(name))) continue;
  Object.assign(state, { action: "default", owner: undefined });
}
console.log(inspection);
