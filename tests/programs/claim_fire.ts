/** Waits for SIGUSR2 a given number of times after a line on input, with a new listener each time, or with one until
 * the end. */
import process from "node:process";
import * as signal from "../../mod.ts";

const [times, stays] = process.argv.slice(2);
process.stdin.once("data", async () => {
  const listener = stays ? signal.on("SIGUSR2", () => {}) : undefined;
  process.stdin.once("end", () => listener?.off());
  for (let i = 0; i < Number(times); i++) await signal.once("SIGUSR2");
  console.log("heard");
});
console.log("ready");
