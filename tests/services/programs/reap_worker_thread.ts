import { spawn } from "node:child_process";
import { parentPort } from "node:worker_threads";

const child = spawn("sh", ["-c", "exit 33"]);
child.on("exit", (code) => parentPort!.postMessage(code));
for (const end = performance.now() + 2000; performance.now() < end;);
