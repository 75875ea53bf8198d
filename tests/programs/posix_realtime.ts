/** Real-time signals with short handlers, holds or waits: requests that the module sends its own helper threads
 * meanwhile must not be delivered as signals. */
import * as signal from "../../mod.ts";
import { type Cases, runCase, until } from "./posix_cases.ts";

const RTMIN = signal.SIGRTMIN!;
const all = Array.from({ length: signal.SIGRTMAX! - RTMIN + 1 }, (_, i) => RTMIN + i);

const cases: Cases = {
  shortWaits() {
    for (let round = 0; round < 3; round++) for (const sig of all) signal.sigtimedwait([sig], 0);
    return "alive";
  },

  shortHandlers() {
    let runs = 0;
    for (let round = 0; round < 3; round++) {
      for (const sig of all) {
        signal.signal(sig, () => void runs++);
        signal.signal(sig, signal.SIG_DFL);
      }
    }
    return runs;
  },

  shortHolds() {
    for (let round = 0; round < 3; round++) {
      for (const sig of all) {
        signal.sigprocmask(signal.SIG_BLOCK, [sig]);
        signal.sigprocmask(signal.SIG_UNBLOCK, [sig]);
      }
      signal.sigprocmask(signal.SIG_BLOCK, all);
      signal.sigprocmask(signal.SIG_SETMASK, []);
    }
    return "alive";
  },

  async resetHand(highest) {
    const sendable = all.filter((sig) => sig <= Number(highest));
    let runs = 0;
    const handler = (): void => void runs++;
    for (const sig of sendable) {
      if (sig % 2) signal.signal(sig, handler);
      signal.sigaction(sig, { handler, resetHand: true });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = runs;
    const installed = sendable.filter((sig) => signal.getsignal(sig) === handler).length;
    for (const sig of sendable) signal.pthreadKill(process.pid, sig);
    const after = sendable.filter((sig) => signal.getsignal(sig) === signal.SIG_DFL).length;
    return { before, installed, runs, after };
  },

  /** The first action, for one delivery, is not confined; the next one is. */
  async afterResetHand() {
    signal.sigaction(RTMIN, { handler: () => {}, resetHand: true });
    signal.signal(RTMIN, () => {});
    console.log("ready");
    await new Promise((resolve) => process.stdin.on("data", resolve));
    return "alive";
  },

  /** Thousands of waits leave no signal in the queues of threads that block it. */
  async manyWaits() {
    for (let i = 0; i < 2000; i++) signal.sigtimedwait([RTMIN], 0);
    console.log("ready");
    await new Promise((resolve) => process.stdin.on("data", resolve));
    return "alive";
  },

  /** When a thread starts or ends, the threads that do not block the signal yet are asked to leave it to the main
   * thread. */
  async manyThreads() {
    let runs = 0;
    signal.signal(RTMIN, () => void runs++);
    const workers: Worker[] = [];
    for (let i = 1; i <= 10; i++) {
      const worker = new Worker("data:text/javascript,postMessage('up')", { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      workers.push(worker);
      signal.sigqueue(process.pid, RTMIN, i);
      await until(() => runs === i, 5000);
    }
    console.log("ready");
    await new Promise((resolve) => process.stdin.on("data", resolve));
    for (const worker of workers) worker.terminate();
    return runs;
  },

  /** A signal that the thread's own mask keeps pending in the kernel stays pending when a handler is removed. */
  keptByTheThread() {
    signal.pthreadSigmask(signal.SIG_BLOCK, [RTMIN]);
    for (let i = 0; i < 3; i++) signal.pthreadKill(process.pid, RTMIN);
    signal.signal(RTMIN, () => {});
    // Helper threads handle their requests meanwhile. Not on the event loop: Bun waits there with an empty mask.
    signal.sleep(0.2);
    signal.signal(RTMIN, signal.SIG_DFL);
    const pending = signal.sigpending().has(RTMIN);
    let runs = 0;
    signal.signal(RTMIN, () => void runs++);
    signal.pthreadSigmask(signal.SIG_UNBLOCK, [RTMIN]);
    signal.check();
    return { pending, runs };
  },
};

await runCase(cases);
process.exit(0);
