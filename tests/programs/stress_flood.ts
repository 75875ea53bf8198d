/** Signals from outside at full rate, while listeners, handlers and sections begin and end and the collector runs. A
 * line on standard input means that the senders have ended. Arguments: the ring's capacity in records, and the signals.
 * Deno: -A, --v8-flags=--expose-gc. */
import * as signal from "../../mod.ts";
import { turn } from "./posix_cases.ts";

const engine = globalThis as unknown as { Bun?: { gc(force: boolean): void }; gc?(): void };
const collect = (): void => engine.Bun ? engine.Bun.gc(true) : engine.gc!();

const [records, ...signals] = process.argv.slice(2).map(Number);
signal.open({ records });

/** The ways in which a program changes the handling of a signal. One listener always remains, so that the default
 * action is never taken. */
const ways: ((sig: number) => void)[] = [
  (sig) => void signal.on(sig, () => {}).off(),
  (sig) => void signal.signal(sig, () => {}),
  (sig) => signal.hold(sig, () => {}),
  (sig) => void signal.events(sig, { capacity: 1 }).return(),
  (sig) => signal.siginterrupt(sig, false),
  (sig) => void signal.sigprocmask(signal.SIG_BLOCK, sig),
  (sig) => void signal.signal(sig, signal.SIG_DFL),
  (sig) => void signal.sigprocmask(signal.SIG_UNBLOCK, sig),
];
let changes = 0;

function change(): void {
  ways[changes % ways.length](signals[Math.floor(changes / ways.length) % signals.length]);
  changes++;
}

const calls: Record<number, number> = {};
/** The last value of each signal from each sender. */
const last: Record<string, number> = {};
let disorder = 0;
let changing = false;

function listen(sig: number): void {
  calls[sig] = 0;
  signal.on(sig, (signum, { pid, value }) => {
    calls[signum]++;
    if (value !== undefined) {
      const sender = `${pid} ${signum}`;
      if (value <= last[sender]) disorder++;
      last[sender] = value;
    }
    if (calls[signum] % 1000 === 0 && !changing) { // the end of a section runs handlers
      changing = true;
      change();
      changing = false;
    }
  });
}

/** Resident memory in MiB after each collection. */
const resident: number[] = [];
function look(): void {
  collect();
  resident.push(Math.round(process.memoryUsage().rss / 2 ** 20));
}

signals.forEach(listen);
let over = false;
process.stdin.on("data", () => over = true);
console.log("ready");
let next = performance.now();
while (!over) {
  change();
  if (performance.now() >= next) {
    look();
    next = performance.now() + 250;
  }
  await new Promise((resolve) => setTimeout(resolve));
}
await turn();
changing = true; // signals that are released now must not be held again
signal.sigprocmask(signal.SIG_SETMASK, []);
look();
const stats = Object.fromEntries(signals.map((sig) => [sig, signal.stats(sig)]));
console.log(JSON.stringify({ calls, stats, disorder, changes, resident }));
process.exit(0);
