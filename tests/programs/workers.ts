/** Cases of threads: Workers that use the module, signals that the kernel delivers to threads without JavaScript. */
import { readFileSync } from "node:fs";
import * as signal from "../../mod.ts";
import { loadNative } from "./listeners_native.ts";
import { type Cases, failure, runCase, spin, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { SIG_BLOCK, SIG_UNBLOCK, SIGALRM, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2 } = signal;
const O_NONBLOCK = 0o4000;

const engine = globalThis as unknown as { Bun?: { gc(force: boolean): void }; gc?(): void };
const collect = (): void => engine.Bun ? engine.Bun.gc(true) : engine.gc!();

/** A Worker that is ready. */
function ready(): Promise<Worker> {
  const worker = new Worker(new URL("./workers_thread.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => worker.onmessage = () => resolve(worker));
}

function ask<T>(worker: Worker, ...job: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(job);
  });
}

/** Runs `work` while a Worker is alive. */
async function withWorker<T>(work: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = await ready();
  try {
    return await work(worker);
  } finally {
    worker.terminate();
  }
}

function counting(...sigs: number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const sig of sigs) signal.signal(sig, (_signum, { name }) => void (counts[name] = (counts[name] ?? 0) + 1));
  return counts;
}

const cases: Cases = {
  async sentByAWorker() {
    const counts = counting(SIGUSR1, SIGUSR2, SIGALRM);
    await withWorker((worker) => ask(worker, "sendAll", SIGUSR1, SIGUSR2));
    await until(() => counts.SIGUSR1 + counts.SIGUSR2 === 2);
    return counts;
  },

  /** A call that is refused in a Worker does not change the disposition. Not SIGUSR1: Deno may have caught it itself. */
  async refused() {
    const refusals = await withWorker((worker) => ask(worker, "refused"));
    return { accepted: refusals, usr2: signal.getsignal(SIGUSR2), held: [...signal.sigprocmask(SIG_BLOCK, [])] };
  },

  stopped: () => withWorker((worker) => ask(worker, "stopped")),

  async allowed() {
    const handler = (): void => {};
    signal.signal(SIGUSR2, handler);
    const answer = await withWorker((worker) => ask(worker, "allowed"));
    return { ...answer as object, mainMask: [...signal.pthreadSigmask(SIG_BLOCK, [])] };
  },

  /** The sender reports by SIGUSR2 that it has finished. */
  async blockedWithHelpers(how) {
    let calls = 0;
    let sent = false;
    signal.signal(SIGUSR1, () => void calls++);
    signal.signal(SIGUSR2, () => void (sent = true));
    return await withWorker(async (worker) => {
      worker.postMessage(["work"]);
      (how === "process" ? signal.sigprocmask : signal.pthreadSigmask)(SIG_BLOCK, [SIGUSR1]);
      console.log("blocked");
      await until(() => sent);
      const blocked = calls;
      const pending = [...signal.sigpending()];
      (how === "process" ? signal.sigprocmask : signal.pthreadSigmask)(SIG_UNBLOCK, [SIGUSR1]);
      return { blocked, pending, released: calls };
    });
  },

  /** Every call of the module runs on the JavaScript thread. */
  sameThread(native) {
    const c = libc({ gettid: { args: [], result: "i32" } });
    signal.pthreadSigmask(SIG_BLOCK, [SIGUSR1]);
    const mask = readFileSync(`/proc/self/task/${c.gettid()}/status`, "utf8").match(/SigBlk:\t(\w+)/)![1];
    signal.raise(SIGUSR1);
    const pending = readFileSync(`/proc/self/task/${c.gettid()}/status`, "utf8").match(/SigPnd:\t(\w+)/)![1];
    return {
      same: loadNative(native).native_thread_id() === c.gettid() && c.gettid() === process.pid,
      mask,
      pending,
      module: [...signal.sigpending()],
    };
  },

  /** While the main thread blocks the signal, another thread takes it: Node's others block SIGUSR1. */
  async onAHelper() {
    const counts = counting(SIGUSR2);
    signal.pthreadSigmask(SIG_BLOCK, [SIGUSR2]);
    const c = libc({ kill: { args: ["i32", "i32"], result: "i32" } });
    for (let i = 1; i <= 50; i++) {
      c.kill(process.pid, SIGUSR2);
      await until(() => counts.SIGUSR2 === i);
    }
    return { counts, pending: [...signal.sigpending()] };
  },

  /** A Worker that used the module has been terminated; its calls do not change the signal's action. */
  async terminated() {
    await withWorker((worker) => ask(worker, "allowed"));
    setInterval(() => {}, 1000);
    console.log("ready");
    await new Promise(() => {});
  },

  /** A hundred Workers that send are terminated one after the other, half of them before they have started. */
  async terminatedWhileSending() {
    let calls = 0;
    signal.on(SIGUSR1, () => void calls++);
    console.log("sending");
    for (let i = 0; i < 100; i++) {
      if (i % 2) new Worker(new URL("./workers_thread.ts", import.meta.url), { type: "module" }).terminate();
      else {
        const worker = await ready();
        worker.postMessage(["sendForEver", SIGUSR1, 0.0005]);
        const before = calls;
        await until(() => calls > before + 2);
        worker.terminate();
      }
    }
    const after = calls;
    signal.kill(process.pid, SIGUSR1);
    const { caught, delivered, held, lost } = signal.stats(SIGUSR1);
    return {
      listening: calls > after,
      many: calls > 100,
      sums: caught === delivered + held + lost && lost === 0,
    };
  },

  /** 32 listeners for SIGUSR1 and 16 for SIGUSR2 each receive the signals of six Workers, once for each send; each
   * removes itself at its first signal and is added again for the second round. Others are added and removed meanwhile. */
  async manyListeners() {
    let one = 0;
    let two = 0;
    let term = 0;
    let made = 0;
    const join = (): void => {
      for (let i = 0; i < 32; i++) signal.on(SIGUSR1, () => void one++, { once: true });
      for (let i = 0; i < 16; i++) signal.on(SIGUSR2, () => void two++, { once: true });
    };
    const churn = setInterval(() => {
      using _listener = signal.on(SIGTERM, () => void term++);
      made++;
    }, 1);
    // A signal that a thread takes late, after the last listener is removed, takes the restored action.
    for (const sig of [SIGUSR1, SIGUSR2]) signal.signal(sig, signal.SIG_IGN);
    const others = [signal.on(SIGUSR1, () => {}), signal.on(SIGUSR2, () => {})];
    const workers = await Promise.all(Array.from({ length: 6 }, ready));
    const rounds: number[][] = [];
    for (const block of [false, true]) {
      if (block) signal.pthreadSigmask(SIG_BLOCK, signal.validSignals());
      join();
      await Promise.all(workers.map((worker) => ask(worker, "sendAll", SIGUSR1, SIGUSR2)));
      await until(() => one === 32 * (rounds.length + 1) && two === 16 * (rounds.length + 1));
      rounds.push([one, two]);
    }
    await until(() => made >= 10);
    clearInterval(churn);
    for (const listener of others) listener.off();
    for (const worker of workers) worker.terminate();
    return { rounds, term };
  },

  /** The main thread computes without a pause, or calls `check` now and then. */
  async busy(how) {
    return await withWorker(async (worker) => {
      const late: number[] = [];
      const done = new Int32Array(new SharedArrayBuffer(4));
      let sent = 0;
      // Real-time: two SIGUSR1 would be merged for a thread that has not run meanwhile.
      signal.signal("SIGRTMIN", (_signum, { time }) => void late.push(performance.now() - time));
      worker.postMessage(["sendSpaced", signal.SIGRTMIN, 5, 0.05, done]);
      while (!Atomics.load(done, 0)) {
        spin(0.001);
        if (how === "check") sent += signal.check();
      }
      if (how === "check") sent += signal.check();
      const duringSpin = late.length;
      await until(() => late.length === 5);
      return { duringSpin, after: late.length, sent, latest: Math.max(...late) };
    });
  },

  /** The collector stops threads by a signal of its own, in Bun by SIGPWR. */
  async collector() {
    return await withWorker(async (worker) => {
      worker.postMessage(["work"]);
      let handled = 0;
      const refused = failure(() => signal.on("SIGPWR", () => void handled++));
      if (refused !== "none") signal.on(SIGUSR1, () => void handled++);
      let kept: unknown[] = [];
      for (let round = 0; round < 50; round++) {
        kept = Array.from({ length: 200 }, (_, i) => ({ i, kept: kept.length }));
        collect();
        signal.kill(process.pid, refused === "none" ? "SIGPWR" : SIGUSR1);
        await turn();
      }
      return { refused, handled };
    });
  },

  /** glibc changes user IDs in all threads by its own signal 33. */
  async userIds() {
    const c = libc({ geteuid: { args: [], result: "i32" }, seteuid: { args: ["i32"], result: "i32" } });
    const own = c.geteuid();
    for (const sig of [SIGHUP, SIGUSR1, SIGUSR2]) signal.signal(sig, () => {});
    signal.sigprocmask(SIG_BLOCK, signal.validSignals());
    return await withWorker(async (worker) => {
      worker.postMessage(["work"]);
      const results = new Set<number>();
      const end = performance.now() + 2000;
      for (let rounds = 0; performance.now() < end; rounds++) {
        for (let i = 0; i < 400; i++) {
          if (own === 0) results.add(c.seteuid(65534));
          results.add(c.seteuid(own));
        }
        if (rounds % 10 === 0) collect();
        await turn();
      }
      return [...results];
    });
  },

  /** The handler's own calls fail with EAGAIN and EBADF; the runtime's errors are still its own. */
  async errnoOfTheRuntime() {
    const c = libc({
      pipe2: { args: ["buffer", "i32"], result: "i32" },
      write: { args: ["i32", "buffer", "u32"], result: "i32" },
    });
    const fds = new Uint8Array(8);
    c.pipe2(fds, O_NONBLOCK);
    const [, write] = new Int32Array(fds.buffer);
    while (c.write(write, new Uint8Array(4096), 4096) > 0);
    let calls = 0;
    signal.signal(SIGUSR1, () => void calls++);
    signal.setWakeupFd(write, { warnOnFullBuffer: false });
    return await withWorker(async (worker) => {
      worker.postMessage(["sendForEver", SIGUSR1, 0.001]);
      await until(() => calls > 0);
      const codes = new Set<string>();
      const end = performance.now() + 1000;
      for (let i = 0; performance.now() < end; i++) {
        try {
          readFileSync(`/nowhere/${i}`);
        } catch (error) {
          codes.add((error as { code: string }).code);
        }
      }
      signal.check();
      return { codes: [...codes], many: calls > 100 };
    });
  },

  errnoOfTheModule() {
    let calls = 0;
    signal.signal(SIGALRM, () => void calls++);
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005);
    const answers = new Set<string>();
    for (let i = 0; i < 10_000; i++) {
      answers.add(failure(() => signal.pthreadKill(-1, 0)));
      answers.add(failure(() => signal.pidfdSendSignal(-1, 0)));
      answers.add(failure(() => signal.kill(2 ** 31 - 1, 0)));
    }
    signal.check();
    return { answers: [...answers], calls: calls > 3 };
  },
};

await runCase(cases);
process.exit(0);
