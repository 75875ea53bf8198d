/** Ctrl+C on the terminal of this process and of a child that exits on it with status 9. This process delivers the
 * signal after the child has ended: `reaped` when the child has been reaped as well, `unreaped` in the same turn of the
 * event loop at the earliest. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import * as signal from "../../../mod.ts";

const script = "trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done";
const child = spawn("sh", ["-c", script], { stdio: ["inherit", "pipe", "inherit"] });
if (process.argv[2] === "reaped") {
  const held = signal.hold("SIGINT");
  child.on("exit", () => held[Symbol.dispose]());
}
signal.forward(child);
child.stdout.once("data", () => {
  console.log("ready");
  if (process.argv[2] === "reaped") return;
  const isZombie = () => / Z /.test(readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/^.*\)/, ""));
  while (!isZombie());
});
