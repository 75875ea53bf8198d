/** The ticks of a 1 ms interval timer that are delivered, when, and those that coalesced: of a POSIX timer (started by
 * ticker.so), which counts its overruns, or of setitimer. In the middle of the run the first is blocked in the kernel
 * for 100 ms, and the second held. */
import process from "node:process";
import * as signal from "../../mod.ts";
import { openLibrary } from "./library.js";

const [kind, time, library] = process.argv.slice(2);
const seconds = Number(time);
const isPosix = kind === "posix";
const name = isPosix ? "SIGRTMIN" : "SIGALRM";

interface Ticker {
  ticker_start(sig: number, posix: number): number;
  ticker_now_ms(): number;
}
const ticker: Ticker = openLibrary(library, {
  ticker_start: { args: ["i32", "i32"], result: "f64" },
  ticker_now_ms: { args: [], result: "f64" },
});

const arrived: number[] = [];
/** Ticks and overruns up to each delivery. */
const told: number[] = [];
let overrun = 0;
signal.signal(name, (_signum, info) => {
  arrived.push(ticker.ticker_now_ms());
  overrun += info.overrun ?? 0;
  told.push(arrived.length + overrun);
});
const begun = ticker.ticker_start(isPosix ? signal.SIGRTMIN! : signal.SIGALRM!, isPosix ? 1 : 0);
const wait = (until: number) => new Promise((resolve) => setTimeout(resolve, begun + until - ticker.ticker_now_ms()));

await wait(seconds * 500);
const held = isPosix ? undefined : signal.hold(name);
if (isPosix) signal.pthreadSigmask(signal.SIG_BLOCK, name);
await wait(seconds * 500 + 100);
if (isPosix) signal.pthreadSigmask(signal.SIG_UNBLOCK, name);
held?.[Symbol.dispose]();
await wait(seconds * 1000);

const quantiles = (times: number[]) => {
  const late = times.map((at) => at - begun)
    .filter((since) => since < seconds * 500 - 5 || since > seconds * 500 + 110)
    .map((since) => 1000 * (since % 1)).sort((a, b) => a - b);
  return [late[Math.floor(late.length / 2)], late[Math.floor(late.length * 0.99)]];
};
const delivered = arrived.length;
const [late, late99] = quantiles(arrived);
const { merged } = signal.stats(name);
// A handler that runs late sees more expiries than deliveries: the least over the last ones is the number that is
// missing.
let missing = Infinity;
for (let i = delivered - 50; i < delivered; i++) {
  missing = Math.min(missing, Math.floor(arrived[i] - begun) - told[i] - merged);
}
console.log(JSON.stringify({ delivered, overrun, merged, missing, late, late99 }));
process.exit(0);
