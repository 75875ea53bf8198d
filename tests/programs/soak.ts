/** A mixed load that runs until a line arrives on standard input: signals from outside, from itself, from a Worker,
 * from timers and children, while listeners, handlers, sections and waits begin and end and the collector runs. Prints
 * a line of JSON every second, and the totals as the last one. Deno: -A, --v8-flags=--expose-gc. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import * as signal from "../../mod.ts";
import { turn, until } from "./posix_cases.ts";
import { queue } from "./soak_queue.ts";

const engine = globalThis as unknown as { Bun?: { gc(force: boolean): void }; gc?(): void };
const collect = (): void => engine.Bun ? engine.Bun.gc(true) : engine.gc!();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { SIG_BLOCK, SIG_DFL, SIG_UNBLOCK, SIGALRM, SIGCHLD, SIGHUP, SIGUSR1, SIGUSR2 } = signal;
const [OUTSIDE, OUTSIDE_TOO, OWN, WORKER, WAITED] = [1, 2, 3, 4, 5].map((n) => signal.SIGRTMIN! + n);
/** Signals with a listener that counts; further listeners are added for a while. */
const counted = [SIGUSR1, SIGUSR2, OUTSIDE, OUTSIDE_TOO, OWN, WORKER, SIGALRM, SIGCHLD];

const calls: Record<number, number> = {};
const last: Record<string, number> = {};
/** The operations of each part of the load, and the results. */
const did = { own: 0, worker: 0, spawned: 0, waits: 0, deadlines: 0, changes: 0, collections: 0 };
const found = { exited: 0, waited: 0, stopped: 0, streamed: 0, streamLost: 0, disorder: 0 };

for (const sig of counted) {
  calls[sig] = 0;
  signal.on(sig, (signum, { pid, value }) => {
    calls[signum]++;
    if (signum !== OUTSIDE && signum !== OUTSIDE_TOO) return;
    const sender = `${pid} ${signum}`;
    if (value! <= last[sender]) found.disorder++;
    last[sender] = value!;
  });
}

const stream = signal.events(OUTSIDE, { capacity: 256 });
const streaming = (async () => {
  for await (const _info of stream) found.streamed++;
})();

/** The ways in which a program changes the handling of a signal. */
const ways: ((sig: number) => void)[] = [
  (sig) => void signal.on(sig, () => {}).off(),
  (sig) => void signal.signal(sig, () => {}),
  (sig) => signal.hold(sig, () => {}),
  (sig) => void signal.events(sig, { capacity: 1 }).return(),
  (sig) => signal.abortOn(sig)[Symbol.dispose](),
  (sig) => void signal.sigprocmask(SIG_BLOCK, sig),
  (sig) => void signal.signal(sig, SIG_DFL),
  (sig) => void signal.sigprocmask(SIG_UNBLOCK, sig),
  (sig) => void signal.shutdown({ signals: SIGHUP, deadline: 1 + sig }).cancel(),
];

let over = false;
process.stdin.on("data", () => over = true);

async function each(ms: number, work: () => unknown): Promise<void> {
  for (; !over; await pause(ms)) await work();
}

const worker = new Worker(new URL("./soak_worker.ts", import.meta.url), { type: "module" });
const askWorker = (count: number): Promise<number> =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage({ signum: WORKER, count });
  });

const resident = (): number => Math.round(process.memoryUsage().rss / 2 ** 20 * 10) / 10;
const descriptors = (): number => readdirSync("/proc/self/fd").length;

const loads = [
  each(3, () => {
    ways[did.changes % ways.length](counted[Math.floor(did.changes / ways.length) % counted.length]);
    did.changes++;
  }),
  each(20, () => {
    for (let i = 0; i < 50; i++) queue(OWN, did.own++);
  }),
  each(30, async () => did.worker += await askWorker(50)),
  each(250, async () => {
    did.spawned++;
    const code = await new Promise((resolve) => spawn("true").on("close", resolve));
    if (code === 0) found.exited++;
  }),
  each(50, () => {
    signal.hold(WAITED, () => {
      queue(WAITED, did.waits);
      if (signal.sigtimedwait(WAITED, 1)?.value === did.waits++) found.waited++;
    });
    signal.sleep(0.002);
    signal.check();
  }),
  each(2000, () => {
    did.deadlines++;
    try {
      signal.deadline(0.01, () => {
        for (;;);
      });
    } catch (error) {
      if ((error as Error).name === "TimeoutError") found.stopped++;
    }
    signal.inspect();
  }),
  each(500, () => {
    collect();
    did.collections++;
  }),
  each(1000, () => {
    const all = Object.values(signal.stats());
    const sum = (key: keyof signal.SignalStats): number => all.reduce((total, each) => total + each![key], 0);
    console.log(JSON.stringify({ caught: sum("caught"), lost: sum("lost"), resident: resident(), fds: descriptors() }));
  }),
];
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01);
console.log("ready");

await Promise.all(loads);
signal.setitimer(signal.ITIMER_REAL, 0);
signal.sigprocmask(signal.SIG_SETMASK, []);
await turn();
await until(() => calls[WORKER] === did.worker, 5000);
await until(() => found.streamed + stream.lost === calls[OUTSIDE], 5000);
found.streamLost = stream.lost;
await stream.return();
await streaming;
worker.terminate();
collect();
const signals = Object.fromEntries(counted.map((sig) => [sig, { calls: calls[sig], ...signal.stats(sig) }]));
console.log(JSON.stringify({ did, found, signals }));
process.exit(0);
