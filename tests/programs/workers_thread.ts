/** The Worker of workers.ts, eintr.ts and stress.ts: posts "ready", then runs the job that a message names and answers
 * with the result. */
import * as signal from "../../mod.ts";
import { failure, spin } from "./posix_cases.ts";

// deno-lint-ignore no-explicit-any
type Job = (...args: any[]) => unknown;

const jobs: Record<string, Job> = {
  /** One signal after the other, at the given interval in seconds; `done` is set at the end, for a thread that is busy. */
  sendSpaced(sig: number, count: number, gap: number, done?: Int32Array) {
    for (let i = 0; i < count; i++) {
      signal.sleep(gap);
      signal.kill(process.pid, sig);
    }
    if (done) Atomics.store(done, 0, 1);
    return count;
  },

  sendAll(...sigs: number[]) {
    for (const sig of sigs) signal.kill(process.pid, sig);
    return sigs.length;
  },

  stopped: () =>
    failure(() =>
      signal.deadline(0.05, () => {
        for (;;);
      })
    ),

  /** Functions that need no handler. */
  allowed() {
    const USR2 = signal.SIGUSR2;
    const old = [...signal.pthreadSigmask(signal.SIG_BLOCK, [USR2])];
    const now = [...signal.pthreadSigmask(signal.SIG_SETMASK, old)];
    const begun = performance.now();
    signal.sleep(0.05);
    const slept = performance.now() - begun >= 49;
    return {
      old,
      now,
      slept,
      name: signal.strsignal(15),
      valid: signal.validSignals().size,
      check: signal.check(),
      timer: signal.getitimer(signal.ITIMER_REAL),
      set: signal.setitimer(signal.ITIMER_REAL, 0),
      alarm: signal.alarm(0),
      handler: signal.getsignal("SIGXCPU"),
      pending: [...signal.sigpending()],
      inspected: signal.inspect().pid === process.pid,
      probe: failure(() => signal.kill(process.pid, 0)),
    };
  },

  /** Functions of the process's main thread: the error of each, and whether it names the reason. */
  refused() {
    const calls: Record<string, () => unknown> = {
      signal: () => signal.signal("SIGUSR2", () => {}),
      ignore: () => signal.signal("SIGUSR2", signal.SIG_IGN),
      sigaction: () => signal.sigaction("SIGUSR2", { handler: () => {} }),
      siginterrupt: () => signal.siginterrupt("SIGUSR2", true),
      sigprocmask: () => signal.sigprocmask(signal.SIG_BLOCK, ["SIGUSR2"]),
      setWakeupFd: () => signal.setWakeupFd(-1),
      pause: () => signal.pause(),
      sigwait: () => signal.sigwait("SIGUSR2"),
      on: () => signal.on("SIGUSR2", () => {}),
      events: () => signal.events("SIGUSR2"),
      abortOn: () => signal.abortOn("SIGUSR2"),
      hold: () => signal.hold("SIGUSR2"),
      shutdown: () => signal.shutdown(),
      reload: () => signal.reload(() => {}),
      reap: () => signal.reap(),
      forward: () => signal.forward({ pid: process.ppid }),
    };
    return Object.entries(calls).filter(([, call]) => {
      try {
        call();
      } catch (error) {
        return !(error instanceof Error && /in a Worker: .*main thread/.test(error.message));
      }
      return true;
    }).map(([name]) => name);
  },

  /** Sends until it is terminated. */
  sendForEver(sig: number, gap: number) {
    for (;;) {
      signal.sleep(gap);
      signal.kill(process.pid, sig);
    }
  },

  work() {
    for (;;) spin(0.001), signal.check();
  },
};

interface Scope {
  onmessage: (event: { data: [string, ...unknown[]] }) => void;
  postMessage(value: unknown): void;
}
const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: [name, ...args] }) => scope.postMessage(jobs[name](...args));
scope.postMessage("ready");
