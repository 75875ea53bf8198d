/** Cases of sigwait, sigwaitinfo, sigtimedwait and pause. */
import * as signal from "../../mod.ts";
import { type Cases, cause, elapsed, failure, runCase, spin, startWorker, turn, until } from "./posix_cases.ts";

const { ITIMER_PROF, ITIMER_REAL, SIG_BLOCK, SIG_IGN, SIG_UNBLOCK, SIGALRM, SIGUSR1, SIGUSR2, SIGWINCH } = signal;
const RTMIN = signal.SIGRTMIN!;
const say = (text: string): void => console.log(text);

function record(...signals: number[]): number[] {
  const got: number[] = [];
  for (const sig of signals) signal.signal(sig, (signum) => void got.push(signum));
  return got;
}

const block = (...signals: number[]): void => void signal.sigprocmask(SIG_BLOCK, signals);
const unblock = (...signals: number[]): void => void signal.sigprocmask(SIG_UNBLOCK, signals);

/** Processor time of the call in all threads, in seconds. */
function processorTime(call: () => void): number {
  signal.setitimer(ITIMER_PROF, 1000);
  call();
  return 1000 - signal.setitimer(ITIMER_PROF, 0)[0];
}

const cases: Cases = {
  /** A timer's signal that arrives before or during the wait, blocked or not. */
  async sigwait(when, mask, disposition) {
    const got = disposition === "handler" ? record(SIGALRM) : [];
    if (mask === "blocked") block(SIGALRM);
    signal.sigtimedwait([SIGALRM], 0); // the first wait begins late on a slow machine
    const begun = performance.now();
    signal.setitimer(ITIMER_REAL, 0.2);
    if (when === "before") spin(0.3);
    let taken = 0;
    const seconds = elapsed(() => taken = signal.sigwait([SIGALRM]));
    const since = (performance.now() - begun) / 1000;
    unblock(SIGALRM);
    await turn();
    return { taken, handled: got.length, waited: when === "before" ? seconds < 5 : since >= 0.18 };
  },

  alarmInfo() {
    block(SIGALRM);
    signal.alarm(1);
    const info = signal.sigwaitinfo([SIGALRM]);
    return [cause(info), info.sequence];
  },

  longWait() {
    signal.alarm(2);
    return elapsed(() => signal.sigwait("SIGALRM"));
  },

  poll() {
    block(SIGALRM);
    const got = record(SIGALRM);
    let taken = 0;
    for (let i = 0; i < 200; i++) {
      signal.kill(process.pid, SIGALRM);
      if (signal.sigtimedwait([SIGALRM], 0)?.signum === SIGALRM) taken++;
    }
    return { taken, handled: got.length };
  },

  /** Not blocked: a handler takes it before the call can. */
  pollUnblocked() {
    const got = record(SIGALRM);
    let taken = 0;
    for (let i = 0; i < 200; i++) {
      signal.kill(process.pid, SIGALRM);
      if (signal.sigtimedwait([SIGALRM], 0)) taken++;
    }
    return { taken, handled: got.length };
  },

  timeouts() {
    const waited: [unknown, number][] = [];
    signal.sigtimedwait([SIGUSR2], 0); // the first call opens the library, for a second in a busy emulator
    for (const seconds of [0.5, 0, -0, 1e-12, 0.05]) {
      let info: unknown;
      waited.push([info, elapsed(() => info = signal.sigtimedwait([SIGUSR2], seconds))]);
      waited.at(-1)![0] = info;
    }
    let info: signal.SigInfo | null = null;
    const seconds = elapsed(() => {
      signal.setitimer(ITIMER_REAL, 0.2);
      info = signal.sigtimedwait([SIGALRM], 10.1);
    });
    return { waited, alarm: [info!.signum, seconds] };
  },

  badTimeouts() {
    const bad = [-1, -0.001, -Infinity, NaN, Infinity, 1e20, 1e10, "1", null, undefined, 1n, {}];
    return bad.map((seconds) => failure(() => signal.sigtimedwait([SIGUSR1], seconds as never)));
  },

  hugeTimeouts() {
    signal.sigtimedwait([SIGALRM], 0); // the first wait begins late on a slow machine
    return [2 ** 31, 2 ** 32 + 0.5, 9e9].map((huge) => {
      signal.setitimer(ITIMER_REAL, 0.1);
      return signal.sigtimedwait([SIGALRM], huge)?.signum;
    });
  },

  badSets() {
    return [[], new Set(), ["SIGKILL"], [9, 19], [0], [32], [65], null, undefined, {}, 1.5, ["SIGNONE"]].map((sigs) =>
      failure(() => signal.sigtimedwait(sigs as never, 0))
    );
  },

  /** One signal, one wait. */
  oneWakesOne(how) {
    block(SIGUSR1);
    const send = () => how === "kill" ? signal.kill(process.pid, SIGUSR1) : signal.pthreadKill(process.pid, SIGUSR1);
    send();
    const answers = [signal.sigtimedwait([SIGUSR1], 0.2)?.signum, signal.sigtimedwait([SIGUSR1], 0.1)];
    send();
    return [...answers, signal.sigwait(SIGUSR1), signal.sigtimedwait([SIGUSR1], 0)];
  },

  info() {
    block(SIGUSR1);
    say("ready");
    const info = signal.sigwaitinfo([SIGUSR1]);
    const pending = signal.sigpending().has(SIGUSR1);
    return { info: cause(info), pending, blocked: signal.sigprocmask(SIG_BLOCK, []).has(SIGUSR1) };
  },

  raised(how) {
    const got: unknown[] = [];
    signal.signal(SIGUSR1, (_signum, { code, codeName }) => void got.push([code, codeName]));
    signal.raise(SIGUSR1);
    block(SIGUSR1);
    if (how === "thread") signal.pthreadKill(process.pid, SIGUSR1);
    else signal.raise(SIGUSR1);
    const { code, codeName } = signal.sigwaitinfo([SIGUSR1]);
    return [...got, [code, codeName]];
  },

  queue() {
    block(RTMIN);
    for (const value of [5, 4, 3, 2, 1]) signal.sigqueue(process.pid, RTMIN, value);
    const took = Array.from({ length: 5 }, () => signal.sigwaitinfo([RTMIN])).map(({ value, code }) => [value, code]);
    return { took, pending: signal.sigpending().has(RTMIN) };
  },

  /** Of several pending signals, the lowest number is taken first, each queue in its order. */
  lowestFirst() {
    const all = [RTMIN + 1, SIGUSR2, RTMIN, SIGUSR1];
    block(...all);
    for (const sig of all) signal.raise(sig);
    signal.sigqueue(process.pid, RTMIN, 2);
    return Array.from({ length: 5 }, () => signal.sigwait(all));
  },

  ignored() {
    const answers: unknown[] = [];
    signal.signal(SIGUSR2, SIG_IGN);
    signal.kill(process.pid, SIGUSR2);
    answers.push(signal.sigtimedwait([SIGUSR2], 0.1)?.name ?? null);
    block(SIGUSR2);
    signal.kill(process.pid, SIGUSR2);
    answers.push(signal.sigtimedwait([SIGUSR2], 0.1)?.name ?? null);
    block(SIGWINCH);
    signal.kill(process.pid, SIGWINCH);
    answers.push(signal.sigtimedwait([SIGWINCH], 0.1)?.name ?? null);
    return answers;
  },

  /** A signal with the default action, not blocked, from outside: the action is never taken during a wait for it. */
  outside(count) {
    const took: number[] = [];
    for (let i = 0; i < Number(count); i++) {
      say(`waiting ${i}`);
      took.push(signal.sigwait(["SIGTERM", "SIGINT", SIGUSR1, SIGUSR2]));
    }
    return took;
  },

  /** After the wait it is. */
  afterwards() {
    signal.sigtimedwait([SIGUSR2], 0.01); // not SIGUSR1, which Deno may have caught itself by now
    say("ready");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },

  async fromAWorker(how, sig) {
    const worker = await startWorker();
    const got = record(RTMIN);
    worker.postMessage(["send", how, sig, 0.2]);
    const info = signal.sigwaitinfo([Number(sig)]);
    worker.terminate();
    return { ...cause(info), uid: undefined, own: info.pid === process.pid, pid: undefined, handled: got.length };
  },

  othersMeanwhile() {
    const got: number[] = [];
    signal.signal(SIGALRM, (signum) => {
      got.push(signum);
      if (got.length === 3) signal.raise(SIGUSR1);
      else signal.setitimer(ITIMER_REAL, 0.05);
    });
    signal.setitimer(ITIMER_REAL, 0.05);
    const info = signal.sigwaitinfo([SIGUSR1]);
    return { taken: info.signum, got };
  },

  throwing() {
    signal.signal(SIGALRM, () => {
      throw new RangeError("from the handler");
    });
    signal.setitimer(ITIMER_REAL, 0.05);
    const thrown = [failure(() => signal.sigwait([SIGUSR1]))];
    signal.setitimer(ITIMER_REAL, 0.05);
    thrown.push(failure(() => signal.pause()));
    const got = record(SIGUSR1);
    signal.raise(SIGUSR1);
    return { thrown, got, blocked: [...signal.sigprocmask(SIG_BLOCK, [])] };
  },

  /** Two signals arrive at once, both waited for: the second is delivered to its handler after the wait. */
  async twoAtOnce() {
    const got = record(SIGUSR1, SIGUSR2);
    say("ready");
    const taken = signal.sigwait([SIGUSR1, SIGUSR2]);
    const atReturn = [...got];
    await until(() => got.length > 0);
    return { taken, atReturn, got };
  },

  twoAtOnceByDefault() {
    signal.signal(SIGALRM, () => {
      signal.raise(SIGUSR2);
      signal.raise(SIGUSR1);
      say("both are here");
    });
    signal.setitimer(ITIMER_REAL, 0.05);
    signal.sigwait([SIGUSR1, SIGUSR2]);
    say("survived");
  },

  train() {
    let count = 0;
    signal.signal(SIGALRM, () => void count++);
    signal.setitimer(ITIMER_REAL, 0.01, 0.01);
    const seconds = elapsed(() => signal.sigtimedwait([SIGUSR1], 0.3));
    signal.setitimer(ITIMER_REAL, 0);
    return { seconds, count };
  },

  /** Wake-up bytes of signals that have been handled must not keep a wait busy. */
  quiet() {
    const got = record(SIGUSR1);
    for (let i = 0; i < 10; i++) signal.raise(SIGUSR1);
    const waits = Array.from({ length: 10 }, () => {
      let seconds = 0;
      const used = processorTime(() => seconds = elapsed(() => signal.sigtimedwait([SIGUSR2], 0.1)));
      return { seconds, used };
    });
    const shortest = Math.min(...waits.map(({ seconds }) => seconds));
    // Not of all: compilers use some in the first.
    const used = waits.map((wait) => wait.used).sort((a, b) => a - b)[5];
    return { handled: got.length, shortest, used };
  },

  collects() {
    block(SIGUSR1, SIGUSR2);
    signal.raise(SIGUSR1);
    const first = [signal.sigtimedwait([SIGUSR1, SIGUSR2], 0)?.signum];
    signal.raise(SIGUSR2);
    first.push(signal.sigtimedwait([SIGUSR1, SIGUSR2], 0)?.signum);
    return [first, signal.sigtimedwait([SIGUSR1, SIGUSR2], 0.05)];
  },

  pause() {
    const names = ["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "FPE", "SEGV", "PIPE", "ALRM", "TERM"] as const;
    const got: string[] = [];
    for (const name of names) signal.signal(`SIG${name}`, (_signum, info) => void got.push(info.name));
    signal.signal("SIGUSR2", SIG_IGN);
    block(SIGUSR1);
    for (const name of names) {
      say(`pausing for ${name}`);
      signal.pause();
      if (got.at(-1) !== `SIG${name}`) return got;
    }
    return got.length;
  },

  pauseForTimer() {
    const got = record(SIGALRM);
    const seconds = elapsed(() => {
      signal.setitimer(ITIMER_REAL, 0.2);
      signal.pause();
    });
    return { seconds, got };
  },

  /** Thousands of real-time signals, taken one by one. */
  flood(count) {
    block(RTMIN);
    say("ready");
    const values: number[] = [];
    for (let i = 0; i < Number(count); i++) values.push(signal.sigwaitinfo([RTMIN]).value!);
    return { inOrder: values.every((value, i) => value === i), more: signal.sigtimedwait([RTMIN], 0) };
  },
};

await runCase(cases);
process.exit(0);
