/** Signals from outside at full rate, to listeners of ours and of the runtime's. A line on standard input means that
 * the senders have ended: no signal may remain for which the event loop was never woken. */
import * as signal from "../../mod.ts";
import { until } from "./posix_cases.ts";

const signals = process.argv.slice(2).map(Number);
for (const sig of signals) {
  signal.on(sig, () => {});
  process.on(signal.inspect().signals.find(({ signum }) => signum === sig)!.name, () => {});
}
let over = false;
process.stdin.on("data", () => over = true);
console.log("ready");
await until(() => over, 120_000);
const waiting = (): number => signals.reduce((sum, sig) => sum + signal.stats(sig).held, 0);
await until(() => waiting() === 0);
console.log(JSON.stringify({ waiting: waiting(), caught: signals.map((sig) => signal.stats(sig).caught > 0) }));
process.exit(0);
