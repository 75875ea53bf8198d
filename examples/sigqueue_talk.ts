/** Two processes talk by signals that carry numbers: one asks, its partner answers with the square.
 * Starting the partner takes --allow-run and --allow-env in Deno.
 *
 * deno run --allow-ffi --allow-run --allow-env examples/sigqueue_talk.ts
 * bun examples/sigqueue_talk.ts */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../mod.ts";

const SIG = "SIGRTMIN";
const END = -1;

// Held from the start: signals that arrive before the other process waits stay queued.
signal.sigprocmask(signal.SIG_BLOCK, SIG);

function answer(asker: number): void {
  signal.sigqueue(asker, SIG, 0); // ready; the sender's pid comes with the signal
  while (true) {
    const { value, pid } = signal.sigwaitinfo(SIG);
    if (value === END) return;
    signal.sigqueue(pid!, SIG, value! * value!);
  }
}

function ask(): void {
  const words = "Deno" in globalThis ? ["run", "--allow-ffi"] : process.execArgv;
  spawn(process.execPath, [...words, import.meta.filename!, String(process.pid)], { stdio: "inherit" });
  const { pid } = signal.sigwaitinfo(SIG);
  for (const number of [3, 7, 12]) {
    signal.sigqueue(pid!, SIG, number);
    console.log(`${number} squared is ${signal.sigwaitinfo(SIG).value}`);
  }
  signal.sigqueue(pid!, SIG, END);
}

const [asker] = process.argv.slice(2);
if (asker) answer(Number(asker));
else ask();
