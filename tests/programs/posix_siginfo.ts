/** The SigInfo of a handler, by the signal's cause: the cases of tests/support/c/witness.c, through this module. */
import { spawn } from "node:child_process";
import * as signal from "../../mod.ts";
import { type Cases, runCase, spin, until } from "./posix_cases.ts";
import { libc, NULL } from "./posix_libc.ts";

const { SIGALRM, SIGCHLD, SIGINT, SIGIO, SIGPROF, SIGSEGV, SIGUSR1, SIGVTALRM } = signal;
const RTMIN = signal.SIGRTMIN!;
const { pid } = process;

const F_GETFL = 3, F_SETFL = 4, F_SETOWN = 8, F_SETSIG = 10, O_ASYNC = 0o20000;
const CLOCK_MONOTONIC = 1;
const CLD_STOPPED = 5, CLD_CONTINUED = 6;

/** The first signal delivered to the handler of `sig` for which `wanted` is true. */
function first(sig: number, wanted: (info: signal.SigInfo) => boolean = () => true): Promise<signal.SigInfo> {
  return new Promise((resolve) => signal.signal(sig, (_signum, info) => void (wanted(info) && resolve(info))));
}

async function sent(sig: number, send: () => void): Promise<signal.SigInfo> {
  const info = first(sig);
  send();
  return await info;
}

/** The signal of a timer of processor time, while this thread uses the processor. */
async function processorTimer(which: number, sig: number): Promise<signal.SigInfo> {
  const info = first(sig);
  signal.setitimer(which, 0.05);
  while (signal.getitimer(which)[0] > 0) spin(0.01);
  spin(0.01); // the last microsecond is reported as 0
  return await info;
}

/** Signals for every event of standard input, by fcntl(2). */
async function ofStandardInput(sig: number, setsig: boolean): Promise<signal.SigInfo> {
  const { fcntl } = libc({ fcntl: { args: ["i32", "i32", "i32"], result: "i32" } });
  const info = first(sig);
  fcntl(0, F_SETOWN, pid);
  if (setsig) fcntl(0, F_SETSIG, sig);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL, 0) | O_ASYNC);
  console.log("ready");
  return await info;
}

/** The SIGCHLD of a child: `then` is called once it runs, and `code` is the si_code that results. */
async function ofChild(words: string[], code: number, then: (kill: (sig: string) => void) => void): Promise<unknown> {
  const infos: signal.SigInfo[] = [];
  signal.signal(SIGCHLD, (_signum, info) => {
    infos.push(info);
    if (code === CLD_CONTINUED && info.code === CLD_STOPPED) signal.kill(info.pid!, "SIGCONT");
  });
  const child = spawn(words[0], words.slice(1), { stdio: "ignore" });
  await new Promise((resolve) => child.on("spawn", resolve));
  then((sig) => void signal.kill(child.pid!, sig as signal.SignalName));
  const found = (): signal.SigInfo | undefined => infos.find((info) => info.pid === child.pid && info.code === code);
  await until(() => found() !== undefined);
  child.kill("SIGKILL");
  return { ...found(), self: child.pid };
}

const SLEEP = ["sleep", "100"];
const tell = (info: signal.SigInfo): unknown => ({ ...info, self: pid });

const cases: Cases = {
  async outside() {
    const info = first(SIGUSR1);
    console.log("ready");
    return tell(await info);
  },
  async "outside-value"() {
    const info = first(RTMIN);
    console.log("ready");
    return tell(await info);
  },
  async keyboard() {
    const info = first(SIGINT);
    console.log("ready");
    return tell(await info);
  },
  raise: async () => tell(await sent(SIGUSR1, () => signal.raise(SIGUSR1))),
  thread: async () => tell(await sent(RTMIN, () => signal.pthreadKill(pid, RTMIN))),
  kill: async () => tell(await sent(SIGSEGV, () => signal.kill(pid, SIGSEGV))),
  queue: async () => tell(await sent(RTMIN, () => signal.sigqueue(pid, RTMIN, -5))),
  alarm() {
    signal.alarm(1);
    return tell(signal.sigwaitinfo([SIGALRM]));
  },
  async real() {
    const info = first(SIGALRM);
    signal.setitimer(signal.ITIMER_REAL, 0.05);
    signal.pause();
    return tell(await info);
  },
  virtual: async () => tell(await processorTimer(signal.ITIMER_VIRTUAL, SIGVTALRM)),
  prof: async () => tell(await processorTimer(signal.ITIMER_PROF, SIGPROF)),
  timer() {
    const c = libc({
      timer_create: { args: ["i32", "buffer", "buffer"], result: "i32" },
      timer_settime: { args: ["i32", "i32", "buffer", "buffer"], result: "i32" },
    });
    const event = new Uint8Array(64); // struct sigevent: value, signo, SIGEV_SIGNAL
    new DataView(event.buffer).setInt32(0, 4711, true);
    new DataView(event.buffer).setInt32(8, RTMIN, true);
    const timer = new Uint8Array(8);
    const at = new Uint8Array(32); // struct itimerspec
    new DataView(at.buffer).setInt32(24, 20_000_000, true);
    signal.sigprocmask(signal.SIG_BLOCK, [RTMIN]); // the timer may run out before the wait begins
    c.timer_create(CLOCK_MONOTONIC, event, timer);
    c.timer_settime(new DataView(timer.buffer).getInt32(0, true), 0, at, NULL);
    return tell(signal.sigwaitinfo([RTMIN]));
  },
  async message() {
    const c = libc({
      mq_open: { args: ["buffer", "i32", "i32", "buffer"], result: "i32" },
      mq_unlink: { args: ["buffer"], result: "i32" },
      mq_notify: { args: ["i32", "buffer"], result: "i32" },
      mq_send: { args: ["i32", "buffer", "i32", "i32"], result: "i32" },
    });
    const name = new TextEncoder().encode(`/posix-signal-${pid}\0`);
    const queue = c.mq_open(name, 0o102, 0o600, NULL); // O_RDWR | O_CREAT
    c.mq_unlink(name);
    const event = new Uint8Array(64);
    new DataView(event.buffer).setInt32(0, 99, true);
    new DataView(event.buffer).setInt32(8, RTMIN, true);
    const info = first(RTMIN);
    if (c.mq_notify(queue, event) !== 0) return null; // no message queues here
    c.mq_send(queue, new Uint8Array(1), 1, 0);
    return tell(await info);
  },
  "poll-sigio": async () => tell(await ofStandardInput(SIGIO, true)),
  "poll-realtime": async () => tell(await ofStandardInput(RTMIN + 1, true)),
  "poll-child": async () => tell(await ofStandardInput(SIGCHLD, true)),
  poll: async () => tell(await ofStandardInput(SIGIO, false)),
  exited: () => ofChild(["sh", "-c", "exit 7"], 1, () => {}),
  killed: () => ofChild(SLEEP, 2, (kill) => kill("SIGTERM")),
  stopped: () => ofChild(SLEEP, 5, (kill) => kill("SIGSTOP")),
  continued: () => ofChild(SLEEP, 6, (kill) => kill("SIGSTOP")),
  times: (burner) => ofChild([burner, "burn"], 1, () => {}),

  /** Time and sequence are this program's own, not the kernel's. */
  moments() {
    const infos: signal.SigInfo[] = [];
    for (const sig of [SIGUSR1, RTMIN]) signal.signal(sig, (_signum, info) => void infos.push(info));
    const before = performance.now();
    signal.raise(SIGUSR1);
    signal.sigprocmask(signal.SIG_BLOCK, [RTMIN]);
    for (let i = 0; i < 3; i++) signal.raise(RTMIN);
    const sentBy = performance.now();
    signal.sleep(0.1);
    signal.sigprocmask(signal.SIG_SETMASK, []);
    return {
      sequence: infos.map(({ sequence }) => sequence),
      within: infos.every(({ time }) => time >= before - 1 && time <= sentBy + 1),
      rising: infos.every(({ time }, i) => i === 0 || time >= infos[i - 1].time),
    };
  },
};

setInterval(() => {}, 1000); // handlers keep no program alive
await runCase(cases);
process.exit(0);
