/** Cases of several listeners of one signal: their order, their removal, and other code's listeners beside them. */
import * as signal from "../../mod.ts";
import { loadNative } from "./listeners_native.ts";
import { type Cases, failure, runCase, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH } = signal;
type Listen = (name: "SIGUSR1" | "SIGUSR2", listener: () => void) => void;
// deno-lint-ignore no-explicit-any
const engine = globalThis as any;
const collect = (): void => engine.Bun ? engine.Bun.gc(true) : engine.gc();

/** Sends without giving handlers a chance to run before the call returns. */
const c = libc({
  kill: { args: ["i32", "i32"], result: "i32" },
  pipe2: { args: ["buffer", "i32"], result: "i32" },
  close: { args: ["i32"], result: "i32" },
  write: { args: ["i32", "buffer", "u32"], result: "i32" },
});
const send = (sig: number, times = 1): void => {
  for (let i = 0; i < times; i++) c.kill(process.pid, sig);
};

/** The ways in which other code listens through the runtime. */
const others: Record<string, { add: Listen; remove: Listen }> = {
  process: { add: (name, f) => void process.on(name, f), remove: (name, f) => void process.off(name, f) },
  Deno: {
    add: (name, f) => engine.Deno.addSignalListener(name, f),
    remove: (name, f) => engine.Deno.removeSignalListener(name, f),
  },
};

const cases: Cases = {
  async twoListeners() {
    let text = "";
    const zero = signal.on(SIGUSR2, () => void (text += "0"));
    const one = signal.on(SIGUSR2, () => void (text += "1"));
    signal.on(SIGUSR1, () => {});
    for (let i = 0; i < 3; i++) signal.kill(process.pid, SIGUSR2);
    one.off();
    for (let i = 0; i < 3; i++) signal.kill(process.pid, SIGUSR2);
    for (let i = 0; i < 3; i++) signal.kill(process.pid, SIGUSR1);
    zero.off();
    await turn();
    return text;
  },

  addedAgain() {
    let text = "";
    const first = signal.on(SIGUSR2, () => void (text += "A"));
    first.off();
    signal.on(SIGUSR2, () => void (text += "B"));
    signal.kill(process.pid, SIGUSR2);
    return text;
  },

  /** A function added twice is called twice. */
  sameFunction() {
    let count = 0;
    const add = (): void => void count++;
    const counts: number[] = [];
    const raise = (sig: number): void => {
      signal.raise(sig);
      counts.push(count);
    };
    // a handler below the listeners, so that SIGTERM does not kill the program once they are removed
    signal.signal(SIGTERM, () => {});
    const [first, second] = [signal.on(SIGTERM, add), signal.on(SIGTERM, add)];
    signal.on(SIGINT, add);
    raise(SIGTERM);
    const removed = [first.off(), second.off(), first.off(), second.off()];
    raise(SIGTERM);
    raise(SIGINT);
    signal.on(SIGTERM, add);
    raise(SIGTERM);
    return { counts, removed };
  },

  async leaving() {
    let calls = 0;
    const listener = signal.on(SIGUSR1, () => void calls++);
    const left = [listener.off(), listener.off(), failure(() => signal.on("SIGKILL", () => {}))];
    // Ignored, since without a listener the default action would kill the process.
    signal.signal(SIGUSR1, signal.SIG_IGN);
    send(SIGUSR1);
    await turn();
    let object: object | undefined = { large: new Array(1000) };
    const weak = new WeakRef(object);
    const keeper = (kept: object) => signal.on(SIGUSR2, () => void kept);
    let handle: signal.Listener | undefined = keeper(object);
    object = undefined;
    handle.off();
    handle = undefined;
    let collected = false;
    for (let i = 0; i < 50 && !collected; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      collect();
      collected = weak.deref() === undefined;
    }
    return { left, calls, collected };
  },

  /** Each row: the kind of each listener, and whether it is removed before the signals arrive. */
  mixed() {
    signal.signal(SIGUSR1, () => {}); // one handler stays, whichever listeners are removed
    const mixes: [once: boolean, leaves: boolean][][] = [
      [[true, false], [true, false]],
      [[true, false], [true, false], [false, true]],
      [[false, false], [false, false], [true, true]],
      [[false, true], [false, true], [true, false], [true, false]],
      [[false, true], [true, false], [false, true], [false, false]],
    ];
    return mixes.map((mix) => {
      const counts = mix.map(() => 0);
      const listeners = mix.map(([once], i) => signal.on(SIGUSR1, () => void counts[i]++, { once }));
      mix.forEach(([, leaves], i) => leaves && listeners[i].off());
      for (let i = 0; i < 10; i++) signal.raise(SIGUSR1);
      for (const listener of listeners) listener.off();
      return counts;
    });
  },

  async removesItself() {
    const listener = signal.on(SIGINT, () => {
      listener.off();
      console.log("once");
    });
    setInterval(() => {}, 1000);
    console.log("ready");
    await new Promise(() => {});
  },

  changesWhileDelivering() {
    let text = "";
    const late: signal.Listener[] = [];
    signal.on(SIGUSR1, () => {
      text += "A";
      b.off();
      if (late.length === 0) late.push(signal.on(SIGUSR1, () => void (text += "C")));
    });
    const b = signal.on(SIGUSR1, () => void (text += "B"));
    signal.raise(SIGUSR1);
    text += " ";
    signal.raise(SIGUSR1);
    return text;
  },

  async stopIsExact() {
    const counts = { SIGWINCH: 0, SIGHUP: 0, SIGUSR1: 0 };
    const names = ["SIGWINCH", "SIGHUP", "SIGUSR1"] as const;
    const listeners = names.map((name) => signal.on(name, () => void counts[name]++));
    for (const name of names) signal.kill(process.pid, name);
    const received = { ...counts };
    signal.signal(SIGUSR1, signal.SIG_IGN);
    for (const listener of listeners) listener.off();
    signal.kill(process.pid, SIGWINCH);
    signal.kill(process.pid, SIGUSR1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { received, after: counts };
  },

  /** The C handler has recorded the signal and JavaScript has not run when the last listener is removed: "fatal" must
   * terminate the process. */
  async inFlight(how) {
    let calls = 0;
    const listener = signal.on(how === "fatal" ? SIGTERM : SIGWINCH, () => void calls++);
    send(how === "fatal" ? SIGTERM : SIGWINCH);
    listener.off();
    await turn();
    return calls;
  },

  /** Of two listeners, one removes itself in the same turn: the other is called. */
  async inFlightForTheOther() {
    const got: string[] = [];
    const first = signal.on(SIGTERM, () => void got.push("first"));
    signal.on(SIGTERM, () => void got.push("second"));
    send(SIGTERM);
    first.off();
    await until(() => got.length > 0);
    return got;
  },

  /** A write to a pipe without a reader, after the watcher of SIGPIPE is removed. */
  async pending() {
    let calls = 0;
    const before = signal.getsignal(SIGPIPE);
    const fds = new Uint8Array(8);
    c.pipe2(fds, 0);
    const [read, write] = new Int32Array(fds.buffer);
    c.close(read);
    const listener = signal.on(SIGPIPE, () => void calls++);
    const written = c.write(write, new Uint8Array(16), 16);
    listener.off();
    await turn();
    return { written, calls, before, after: signal.getsignal(SIGPIPE) };
  },

  /** The runtime's own listeners beside ours, added and removed in either order. */
  async withTheRuntime(which, order, leaves) {
    const seen = { theirs: 0, ours: 0 };
    const their = (): void => void seen.theirs++;
    const { add, remove } = others[which];
    if (order === "theirs first") add("SIGUSR1", their);
    const our = signal.on(SIGUSR1, () => void seen.ours++);
    if (order === "ours first") add("SIGUSR1", their);
    const counts: number[][] = [];
    const round = async (theirs: number, ours: number): Promise<void> => {
      send(SIGUSR1);
      await until(() => seen.theirs === theirs && seen.ours === ours, 5000);
      await turn();
      counts.push([seen.theirs, seen.ours]);
    };
    await round(1, 1);
    if (leaves === "theirs first") {
      remove("SIGUSR1", their);
      await round(1, 2);
      our.off();
    } else {
      our.off();
      await round(2, 1);
      remove("SIGUSR1", their);
    }
    console.log(JSON.stringify(counts));
    setTimeout(() => process.exit(42), 5000);
    send(SIGUSR1);
    await new Promise(() => {});
  },

  /** Other code listens to two signals before we listen to both. */
  async theirsAtTwo(which) {
    const got: string[] = [];
    const names = ["SIGUSR1", "SIGUSR2"] as const;
    for (const name of names) others[which].add(name, () => void got.push(`their ${name}`));
    for (const name of names) signal.on(name, () => void got.push(`our ${name}`));
    for (const name of names) send(signal.Signals[name]);
    await until(() => got.length === 4);
    return got.sort();
  },

  foreign(path) {
    const native = loadNative(path);
    native.native_handle(SIGUSR1);
    const stood = native.native_stands(SIGUSR1);
    let calls = 0;
    const listener = signal.on(SIGUSR1, () => void calls++);
    const found = signal.getsignal(SIGUSR1);
    signal.raise(SIGUSR1);
    const together = [native.native_handled(), calls];
    listener.off();
    const stands = native.native_stands(SIGUSR1);
    signal.raise(SIGUSR1);
    return { stood, found, together, stands, after: [native.native_handled(), calls] };
  },

  /** An iterator that is never read. */
  async neverRead() {
    let calls = 0;
    const stream = signal.events("SIGRTMIN", { capacity: 100 });
    signal.on("SIGRTMIN", () => void calls++);
    const memory = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = memory();
    for (let i = 0; i < 100_000; i++) signal.sigqueue(process.pid, "SIGRTMIN", i);
    const grown = memory() - before;
    const kept: (number | undefined)[] = [];
    const { lost } = stream;
    for (let i = 0; i < 100; i++) kept.push((await stream.next()).value?.value);
    return { calls, lost, oldest: kept.every((value, i) => value === i), bounded: grown < 5 * 2 ** 20 };
  },
};

await runCase(cases);
process.exit(0);
