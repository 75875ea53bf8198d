import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found } from "../support/cases.ts";
import * as signal from "../../mod.ts";
import { failure, until } from "../programs/posix_cases.ts";
import { libc } from "../programs/posix_libc.ts";
import { inChild } from "../support/child.ts";

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

/** The bytes that can be read, at most `room`. */
function read(fd: number, room: number): number[] {
  const buffer = new Uint8Array(room);
  return [...buffer.subarray(0, Math.max(0, c.read(fd, buffer, room)))];
}

/** Writes until the buffer is full. @returns the bytes written */
function fill(fd: number, chunks: number[]): number {
  let written = 0;
  for (const size of chunks) for (let n; (n = c.write(fd, new Uint8Array(size), size)) > 0;) written += n;
  return written;
}

/** poll(2) for input, repeated after a signal. */
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

const child = await inChild(import.meta.url, {
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

  /** The read end is closed by mistake; on a pipe a write would also raise SIGPIPE. */
  unread() {
    const [end, write] = pipe();
    let calls = 0;
    signal.signal(SIGINT, () => void calls++);
    signal.setWakeupFd(write);
    c.close(end);
    signal.raise(SIGINT);
    return calls;
  },

  /** The owner's wake-up descriptor stays set, whatever listeners are added and removed. */
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

  /** The module gets no descriptor: the call throws and changes nothing, and a later one succeeds. */
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
    const untouched = signal.getsignal(SIGUSR2); // not SIGUSR1, which Deno may have caught itself by now
    let calls = 0;
    signal.on(SIGUSR2, () => void calls++);
    c.kill(process.pid, SIGUSR2);
    await until(() => calls > 0);
    return { thrown, untouched, calls };
  },

  /** Installing fails for one of two signals, and the other is left unchanged. */
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
});

const BAD_FD = "PosixError EBADF 9";

describe("setWakeupFd()", () => {
  it("refuses a boolean, unknown options and what is no descriptor [PY-60, CPython test_invalid_call]", async () => {
    assertEquals(await child.outcome("shapes"), {
      refused: Array(5).fill("TypeError"),
      range: Array(5).fill("RangeError"),
      present: -1,
      accepted: "none",
    });
  });

  for (const kind of ["pipe", "socket"]) {
    it(`refuses a closed ${kind} and keeps what was set [PY-61, CPython test_invalid_fd]`, async () => {
      assertEquals(await child.outcome("badFd", [kind]), { thrown: BAD_FD, kept: true });
    });

    it(`returns the last descriptor, a ${kind} [PY-62, CPython test_set_wakeup_fd_result]`, async () => {
      assertEquals(await child.outcome("previous", [kind]), [-1, true, true, -1]);
    });
  }

  it("refuses a descriptor that may block, and names it [PY-63, CPython test_set_wakeup_fd_blocking]", async () => {
    assertEquals(await child.outcome("blocking"), { thrown: "PosixError EINVAL 22", told: true, set: -1 });
  });

  it("gets the numbers of the signals, in their order [PY-64, CPython test_signum]", async () => {
    assertEquals(await child.outcome("numbers"), [10, 14]);
  });

  it("gets a byte for each of two pending signals, at their release [PY-65, CPython test_pending]", async () => {
    assertEquals(await child.outcome("pending"), { blocked: [], released: [10, 12] });
  });

  it("gets its byte although the handler threw before anyone waited [PY-66, CPython test_wakeup_fd_early]", async () => {
    assertEquals(await child.outcome("early"), { first: "Error", second: true, fast: true });
  });

  it("wakes a poll() that is waiting for it [PY-67, CPython test_wakeup_fd_during]", async () => {
    assertEquals(await child.outcome("during"), { woken: true, inTime: true, bytes: [14] });
  });

  it("takes a pipe, a stream socket and a datagram socket [PY-69, CPython test_socket, signal-hook pipe.rs]", async () => {
    assertEquals(await child.outcome("kinds"), [[2], [2], [2]]);
  });

  it("warns of a full buffer unless told not to, and handlers run all the same [PY-71, CPython test_warn_on_full_buffer]", async () => {
    const end = await child.run("full");
    assertEquals(found(end), { filled: true, calls: 4 });
    const warned = end.stderr.split(/round \d\n/).slice(1).map((text) => text.includes("did not fit"));
    assertEquals(warned, [true, true, false, true]);
  });

  it("says what is wrong when its other end is closed, and handlers run all the same [CPython test_wakeup_write_error]", async () => {
    const end = await child.run("unread");
    assertEquals([found(end), end.stderr.includes("its other end is closed: 1 signal number did not fit")], [1, true]);
  });

  it("stays as it was set when handlers come, fail to come and go [PY-72, CPython asyncio test_remove_signal_handler]", async () => {
    assertEquals(await child.outcome("owner"), {
      steps: ["PosixError EINVAL 22", true, "PosixError EINVAL 22", true, true, true, true, true],
      bytes: [10, 12, 12],
      cleared: [true, -1],
    });
  });

  it("is not what deliveries rest on: 70,000 arrive though the pipe holds 65,536 [VF-45]", async () => {
    const end = await child.run("capacity");
    assertEquals(found(end), { capacity: 65536, calls: 70_000, lost: 0, size: 65536, bytes: [10] });
    assert(end.stderr.includes("4464 signal numbers did not fit"), end.stderr);
  });
});

describe("a set-up that fails", () => {
  it("says so, and works when there are descriptors again [PY-74, CPython asyncio test_add_signal_handler_setup_error]", async () => {
    const { thrown, untouched, calls } = await child.outcome("noDescriptor");
    assert(thrown !== "none");
    assertEquals([untouched, calls], [0, 1]);
  });

  it("leaves nothing of it behind [PY-74, CPython asyncio test_add_signal_handler_install_error]", async () => {
    assertEquals(await child.outcome("halfInstalled"), { thrown: "PosixError EINVAL 22", usr2: "default" });
  });
});
