/** A child known to the caller by its pid alone ends, and has been reaped when SIGTERM arrives. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const child = spawn("cat", [], { stdio: ["pipe", "ignore", "ignore"] });
signal.forward({ pid: child.pid });
child.on("exit", () => {
  console.log("the child is gone");
  setTimeout(() => signal.kill(process.pid, "SIGTERM"));
});
child.stdin.end();
