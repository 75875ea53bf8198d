/** Measures the turns of the event loop while threads come and go: the longest, in milliseconds. */
import process from "node:process";
import { setImmediate } from "node:timers";
import { openLibrary } from "./library.js";

/** Few enough for Deno's first way to be woken: the second takes 20 ms to load, once. */
const EVERY_US = 5000;

/** @param {number} signum the signal that is sent */
export function measure(signum, count) {
  const [path, seconds] = process.argv.slice(2);
  const { churn_start } = openLibrary(path, { churn_start: { args: ["i32", "i32"], result: "i32" } });
  churn_start(signum, EVERY_US);
  const end = performance.now() + Number(seconds) * 1000;
  let longest = 0, last = performance.now();
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (now < end) return setImmediate(turn);
    console.log(JSON.stringify({ longest, handled: count() }));
    process.exit(0);
  };
  setImmediate(turn);
}
