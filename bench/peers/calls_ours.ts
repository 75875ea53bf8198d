/** Nanoseconds a call, in hot loops written out one by one, since a shared one would be compiled for
 * none of them. Given noop.so, also the cheapest call there is, for comparison. */
import process from "node:process";
import * as signal from "../../mod.ts";
import { openLibrary } from "./library.js";

const noop: () => void = openLibrary(process.argv[2], { bench_noop: { args: [], result: "void" } }).bench_noop;

const results: Record<string, number> = {};
function measure(name: string, count: number, loop: (count: number) => void): void {
  for (let i = 0; i < 5; i++) loop(count / 10); // until the compiler is done with it
  loop(count);
  const begun = performance.now();
  loop(count);
  results[name] = (performance.now() - begun) * 1e6 / count;
}

const { pid } = process;
const { ITIMER_REAL, SIG_BLOCK } = signal;
const none: signal.SignalLike[] = [];
signal.signal("SIGUSR1", () => {});

measure("no-op call", 2e7, (count) => {
  for (let i = 0; i < count; i++) noop();
});
let found = 0;
measure("check()", 2e7, (count) => {
  for (let i = 0; i < count; i++) found += signal.check();
});
if (found !== 0) throw new Error("check() found signals that nobody sent");
measure("kill(pid, 0)", 300_000, (count) => {
  for (let i = 0; i < count; i++) signal.kill(pid, 0);
});
measure("alarm(0)", 300_000, (count) => {
  for (let i = 0; i < count; i++) signal.alarm(0);
});
measure("setitimer", 300_000, (count) => {
  for (let i = 0; i < count; i++) signal.setitimer(ITIMER_REAL, 0);
});
measure("sigprocmask", 300_000, (count) => {
  for (let i = 0; i < count; i++) signal.sigprocmask(SIG_BLOCK, none);
});
measure("getsignal", 300_000, (count) => {
  for (let i = 0; i < count; i++) signal.getsignal("SIGUSR1");
});
measure("raise", 100_000, (count) => {
  for (let i = 0; i < count; i++) signal.raise("SIGUSR1");
});
console.log(JSON.stringify(results));
