/** The three interval timers: a periodic one, two that count processor time, and one as a timeout that
 * ends the program with status 1.
 *
 * deno run --allow-ffi examples/interval_timers.ts [seconds]
 * bun examples/interval_timers.ts [seconds] */
import process from "node:process";
import * as signal from "../mod.ts";

const [seconds = 1] = process.argv.slice(2).map(Number);

let ticks = 0;
signal.signal(signal.SIGALRM, () => console.log(`Tick ${++ticks}`));
signal.setitimer(signal.ITIMER_REAL, seconds, seconds);
while (ticks < 3) signal.pause();
signal.setitimer(signal.ITIMER_REAL, 0);

let expired = false;
function processorTimeOver(_signum: number, info: signal.SigInfo): void {
  console.log(`${seconds} s of processor time used: ${info.name}`);
  expired = true;
}

signal.signal(signal.SIGVTALRM, processorTimeOver);
signal.setitimer(signal.ITIMER_VIRTUAL, seconds);
while (!expired) signal.check();

expired = false;
signal.signal(signal.SIGPROF, processorTimeOver);
signal.setitimer(signal.ITIMER_PROF, seconds);
while (!expired) signal.check();

signal.signal(signal.SIGALRM, () => {
  console.log("Timed out");
  process.exit(1);
});
signal.setitimer(signal.ITIMER_REAL, seconds);
console.log(`Waiting for an answer, at most ${seconds} s`);
signal.sleep(60 * seconds);
