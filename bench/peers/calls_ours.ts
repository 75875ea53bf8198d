/** Nanoseconds a call. Each loop is written out, since a shared one would be compiled for no call in particular; many
 * short runs, of which the best counts. Given noop.so, also the cheapest calls that FFI can make. */
import process from "node:process";
import * as signal from "../../mod.ts";
import * as cheapest from "./cheapest.ts";
import { openLibrary } from "./library.js";

const noop: () => void = openLibrary(process.argv[2], { bench_noop: { args: [], result: "void" } }).bench_noop;

const results: Record<string, number> = {};
const RUNS = 50;

/** `count` calls of each, in turn. */
function measure(count: number, loops: Record<string, (count: number) => void>): void {
  for (const loop of Object.values(loops)) {
    for (let i = 0; i < 5; i++) loop(count / 10); // until it is compiled
  }
  for (let i = 0; i < RUNS; i++) {
    for (const [name, loop] of Object.entries(loops)) {
      const begun = performance.now();
      loop(count / RUNS);
      const ns = (performance.now() - begun) * 1e6 / (count / RUNS);
      results[name] = Math.min(results[name] ?? Infinity, ns);
    }
  }
}

const { pid } = process;
const { ITIMER_REAL, SIG_BLOCK } = signal;
const none: signal.SignalLike[] = [];
signal.signal("SIGUSR1", () => {});

let found = 0;
measure(1e7, {
  "no-op call": (count) => {
    for (let i = 0; i < count; i++) noop();
  },
  "the cheapest check()": (count) => {
    for (let i = 0; i < count; i++) found += cheapest.check();
  },
  "check()": (count) => {
    for (let i = 0; i < count; i++) found += signal.check();
  },
});
if (found !== 0) throw new Error("check() found signals that nobody sent");
measure(300_000, {
  "kill(pid, 0)": (count) => {
    for (let i = 0; i < count; i++) signal.kill(pid, 0);
  },
  "alarm(0)": (count) => {
    for (let i = 0; i < count; i++) signal.alarm(0);
  },
  "setitimer": (count) => {
    for (let i = 0; i < count; i++) signal.setitimer(ITIMER_REAL, 0);
  },
  "sigprocmask": (count) => {
    for (let i = 0; i < count; i++) signal.sigprocmask(SIG_BLOCK, none);
  },
  "getsignal": (count) => {
    for (let i = 0; i < count; i++) signal.getsignal("SIGUSR1");
  },
  "raise": (count) => {
    for (let i = 0; i < count; i++) signal.raise("SIGUSR1");
  },
});
console.log(JSON.stringify(results));
