/** Cases of setWakeupFd. */
import * as signal from "../../mod.ts";
import { type Cases, failure, runCase, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { SIGALRM, SIGINT, SIGUSR1, SIGUSR2 } = signal;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
const AF_UNIX = 1;
const STREAM = 1;
const DGRAM = 2;
const RLIMIT_NOFILE = 7;

const c = libc({
  pipe2: { args: ["buffer", "i32"], result: "i32" },
  socketpair: { args: ["i32", "i32", "i32", "buffer"], result: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], result: "i32" },
  read: { args: ["i32", "buffer", "u32"], result: "i32" },
  write: { args: ["i32", "buffer", "u32"], result: "i32" },
  close: { args: ["i32"], result: "i32" },
  poll: { args: ["buffer", "u32", "i32"], result: "i32" },
  kill: { args: ["i32", "i32"], result: "i32" },
  getrlimit: { args: ["i32", "buffer"], result: "i32" },
  setrlimit: { args: ["i32", "buffer"], result: "i32" },
});

type Ends = [read: number, write: number];

function ends(make: (fds: Uint8Array<ArrayBuffer>) => number): Ends {
  const fds = new Uint8Array(8);
  if (make(fds) !== 0) throw new Error("no descriptors");
  const [read, write] = new Int32Array(fds.buffer);
  return [read, write];
}
const pipe = (flags = O_NONBLOCK): Ends => ends((fds) => c.pipe2(fds, flags));
const sockets = (type: number): Ends => ends((fds) => c.socketpair(AF_UNIX, type | O_NONBLOCK, 0, fds));

/** What is there to read, at most `room` bytes. */
function read(fd: number, room: number): number[] {
  const buffer = new Uint8Array(room);
  return [...buffer.subarray(0, Math.max(0, c.read(fd, buffer, room)))];
}

/** Writes until nothing fits any more. @returns how many bytes */
function fill(fd: number, chunks: number[]): number {
  let written = 0;
  for (const size of chunks) for (let n; (n = c.write(fd, new Uint8Array(size), size)) > 0;) written += n;
  return written;
}

/** poll(2) for input, gone on with after a signal. */
function readable(fd: number, ms: number): boolean {
  const pollfd = new Uint8Array(8);
  const view = new DataView(pollfd.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, 1, true);
  const end = performance.now() + ms;
  for (;;) {
    const n = c.poll(pollfd, 1, Math.max(0, Math.ceil(end - performance.now())));
    if (n >= 0) return n > 0;
  }
}

const cases: Cases = {
  shapes() {
    const [, write] = pipe();
    const set = signal.setWakeupFd as (...args: unknown[]) => number;
    const refused = [[write, true], [write, { warn: true }], [write, null], [write, { warnOnFullBuffer: 1 }], ["3"]]
      .map((args) => failure(() => set(...args)));
    const range = [-2, 1.5, NaN, 2 ** 31, 2 ** 32 + write].map((fd) => failure(() => set(fd)));
    return { refused, range, present: set(-1), accepted: failure(() => set(write, { warnOnFullBuffer: false })) };
  },

  badFd(kind) {
    const [, kept] = pipe();
    signal.setWakeupFd(kept);
    const [read, write] = kind === "pipe" ? pipe() : sockets(STREAM);
    c.close(read);
    c.close(write);
    return { thrown: failure(() => signal.setWakeupFd(write)), kept: signal.setWakeupFd(-1) === kept };
  },

  previous(kind) {
    const [[, first], [, second]] = kind === "pipe" ? [pipe(), pipe()] : [sockets(STREAM), sockets(STREAM)];
    const answers = [first, second, -1, -1].map((fd) => signal.setWakeupFd(fd));
    return [answers[0], answers[1] === first, answers[2] === second, answers[3]];
  },

  blocking() {
    const [, write] = pipe(0);
    let message = "";
    try {
      signal.setWakeupFd(write);
    } catch (error) {
      message = (error as Error).message;
    }
    const thrown = failure(() => signal.setWakeupFd(write));
    c.fcntl(write, F_SETFL, O_NONBLOCK);
    return {
      thrown,
      told: message.includes(`fd ${write} must be in non-blocking mode`),
      set: signal.setWakeupFd(write),
    };
  },

  numbers() {
    const [end, write] = pipe();
    signal.signal(SIGUSR1, () => {});
    signal.signal(SIGALRM, () => {});
    signal.setWakeupFd(write);
    signal.raise(SIGUSR1);
    signal.raise(SIGALRM);
    return read(end, 3);
  },

  pending() {
    const [end, write] = pipe();
    signal.signal(SIGUSR1, () => {});
    signal.signal(SIGUSR2, () => {});
    signal.setWakeupFd(write);
    signal.sigprocmask(signal.SIG_BLOCK, [SIGUSR1, SIGUSR2]);
    signal.raise(SIGUSR2);
    signal.raise(SIGUSR1);
    const blocked = read(end, 3);
    signal.sigprocmask(signal.SIG_UNBLOCK, [SIGUSR1, SIGUSR2]);
    return { blocked, released: read(end, 3) };
  },

  early() {
    const [end, write] = pipe();
    signal.signal(SIGALRM, () => {
      throw new Error("interrupted");
    });
    signal.setWakeupFd(write);
    signal.setitimer(signal.ITIMER_REAL, 0.2);
    const begun = performance.now();
    const first = failure(() => signal.sleep(10));
    const second = readable(end, 10_000);
    return { first, second, fast: performance.now() - begun < 5000 };
  },

  during() {
    const [end, write] = pipe();
    signal.signal(SIGALRM, () => {});
    signal.setWakeupFd(write);
    const begun = performance.now();
    signal.setitimer(signal.ITIMER_REAL, 0.2);
    const woken = readable(end, 10_000);
    const ms = performance.now() - begun;
    return { woken, inTime: ms >= 180 && ms < 5000, bytes: read(end, 2) };
  },

  kinds() {
    signal.signal(SIGINT, () => {});
    return [pipe(), sockets(STREAM), sockets(DGRAM)].map(([end, write]) => {
      signal.setWakeupFd(write);
      signal.raise(SIGINT);
      return read(end, 2);
    });
  },

  full() {
    const [, write] = sockets(STREAM);
    const filled = fill(write, [65536, 256, 1]);
    let calls = 0;
    signal.signal(SIGINT, () => void calls++);
    const rounds = [undefined, { warnOnFullBuffer: true }, { warnOnFullBuffer: false }, {}];
    for (const [round, options] of rounds.entries()) {
      console.error(`round ${round}`);
      signal.setWakeupFd(write, options);
      signal.raise(SIGINT);
    }
    return { filled: filled > 0, calls };
  },

  /** Whoever read it has gone, by mistake; on a pipe that would also be SIGPIPE. */
  unread() {
    const [end, write] = pipe();
    let calls = 0;
    signal.signal(SIGINT, () => void calls++);
    signal.setWakeupFd(write);
    c.close(end);
    signal.raise(SIGINT);
    return calls;
  },

  /** What the owner of the wake-up descriptor set stays, whatever comes and goes at the signals. */
  owner() {
    const [end, write] = pipe();
    const listen = (sigs: signal.SignalsLike): signal.Listener => signal.on(sigs, () => {});
    const kept = (): boolean => signal.setWakeupFd(write) === write;
    signal.setWakeupFd(write);
    const steps = [failure(() => listen("SIGKILL")), kept()];
    const first = listen(SIGUSR1);
    steps.push(failure(() => listen(["SIGUSR2", "SIGSTOP"])), kept());
    const second = listen(SIGUSR2);
    signal.raise(SIGUSR1);
    signal.raise(SIGUSR2);
    steps.push(first.off(), kept());
    signal.raise(SIGUSR2);
    steps.push(second.off(), kept());
    return { steps, bytes: read(end, 9), cleared: [signal.setWakeupFd(-1) === write, signal.setWakeupFd(-1)] };
  },

  /** No descriptor is left for the module: an error, nothing half done, and later it works. */
  async noDescriptor() {
    const limits = new Uint8Array(16);
    c.getrlimit(RLIMIT_NOFILE, limits);
    const words = new BigUint64Array(limits.buffer);
    const before = words[0];
    words[0] = 0n;
    c.setrlimit(RLIMIT_NOFILE, limits);
    const thrown = failure(() => signal.on(SIGUSR2, () => {}));
    words[0] = before;
    c.setrlimit(RLIMIT_NOFILE, limits);
    const untouched = signal.getsignal(SIGUSR2); // not SIGUSR1, which Deno may have taken itself by now
    let calls = 0;
    signal.on(SIGUSR2, () => void calls++);
    c.kill(process.pid, SIGUSR2);
    await until(() => calls > 0);
    return { thrown, untouched, calls };
  },

  /** Setting up fails for one of two signals, and nothing stays of the other. */
  halfInstalled() {
    const thrown = failure(() => signal.on([SIGUSR2, "SIGKILL"], () => {}));
    const { signals } = signal.inspect();
    return { thrown, usr2: signals.find(({ signum }) => signum === SIGUSR2)?.action };
  },

  async capacity() {
    const [end, write] = pipe();
    const capacity = fill(pipe()[1], [1]);
    let calls = 0;
    signal.signal(SIGUSR1, () => void calls++);
    signal.setWakeupFd(write);
    for (let i = 0; i < 70_000; i++) c.kill(process.pid, SIGUSR1);
    await until(() => calls === 70_000);
    const bytes = new Set<number>();
    let size = 0;
    for (let got: number[]; (got = read(end, 8192)).length > 0; size += got.length) {
      for (const byte of got) bytes.add(byte);
    }
    return { capacity, calls, lost: signal.stats(SIGUSR1).lost, size, bytes: [...bytes] };
  },
};

await runCase(cases);
process.exit(0);
