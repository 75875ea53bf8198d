/** A Worker computes (with_worker_primes.ts) while the main thread handles the signals.
 * Reading the Worker's file takes --allow-read in Deno.
 *
 * deno run --allow-ffi --allow-read examples/with_worker.ts
 * bun examples/with_worker.ts */
import process from "node:process";
import * as signal from "../mod.ts";

const worker = new Worker(new URL("./with_worker_primes.ts", import.meta.url), { type: "module" });
let primes = 0;

function handler(_signum: number, info: signal.SigInfo): void {
  console.log(`Received ${info.name}`);
  if (info.signum !== signal.SIGTERM) return;
  console.log(`The Worker has found primes: ${primes > 0}`);
  worker.terminate();
  process.exit(0);
}

for (const signum of [signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM]) signal.signal(signum, handler);

worker.onmessage = ({ data }) => {
  if (primes === 0) console.log(`Computing. Try: kill -USR1 ${process.pid}; end it with: kill ${process.pid}`);
  primes = data;
};
