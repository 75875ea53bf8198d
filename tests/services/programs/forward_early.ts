/** SIGTERM arrives before there is a child, in a section of `hold` that ends after `forward`. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const early = signal.hold("SIGTERM");
signal.kill(process.pid, "SIGTERM");
const script = "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done";
const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
child.stdout.once("data", () => {
  signal.forward(child);
  early[Symbol.dispose]();
});
