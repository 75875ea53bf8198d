/** Queues 42 to itself, forwards it to the command in its arguments, and ends the command when it has received it. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
signal.forward(child, ["SIGRTMIN"]);
child.stdout.on("data", (text) => {
  process.stdout.write(text);
  if (String(text).includes("ready")) signal.sigqueue(process.pid, "SIGRTMIN", 42);
  if (String(text).includes("got")) child.kill("SIGKILL");
});
