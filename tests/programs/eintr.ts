/** Cases of interrupted calls of the runtime, the program and this module. */
import { spawn, spawnSync } from "node:child_process";
import { openSync, readSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { connect, createServer, type Socket } from "node:net";
import { createHash } from "node:crypto";
import * as signal from "../../mod.ts";
import { type Cases, elapsed, failure, runCase, until } from "./posix_cases.ts";
import { libc, NULL } from "./posix_libc.ts";

const { ITIMER_REAL, SIGALRM, SIGUSR1, SIGUSR2 } = signal;
const O_RDWR = 2;
const LOCK_EX = 2;

const c = libc({
  read: { args: ["i32", "buffer", "u32"], result: "i32" },
  poll: { args: ["buffer", "u32", "i32"], result: "i32" },
  nanosleep: { args: ["buffer", "buffer"], result: "i32" },
  epoll_create1: { args: ["i32"], result: "i32" },
  epoll_wait: { args: ["i32", "buffer", "i32", "i32"], result: "i32" },
  pause: { args: [], result: "i32" },
  flock: { args: ["i32", "i32"], result: "i32" },
});

/** An alarm that repeats for the whole case. */
let rung = 0;
function train(): void {
  signal.signal(SIGALRM, () => void rung++);
  signal.setitimer(ITIMER_REAL, 0.1, 0.1);
}

/** Reads the next data on standard input. */
function readText(): string {
  const buffer = new Uint8Array(64);
  return new TextDecoder().decode(buffer.subarray(0, readSync(0, buffer, 0, buffer.length, null)));
}

/** A C call that lasts until a signal interrupts it, for at most five seconds. */
const blocking: Record<string, () => number> = {
  poll: () => c.poll(NULL, 0, 5000),
  nanosleep: () => c.nanosleep(new Uint8Array(new BigInt64Array([5n, 0n]).buffer), NULL),
  epoll_wait: () => c.epoll_wait(c.epoll_create1(0), new Uint8Array(12), 1, 5000),
  pause: () => c.pause(),
};

const cases: Cases = {
  async sleeping(how) {
    train();
    const begun = performance.now();
    if (how === "setTimeout") await delay(200);
    else if (how === "Atomics.wait") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    else if (how === "sleep") signal.sleep(0.2);
    else if (how === "sigtimedwait") signal.sigtimedwait(SIGUSR1, 0.2);
    const seconds = (performance.now() - begun) / 1000;
    signal.check();
    return { rung: rung >= 1, longEnough: seconds >= 0.18, inTime: seconds < 5 };
  },

  reading() {
    train();
    const chunks = ["first", "second", "third"].map((which) => {
      console.log(`reading the ${which}`);
      return readText();
    });
    signal.check();
    return { chunks, rung: rung >= 3 };
  },

  /** Standard output holds the data and nothing else. */
  writing(size) {
    train();
    const data = new Uint8Array(Number(size)).map((_, i) => 65 + i % 26);
    console.error("writing");
    for (let at = 0; at < data.length;) at += writeSync(1, data, at, data.length - at);
    process.exit(signal.check() > 0 ? 0 : 3);
  },

  async sockets(size) {
    train();
    const received = createHash("sha256");
    const server = createServer((peer) => peer.on("data", (data) => void received.update(data)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
    await delay(200);
    const { port } = server.address() as { port: number };
    const client = connect(port, "127.0.0.1");
    const peer = await accepted;
    const texts: string[] = [];
    client.on("data", (data) => void texts.push(String(data)));
    for (const text of ["x", "y", "z"]) {
      await delay(200);
      peer.write(text);
      await until(() => texts.at(-1) === text);
    }
    const data = new Uint8Array(Number(size)).fill(120);
    const closed = new Promise((resolve) => peer.on("close", resolve));
    client.end(data);
    await closed;
    server.close();
    return {
      texts,
      whole: received.digest("hex") === createHash("sha256").update(data).digest("hex"),
      rung: rung >= 3,
    };
  },

  fifo(path) {
    train();
    console.log("opening");
    const fd = openSync(path, "w");
    writeSync(fd, "through");
    return { rung: rung + signal.check() >= 1 };
  },

  lock(path) {
    train();
    console.log("locking");
    const locked = c.flock(openSync(path, O_RDWR), LOCK_EX);
    return { locked, rung: signal.check() >= 1 };
  },

  async children() {
    train();
    const ended = [1, 2, 3].map(() => {
      const child = spawn("sleep", ["0.2"]);
      return new Promise((resolve) => child.on("close", (code, by) => resolve([code, by])));
    });
    const statuses = await Promise.all(ended);
    const { status, signal: by, error } = spawnSync("sleep", ["0.2"]);
    return { statuses, sync: [status, by, error ?? null], rung: rung + signal.check() >= 2 };
  },

  waiting(limit) {
    train();
    signal.sigprocmask(signal.SIG_BLOCK, [SIGUSR1]);
    console.log("waiting");
    const info = limit === undefined ? signal.sigwaitinfo([SIGUSR1]) : signal.sigtimedwait([SIGUSR1], Number(limit));
    return { name: info?.name, rung: rung >= 1 };
  },

  /** After each interruption, the wait continues with the remaining time. */
  waitingInVain() {
    signal.signal(SIGALRM, () => void rung++);
    signal.setitimer(ITIMER_REAL, 0.01, 0.01);
    let info: unknown;
    const seconds = elapsed(() => info = signal.sigtimedwait([SIGUSR1], 0.2));
    return { info, rung: rung >= 1, longEnough: seconds >= 0.18, inTime: seconds < 5 };
  },

  handlerThrows() {
    signal.signal(SIGALRM, () => {
      throw new Error("enough");
    });
    signal.setitimer(ITIMER_REAL, 0.1);
    let thrown = "";
    const seconds = elapsed(() => thrown = failure(() => signal.sigwaitinfo([SIGUSR1])));
    return { thrown, inTime: seconds < 5 };
  },

  /** A read that the program makes itself, by FFI or the runtime; a signal is sent while it blocks. */
  interrupting(flag, by) {
    let calls = 0;
    signal.signal(SIGALRM, () => void calls++);
    if (flag !== "default") signal.siginterrupt(SIGALRM, flag === "true");
    const buffer = new Uint8Array(8);
    console.log("reading");
    let answer: number | string;
    if (by === "C") answer = c.read(0, buffer, 1);
    else {
      try {
        answer = readSync(0, buffer, 0, 1, null);
      } catch (error) {
        answer = (error as { code: string }).code;
      }
    }
    signal.check();
    return { answer, calls };
  },

  siginterruptShapes() {
    const set = signal.siginterrupt as (sig: unknown, flag: unknown) => void;
    return [
      failure(() => set(0, true)),
      failure(() => set(65, true)),
      failure(() => set(9, true)),
      failure(() => set(10, 1)),
    ];
  },

  /** Calls that SA_RESTART does not cover. */
  cut(name, restart) {
    let calls = 0;
    signal.sigaction(SIGALRM, { handler: () => void calls++, restart: restart === "restart" });
    signal.setitimer(ITIMER_REAL, 0.05);
    let answer: number | undefined;
    const seconds = elapsed(() => answer = blocking[name]());
    signal.check();
    return { answer, early: seconds < 4, calls };
  },

  async idle() {
    let count = 0;
    let done = () => {};
    const over = new Promise<void>((resolve) => done = resolve);
    signal.signal("SIGRTMIN", () => void count++);
    const finish = signal.on(SIGUSR1, () => done(), { ref: true });
    console.log("idle");
    await over;
    finish.off();
    await delay(10);
    return count;
  },

  /** A SIGCHLD arrives while the main thread is in a read(2) of its own. */
  childDuringRead() {
    let children = 0;
    signal.signal("SIGCHLD", () => void children++);
    const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
    console.log(`child ${child.pid}`);
    const buffer = new Uint8Array(8);
    const count = c.read(0, buffer, 1);
    signal.check();
    return { count, text: String.fromCharCode(buffer[0]), children };
  },

  /** Atomics.wait with a limit, and a signal each 20 ms from a Worker. */
  async timedLock() {
    let calls = 0;
    signal.signal(SIGUSR1, () => void calls++);
    const worker = new Worker(new URL("./workers_thread.ts", import.meta.url), { type: "module" });
    await new Promise<void>((resolve) => worker.onmessage = () => resolve());
    worker.postMessage(["sendSpaced", SIGUSR1, 40, 0.02]);
    await until(() => calls > 0); // the Worker may start late
    calls = 0;
    const lock = new Int32Array(new SharedArrayBuffer(4));
    let how = "";
    const seconds = elapsed(() => how = Atomics.wait(lock, 0, 0, 500));
    signal.check();
    worker.terminate();
    return { how, inTime: seconds > 0.3 && seconds < 5, calls: calls >= 1 && calls <= 40 };
  },

  async abortedWait() {
    using alarm = signal.abortOn(SIGALRM);
    signal.setitimer(ITIMER_REAL, 0.2);
    const begun = performance.now();
    const lock = new Int32Array(new SharedArrayBuffer(4));
    const { value } = Atomics.waitAsync(lock, 0, 0, 5000);
    const aborted = new Promise<string>((resolve) => alarm.signal.addEventListener("abort", () => resolve("aborted")));
    const alive = setInterval(() => {}, 1000);
    const how = await Promise.race([value, aborted]);
    clearInterval(alive);
    const seconds = (performance.now() - begun) / 1000;
    return { how, inTime: seconds < 4, name: (alarm.signal.reason as signal.SignalError).info.name };
  },

  /** Ctrl+Z: the program stops itself in a handler of SIGTSTP, and gets SIGCONT when it continues. */
  terminal(how) {
    const seen: string[] = [];
    if (how === "handlers") {
      signal.signal("SIGTSTP", (_signum, { name }) => {
        seen.push(name);
        signal.raise("SIGSTOP");
      });
      signal.signal("SIGCONT", (_signum, { name }) => void seen.push(name));
    } else signal.signal(SIGUSR2, () => {});
    console.log("reading");
    if (how === "default") {
      const line = readText();
      console.log(`read ${JSON.stringify(line)}`);
      process.exit(0);
    }
    process.stdin.on("data", (line) => {
      console.log(`read ${JSON.stringify(String(line))} after ${seen}`);
      process.exit(0);
    });
    return seen;
  },

  clocks() {
    let calls = 0;
    signal.signal(SIGUSR1, () => void calls++);
    console.log("reading clocks");
    const end = performance.now() + 1000;
    let last = 0;
    let lastDate = 0;
    let backwards = 0;
    for (let i = 0; last < end; i++) {
      const now = performance.now();
      const date = Date.now();
      if (now < last || date < lastDate) backwards++;
      [last, lastDate] = [now, date];
      if (i % 1000 === 0) signal.check();
    }
    return { backwards, calls: calls > 10 };
  },
};

await runCase(cases);
if (process.argv[2] !== "terminal") process.exit(0);
