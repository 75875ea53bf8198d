/** A Worker whose event loop is blocked for longer than the grace period of an orphan, while its child is a zombie. */
import process from "node:process";
import { Worker } from "node:worker_threads";
import * as signal from "../../../mod.ts";

signal.reap();
const worker = new Worker(new URL("reap_worker_thread.ts", import.meta.url));
worker.on("message", (code) => {
  console.log(`status ${code}`);
  process.exit(0);
});
