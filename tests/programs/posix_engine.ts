/** The runtime's own needs while the program blocks every signal: its collector, its threads, and the C library's way
 * of changing user IDs in all threads at once. */
import * as signal from "../../mod.ts";
import { type Cases, failure, inAWorker, runCase, turn } from "./posix_cases.ts";
import { libc, NULL } from "./posix_libc.ts";

const runtime = globalThis as unknown as { Bun?: { gc(force: boolean): number }; gc?(): void };

function collect(): void {
  if (runtime.Bun) runtime.Bun.gc(true);
  else runtime.gc!();
}

function computingWorker(): Worker {
  const source = "for (let list = [];; list = list.length > 1000 ? [] : list) list.push({ list });";
  return new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
}

const cases: Cases = {
  collector(blocked) {
    const worker = computingWorker();
    if (blocked === "process") signal.sigprocmask(signal.SIG_BLOCK, signal.validSignals());
    else signal.pthreadSigmask(signal.SIG_BLOCK, signal.validSignals());
    let kept: unknown[] = [];
    let rounds = 0;
    for (; rounds < 50; rounds++) {
      kept = Array.from({ length: 200 }, (_, i) => ({ i, kept: kept.length }));
      collect();
    }
    worker.terminate();
    return rounds;
  },

  /** glibc signals every thread with 33 and waits for each: a thread that blocks it hangs all. */
  async setid() {
    const worker = computingWorker();
    const c = libc({ geteuid: { args: [], result: "i32" }, seteuid: { args: ["i32"], result: "i32" } });
    const own = c.geteuid();
    signal.sigprocmask(signal.SIG_BLOCK, signal.validSignals());
    signal.pthreadSigmask(signal.SIG_BLOCK, signal.validSignals());
    const results = new Set<number>();
    for (let i = 0; i < 200; i++) results.add(c.seteuid(own));
    if (own === 0) results.add(c.seteuid(1)).add(c.seteuid(0));
    const fromAWorker = await inAWorker("setid");
    worker.terminate();
    return [[...results], fromAWorker];
  },

  /** Address and size of this thread's alternate signal stack, before and after. */
  async alternateStack() {
    const c = libc({ sigaltstack: { args: ["buffer", "buffer"], result: "i32" } });
    const look = (): string => {
      const stack = new Uint8Array(24); // stack_t
      if (c.sigaltstack(NULL, stack) !== 0) throw new Error("sigaltstack failed");
      return String(stack.fill(0, 12, 16)); // padding
    };
    const before = look();
    signal.signal("SIGUSR1", () => {});
    signal.signal("SIGSEGV", () => {});
    signal.raise("SIGUSR1");
    signal.raise("SIGSEGV");
    const main = look() === before;
    const inWorker = await inAWorker("alternateStack");
    return { main, inWorker, changed: look() !== before };
  },

  /** With a handler on every signal, signals that the runtime sends itself must not be delivered. */
  async nothingOfItsOwn() {
    const got: string[] = [];
    for (const sig of signal.validSignals()) {
      if (failure(() => signal.signal(sig, (_signum, info) => void got.push(info.name))) === "none") continue;
      if (![signal.SIGKILL, signal.SIGSTOP, signal.SIGPWR].includes(sig)) got.push(`${sig} refused`);
    }
    const worker = computingWorker();
    const end = performance.now() + 2000;
    while (performance.now() < end) {
      let list: unknown[] = [];
      for (let i = 0; i < 20_000; i++) list = [list.length, { i, list: [i] }];
      collect();
      await turn();
    }
    worker.terminate();
    return got;
  },
};

await runCase(cases);
process.exit(0);
