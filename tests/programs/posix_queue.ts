/** Queued signals that arrive faster than JavaScript takes them. */
import process from "node:process";
import * as signal from "../../mod.ts";
import { type Cases, runCase, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const RT = signal.SIGRTMIN! + 1;
const OTHER = RT + 1;
const MANY = 200;

/** Sends without giving handlers a chance to run before the call returns. */
const c = libc({
  sigqueue: { args: ["i32", "i32", "u32"], result: "i32" },
  pthread_sigmask: { args: ["i32", "buffer", "buffer"], result: "i32" },
});

function sendMany(from = 0, count = MANY): void {
  for (let value = from; value < from + count; value++) c.sigqueue(process.pid, RT, value);
}

/** Whether JavaScript's thread blocks a signal. */
function blocks(signum: number): boolean {
  const mask = new Uint8Array(128);
  c.pthread_sigmask(signal.SIG_BLOCK, new Uint8Array(128), mask);
  return (mask[(signum - 1) >> 3] >> (signum - 1) % 8 & 1) === 1;
}

const ascending = (values: number[]): boolean => values.every((value, i) => value === i);

const cases: Cases = {
  async thrown() {
    let calls = 0;
    signal.signal(RT, () => {
      if (++calls === 100) throw new Error("the hundredth");
    });
    sendMany();
    let message = "";
    try {
      signal.check();
    } catch (error) {
      message = (error as Error).message;
    }
    const after = blocks(RT);
    await until(() => calls === MANY);
    return { message, after, calls };
  },

  /** Signals sent while they are blocked stay pending in the kernel, and are delivered after the others. */
  async inOrder() {
    const values: number[] = [];
    const found: Record<string, unknown> = {};
    signal.signal(RT, (_signum, { value }) => {
      values.push(value!);
      if (value === 0) sendMany(MANY);
      if (value === 100) {
        found.pending = signal.sigpending().has(RT);
        found.waited = signal.sigwaitinfo([RT]).value;
        values.push(found.waited as number);
      }
      if (value === 150) signal.signal(RT, (_signum, { value }) => void values.push(value!));
    });
    sendMany();
    await until(() => values.length === 2 * MANY);
    const { caught, delivered, held, lost } = signal.stats(RT);
    return { ...found, inOrder: ascending(values), caught, delivered, held, lost };
  },

  async smallRing(records) {
    signal.open({ records: Number(records) });
    const values: number[] = [];
    signal.signal(RT, (_signum, { value }) => {
      values.push(value!);
      if (value === 0) sendMany(Number(records));
    });
    for (let value = 0; value < Number(records); value++) c.sigqueue(process.pid, RT, value);
    const lost = () => signal.stats(RT).lost;
    await until(() => values.length + lost() === Number(records) + MANY);
    return { inOrder: ascending(values), count: values.length, lost: lost() };
  },

  /** The stack overflows at some point of the way to the handler, which defers another signal. */
  async overflowed() {
    let calls = 0;
    signal.sigaction(signal.SIGUSR1, { handler: () => void calls++, mask: [OTHER] });
    signal.raise("SIGUSR1");
    let left = 0;
    const deep = (): number => {
      try {
        return 1 + deep();
      } finally {
        if (left-- > 0) {
          try {
            signal.raise("SIGUSR1");
          } catch {
            // the overflow
          }
        }
      }
    };
    const from = (depth: number): void => {
      if (depth > 0) return from(depth - 1);
      left = 200;
      try {
        deep();
      } catch {
        // the overflow
      }
    };
    for (let depth = 0; depth < 5; depth++) from(depth);
    await turn();
    const before = calls;
    for (let i = 0; i < 3; i++) signal.raise("SIGUSR1");
    return { handled: calls >= before + 3, held: signal.stats("SIGUSR1").held, pending: [...signal.sigpending()] };
  },

  /** The queue is full while the signal is held: the next held one is delivered nevertheless. */
  heldAtAFullQueue() {
    signal.open({ records: 1 });
    let calls = 0;
    const heldOnce = (): void => signal.hold("SIGUSR1", () => signal.raise("SIGUSR1"));
    signal.signal("SIGUSR1", () => {
      if (++calls > 1) return;
      signal.hold("SIGUSR1", () => {
        signal.raise("SIGUSR1");
        signal.check();
      });
    });
    signal.raise("SIGUSR1");
    const seen = [calls];
    for (let i = 0; i < 3; i++) {
      heldOnce();
      seen.push(calls);
    }
    return seen;
  },

  /** Each call of the handler sends the next signal and throws. @returns after how many the first error is reported */
  async throwsAndSends(how) {
    const send = how === "ours" ? signal.raise : (sig: "SIGUSR1") => process.kill(process.pid, sig);
    let calls = 0;
    let first: number | undefined;
    process.on("uncaughtException", () => void (first ??= calls));
    signal.signal("SIGUSR1", () => {
      if (++calls < 5000) send("SIGUSR1");
      throw new Error("thrown on purpose");
    });
    process.kill(process.pid, "SIGUSR1");
    await until(() => calls === 5000);
    return first;
  },

  async throughEvents() {
    const values: number[] = [];
    const over = new AbortController();
    const events = signal.events(RT, { signal: over.signal });
    sendMany();
    for await (const { value } of events) {
      values.push(value!);
      if (value === 10) sendMany(MANY);
      if (values.length === 2 * MANY) over.abort();
    }
    return { inOrder: ascending(values), count: values.length };
  },

  lookedAt() {
    let calls = 0;
    signal.signal(RT, () => void calls++);
    sendMany();
    signal.stats(RT);
    const first = signal.check();
    sendMany();
    signal.sigpending();
    return [first, signal.check(), calls];
  },

  /** More than `events` has room for are caught before the event loop turns. */
  async inTurns(count) {
    let got = 0;
    const over = new AbortController();
    const events = signal.events(RT, { signal: over.signal });
    sendMany(0, Number(count));
    for await (const _ of events) if (++got + events.lost === Number(count)) over.abort();
    return { got, lost: events.lost };
  },

  /** With no listener left, signals pending in the kernel take the restored action. */
  async leavingByDefault() {
    let calls = 0;
    signal.signal(RT, () => {
      sendMany(MANY);
      if (++calls === 100) signal.signal(RT, signal.SIG_DFL);
    });
    sendMany();
    await turn();
    console.log("alive");
  },

  async leavingIgnored() {
    let calls = 0;
    signal.signal(RT, () => {
      c.sigqueue(process.pid, RT, 0);
      if (++calls === 100) signal.signal(RT, signal.SIG_IGN);
    });
    sendMany();
    for (let i = 0; i < 5; i++) await turn();
    return { calls, blocked: blocks(RT) };
  },

  /** The thread's own mask is the one that the program set. */
  async threadMask() {
    const seen: boolean[] = [];
    signal.signal(RT, () => {
      if (seen.length === 0) seen.push(signal.pthreadSigmask(signal.SIG_BLOCK, [OTHER]).has(RT), blocks(OTHER));
    });
    signal.signal(OTHER, () => {});
    sendMany();
    for (let i = 0; i < 5; i++) await turn();
    return [...seen, blocks(RT), blocks(OTHER)];
  },
};

await runCase(cases);
