/** Prints the sender of each signal. With `shutdown` it ends gracefully at SIGTERM. */
import process from "node:process";
import * as signal from "../../mod.ts";

setInterval(() => {}, 1000);
for (const name of ["SIGUSR1", "SIGCHLD", "SIGRTMIN"] as const) {
  signal.on(
    name,
    (_signum, { codeName, pid, uid, value }) => console.log(JSON.stringify({ name, codeName, pid, uid, value })),
  );
}
if (process.argv[2] === "shutdown") {
  signal.shutdown({ deadline: 5 }).defer("say so", () => console.log("graceful"));
}
console.log("ready");
