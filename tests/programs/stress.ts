/** Cases under load. */
import { readdirSync } from "node:fs";
import process from "node:process";
import * as signal from "../../mod.ts";
import { type Cases, ordered, runCase, spin, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { ITIMER_REAL, SIG_BLOCK, SIG_UNBLOCK, SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGPROF, SIGTERM } = signal;
const { SIGUSR1, SIGUSR2 } = signal;
const RTMIN = signal.SIGRTMIN!;
const say = (text: string): void => console.log(text);

const engine = globalThis as unknown as { Bun?: { gc(force: boolean): void }; gc?(): void };
const collect = (): void => engine.Bun ? engine.Bun.gc(true) : engine.gc!();

/** Sends without giving handlers a chance to run before the call returns. */
const c = libc({ kill: { args: ["i32", "i32"], result: "i32" } });

const sleepMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a real-time signal into a ring, value by value, from this process. */
function sendValues(count: number): void {
  for (let value = 0; value < count; value++) signal.sigqueue(process.pid, RTMIN, value);
}

const cases: Cases = {
  /** Two signals, each with a handler that arms the timer whose signal is counted. */
  dependent(rounds) {
    let alarms = 0;
    const arm = (): void => void signal.setitimer(ITIMER_REAL, 1e-6 + Math.random() * 1e-5);
    signal.signal(SIGPROF, arm);
    signal.signal(SIGUSR1, arm);
    signal.signal(SIGALRM, () => void alarms++);
    const end = performance.now() + 20_000;
    let sent = 0;
    while (sent < Number(rounds) && performance.now() < end) {
      for (const sig of [SIGPROF, SIGUSR1]) {
        signal.kill(process.pid, sig);
        sent++;
        while (alarms < sent && performance.now() < end) signal.sleep(1e-5);
      }
    }
    return { sent, alarms };
  },

  /** The sender continues; no call follows the return of `off`, though another handler is installed. */
  async barrier() {
    let calls = 0;
    let late = 0;
    let stopped = false;
    signal.signal(SIGUSR1, () => {}); // so that SIGUSR1 does not kill the program
    const listener = signal.on(SIGUSR1, () => {
      calls++;
      if (stopped) late++;
    });
    const stream = signal.events(SIGUSR1, { capacity: 1 });
    say("ready");
    await sleepMs(1000);
    listener.off();
    stopped = true;
    const caught = signal.stats(SIGUSR1).caught;
    await until(() => signal.stats(SIGUSR1).caught > caught + 100);
    await stream.return();
    const { done } = await stream.next();
    return { received: calls > 0, late, done };
  },

  /** Listens, is sent a SIGINT meanwhile and stops listening: the signal is delivered, or kills. */
  async tries() {
    for (let i = 0; i < 10; i++) {
      let got = false;
      const listener = signal.on(SIGINT, () => void (got = true));
      say("try");
      await sleepMs(Math.random() * 15);
      spin(Math.random() * 0.003);
      listener.off();
      await until(() => got, 2000);
      say(got ? "received" : "neither");
    }
  },

  async collector() {
    let received = 0;
    signal.on(SIGHUP, () => void received++);
    let kept: unknown[] = [];
    for (let i = 0; i < 100; i++) {
      c.kill(process.pid, SIGHUP);
      kept = Array.from({ length: 200 }, (_, n) => ({ n, kept: kept.length }));
      collect();
      await until(() => received > i);
    }
    return received;
  },

  async abort() {
    using interrupted = signal.abortOn(SIGINT);
    const aborted = new Promise((resolve) => interrupted.signal.addEventListener("abort", resolve));
    const alive = setInterval(() => {}, 1000);
    say("ready");
    await aborted;
    say("aborted");
    await sleepMs(100);
    clearInterval(alive);
  },

  async stopsItself() {
    let count = 0;
    let limit = 10;
    const listen = (): signal.Listener => {
      const listener = signal.on(SIGCHLD, () => {
        if (++count === limit) listener.off();
      });
      return listener;
    };
    const counts: number[] = [];
    const raiseTen = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        signal.raise(SIGCHLD);
        await sleepMs(5);
      }
      counts.push(count);
    };
    listen();
    await raiseTen();
    await raiseTen();
    limit = 20;
    listen();
    await raiseTen();
    return counts;
  },

  async fourWatchers() {
    const counts = [0, 0, 0, 0];
    for (const i of [0, 1, 2, 3]) signal.on(i < 2 ? SIGUSR1 : SIGUSR2, () => void counts[i]++);
    for (let i = 0; i < 10; i++) {
      c.kill(process.pid, SIGUSR1);
      c.kill(process.pid, SIGUSR2);
      await until(() => counts.every((count) => count > i));
      await turn();
    }
    return counts;
  },

  /** The same sum with and without 30,000 signals. */
  floats() {
    let handled = 0;
    signal.signal(SIGHUP, () => void handled++);
    const compute = (each: (i: number) => void): number => {
      const values = new Float64Array(8).fill(123.456);
      let sum = 0;
      for (let i = 1; i <= 30_000; i++) {
        for (let k = 0; k < 8; k++) values[k] = Math.sqrt(values[k] * (1 + k / i)) + Math.sin(i + k) + 2;
        each(i);
        sum += Math.hypot(...values);
      }
      return sum;
    };
    const quiet = compute(() => {});
    const disturbed = compute(() => c.kill(process.pid, SIGHUP));
    signal.check();
    return { same: quiet === disturbed, handled };
  },

  /** Calls that must not fail under the load of two senders. */
  calls() {
    let handled = 0;
    for (const sig of [SIGUSR1, SIGUSR2]) signal.signal(sig, () => void handled++);
    say("ready");
    const end = performance.now() + 1000;
    let done = 0;
    for (; performance.now() < end; done++) {
      signal.pthreadKill(process.pid, 0);
      signal.pthreadSigmask(SIG_BLOCK, [SIGTERM]);
      signal.pthreadSigmask(SIG_UNBLOCK, [SIGTERM]);
    }
    return { done: done > 100, handled: handled > 10 };
  },

  /** A ring of five. */
  ring() {
    signal.open({ records: 5 });
    const got: number[] = [];
    signal.signal(RTMIN, (_signum, { value }) => void got.push(value!));
    const pairs = 1000;
    sendValues(pairs);
    const inOrder = got.length === pairs && got.every((value, i) => value === i);
    const rounds = [10, 50].map((count) => {
      got.length = 0;
      const before = signal.stats(RTMIN);
      // Their handler runs when this one has returned: until then nothing drains the ring.
      signal.signal(SIGUSR1, () => fill(count));
      signal.raise(SIGUSR1);
      signal.check();
      const { caught, lost } = signal.stats(RTMIN);
      return { kept: [...got], caught: caught - before.caught, lost: lost - before.lost };
    });
    return { inOrder, rounds };
  },

  /** Four values from four senders at once. */
  async fromOthers() {
    const got: number[] = [];
    signal.signal(RTMIN, (_signum, { value }) => void got.push(value!));
    say("ready");
    await until(() => got.length === 4);
    return got.sort();
  },

  async spaced() {
    let count = 0;
    signal.on(SIGUSR1, () => say(`seen ${++count}`));
    signal.on(SIGUSR2, () => {}, { once: true, ref: true });
    say("ready");
    await until(() => count === 3);
    await sleepMs(100);
    return count;
  },

  /** Each kill is caught and handled, whatever its sender. */
  async fast(how) {
    let count = 0;
    signal.on(SIGUSR1, () => void count++);
    for (let i = 0; i < 1000; i++) {
      if (how === "module") signal.kill(process.pid, SIGUSR1);
      else if (how === "runtime") process.kill(process.pid, "SIGUSR1");
      else c.kill(process.pid, SIGUSR1);
    }
    const atOnce = count;
    await until(() => count === 1000);
    return { atOnce, count, caught: signal.stats(SIGUSR1).caught };
  },

  /** Ten thousand values from outside, while the JavaScript thread sleeps, computes or collects. */
  async burst(how) {
    const got: number[] = [];
    signal.signal(RTMIN, (_signum, { value }) => void got.push(value!));
    say("ready");
    const end = performance.now() + 20_000;
    while (got.length < 10_000 && performance.now() < end) {
      if (how === "sleep") signal.sleep(0.02);
      else if (how === "spin") spin(0.2);
      else collect();
      await turn();
    }
    const { caught, delivered, lost } = signal.stats(RTMIN);
    return { ...ordered(got), caught, delivered, lost };
  },

  /** A flood from outside, in which the engine stops the delivery again and again, wherever it is; the handler of another
   * signal has not returned meanwhile. */
  async deadlines(count) {
    const seen = new Uint8Array(Number(count));
    let calls = 0, twice = 0, stops = 0;
    signal.signal(RTMIN, (_signum, { value }) => {
      calls++;
      if (seen[value!]++ > 0) twice++;
    });
    signal.signal(SIGUSR1, () => {
      try {
        signal.deadline(0.0005, () => {
          for (;;) signal.check();
        });
      } catch (error) {
        if (!(error instanceof signal.TimeoutError)) throw error;
        stops++;
      }
    });
    say("ready");
    const end = performance.now() + 20_000;
    while (signal.stats(RTMIN).caught < Number(count) && performance.now() < end) {
      signal.raise(SIGUSR1);
      await turn();
    }
    const { caught, delivered, held, lost } = signal.stats(RTMIN);
    return { twice, accounted: caught === delivered + held + lost, uncalled: delivered - calls, stops };
  },

  /** A listener is added and removed ten thousand times; another stays. Deno: -A. */
  async underFire() {
    let calls = 0;
    signal.on(SIGUSR1, () => void calls++);
    const look = async (): Promise<[heap: number, fds: number]> => {
      await turn();
      collect();
      return [process.memoryUsage().heapUsed, readdirSync("/proc/self/fd").length];
    };
    const round = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const listener = signal.on(SIGUSR1, () => {});
        if (i % 100 === 0) await turn();
        listener.off();
      }
    };
    say("ready");
    await round(1000);
    const before = await look();
    const callsBefore = calls;
    await round(10_000);
    const after = await look();
    return {
      counting: calls > callsBefore,
      heap: after[0] - before[0] < 5 * 2 ** 20,
      fds: after[1] - before[1],
    };
  },

  async throwingListener() {
    let counted = 0;
    const errors: string[] = [];
    process.on("uncaughtException", ({ message }) => void errors.push(message));
    signal.on(SIGUSR1, () => {
      throw new Error("listener A");
    });
    signal.on(SIGUSR1, () => void counted++);
    for (let i = 0; i < 3; i++) {
      c.kill(process.pid, SIGUSR1);
      await until(() => counted > i);
      await turn();
    }
    return { errors, counted };
  },

  /** Signals while the program ends. */
  shuttingDown(where) {
    let handled = 0;
    for (const sig of [SIGUSR1, SIGTERM, RTMIN]) signal.on(sig, () => void handled++);
    const send = (): void => {
      for (const sig of [SIGUSR1, SIGTERM, RTMIN]) c.kill(process.pid, sig);
      for (const sig of [SIGUSR1, SIGTERM, RTMIN]) signal.kill(process.pid, sig);
    };
    if (where === "exit") process.on("exit", send);
    if (where === "unload") globalThis.addEventListener("unload", send);
    if (where === "finalizer") {
      const registry = new FinalizationRegistry(send);
      for (let i = 0; i < 1000; i++) registry.register({ i }, i);
      collect();
    }
    say("ending");
    process.exit(3);
  },
};

/** Sends the values 0 to `count` - 1 by the kernel's call, while nothing drains the ring. */
function fill(count: number): void {
  const { sigqueue } = libc({ sigqueue: { args: ["i32", "i32", "u32"], result: "i32" } });
  for (let value = 0; value < count; value++) sigqueue(process.pid, RTMIN, value);
}

await runCase(cases);
process.exit(0);
