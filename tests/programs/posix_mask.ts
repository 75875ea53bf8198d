/** Cases of sigprocmask, pthread_sigmask and sigpending. */
import * as signal from "../../mod.ts";
import { type Cases, cause, failure, runCase, turn, until } from "./posix_cases.ts";

const { SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGABRT, SIGALRM, SIGUSR1, SIGUSR2, SIGWINCH } = signal;
const RTMIN = signal.SIGRTMIN!;
const RTMAX = signal.SIGRTMAX!;

const list = (set: Iterable<number>): number[] => [...set];
const mask = (): number[] => list(signal.sigprocmask(SIG_BLOCK, []));
const say = (text: string): void => console.log(text);

/** Installs a handler that records its signals. */
function record(...signals: number[]): number[] {
  const got: number[] = [];
  for (const sig of signals) signal.signal(sig, (signum) => void got.push(signum));
  return got;
}

const senders: Record<string, (sig: number) => void> = {
  raise: (sig) => signal.raise(sig),
  kill: (sig) => signal.kill(process.pid, sig),
  thread: (sig) => signal.pthreadKill(process.pid, sig),
};

/** Two Workers that compute, so that the process has threads of every kind. */
function computing(): { stop(): void } {
  const source = "for (let i = 0; ; i++) Math.sqrt(i) > 1e9 && postMessage(i);";
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const workers = [1, 2].map(() => new Worker(url, { type: "module" }));
  return { stop: () => workers.forEach((worker) => worker.terminate()) };
}

const cases: Cases = {
  async blockedThenReleased(how) {
    const got = record(SIGUSR1);
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1]);
    senders[how](SIGUSR1);
    await turn();
    const pending = list(signal.sigpending());
    const whileBlocked = got.length;
    signal.sigprocmask(SIG_UNBLOCK, [SIGUSR1]);
    return { pending, whileBlocked, afterRelease: got.length, left: list(signal.sigpending()) };
  },

  query() {
    signal.sigprocmask(SIG_SETMASK, [SIGABRT]);
    const answers = [SIG_BLOCK, SIG_UNBLOCK].map((how) => list(signal.sigprocmask(how, [])));
    signal.pthreadSigmask(SIG_SETMASK, [SIGABRT]);
    const thread = [SIG_BLOCK, SIG_UNBLOCK].map((how) => list(signal.pthreadSigmask(how, [])));
    const replaced = [signal.sigprocmask(SIG_SETMASK, []), signal.pthreadSigmask(SIG_SETMASK, [])].map(list);
    return { answers, thread, replaced, after: [mask(), list(signal.pthreadSigmask(SIG_BLOCK, []))] };
  },

  /** Started with SIGUSR1, SIGUSR2 and SIGTERM blocked; the thread then blocks SIGABRT for itself. */
  inherited() {
    const got = record(SIGUSR1);
    signal.pthreadSigmask(SIG_BLOCK, SIGABRT);
    signal.kill(process.pid, SIGUSR1);
    signal.kill(process.pid, SIGUSR2);
    const taken = signal.sigwait(SIGUSR2);
    const pending = list(signal.sigpending());
    const present = [mask(), list(signal.pthreadSigmask(SIG_BLOCK, []))];
    signal.sigprocmask(SIG_UNBLOCK, SIGUSR1);
    return { taken, pending, present, got, left: mask() };
  },

  arithmetic() {
    record(RTMIN + 3, RTMAX - 1);
    const before = [
      signal.sigprocmask(SIG_BLOCK, "SIGUSR1"),
      signal.sigprocmask(SIG_BLOCK, new Set([RTMIN + 3, SIGUSR2])),
      signal.sigprocmask(SIG_UNBLOCK, ["SIGUSR1", SIGALRM]),
      signal.sigprocmask(SIG_SETMASK, ["SIGRTMAX-1", SIGALRM]),
      signal.sigprocmask(SIG_SETMASK, []),
    ];
    return [...before.map(list), mask()];
  },

  killAndStop() {
    signal.sigprocmask(SIG_SETMASK, ["SIGKILL", "SIGSTOP"]);
    signal.pthreadSigmask(SIG_SETMASK, ["SIGKILL", "SIGSTOP"]);
    const masks = [mask(), list(signal.pthreadSigmask(SIG_BLOCK, []))];
    signal.sigaction(SIGUSR1, {
      handler: () => {
        signal.kill(process.pid, "SIGKILL");
        say("survived");
      },
      mask: ["SIGKILL", "SIGSTOP"],
    });
    say(JSON.stringify(masks));
    signal.raise(SIGUSR1);
  },

  invalidHow() {
    signal.sigprocmask(SIG_SETMASK, [SIGABRT]);
    signal.pthreadSigmask(SIG_SETMASK, [SIGABRT]);
    const answers = new Set<string>();
    for (let i = 0; i < 100_000; i++) {
      let how = (Math.random() * 2 ** 32 - 2 ** 31) | 0;
      if (how >= 0 && how <= 3) how = 99;
      const call = i % 2 ? signal.sigprocmask : signal.pthreadSigmask;
      answers.add(failure(() => call(how, [SIGABRT, SIGALRM])));
    }
    for (const how of [2 ** 32, 2 ** 32 + 1, 0.5, NaN, Infinity, 4]) {
      answers.add(failure(() => signal.sigprocmask(how, [SIGALRM])));
    }
    const shapes = [undefined, null, "SIG_BLOCK", 1n].map((how) => failure(() => signal.sigprocmask(how as never, [])));
    return { answers: [...answers], shapes, masks: [mask(), list(signal.pthreadSigmask(SIG_BLOCK, []))] };
  },

  pendingOnly() {
    const atStart = list(signal.sigpending());
    signal.sigprocmask(SIG_BLOCK, ["SIGUSR2", "SIGHUP", "SIGQUIT"]);
    signal.raise("SIGUSR2");
    signal.raise("SIGQUIT");
    const held = list(signal.sigpending());
    for (const sig of ["SIGUSR2", "SIGHUP", "SIGQUIT"] as const) signal.signal(sig, () => {});
    signal.sigprocmask(SIG_SETMASK, []);
    return { atStart, held, released: list(signal.sigpending()) };
  },

  pendingInTheKernel() {
    signal.pthreadSigmask(SIG_BLOCK, [SIGUSR2]);
    signal.pthreadKill(process.pid, SIGUSR2);
    const pending = list(signal.sigpending());
    const got = record(SIGUSR2);
    signal.pthreadSigmask(SIG_UNBLOCK, [SIGUSR2]);
    signal.check();
    return { pending, got, left: list(signal.sigpending()) };
  },

  realtimeQueue() {
    signal.sigprocmask(SIG_BLOCK, [RTMIN]);
    for (const value of [1, 2, 3, 4]) signal.sigqueue(process.pid, RTMIN, value);
    const took: unknown[] = [];
    for (let i = 0; i < 4; i++) took.push([signal.sigtimedwait([RTMIN], 0)?.value, signal.sigpending().has(RTMIN)]);
    return { took, more: signal.sigtimedwait([RTMIN], 0) };
  },

  async ignoringDiscards() {
    const got = record(SIGUSR1);
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1]);
    signal.raise(SIGUSR1);
    signal.kill(process.pid, SIGUSR1);
    const before = list(signal.sigpending());
    signal.signal(SIGUSR1, signal.SIG_IGN);
    const after = list(signal.sigpending());
    record(SIGUSR1);
    signal.sigprocmask(SIG_UNBLOCK, [SIGUSR1]);
    await turn();
    return { before, after, got };
  },

  async defaultDiscards() {
    const answers: Record<string, unknown> = {};
    for (const name of ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"] as const) {
      const sig = signal.Signals[name];
      signal.sigprocmask(SIG_BLOCK, [sig]);
      signal.kill(process.pid, sig);
      const unhandled = signal.sigpending().has(sig);
      const got = record(sig);
      const handled = signal.sigpending().has(sig);
      signal.signal(sig, signal.SIG_DFL);
      const byDefault = signal.sigpending().has(sig);
      record(sig);
      signal.sigprocmask(SIG_UNBLOCK, [sig]);
      await turn();
      answers[name] = [unhandled, handled, byDefault, got.length];
    }
    return answers;
  },

  /** The use of `sigprocmask(SIG_BLOCK, [SIGINT])`: no handler runs until release. */
  async storm(name, disposition) {
    const sig = signal.Signals[name];
    const got = disposition === "handler" ? record(sig) : [];
    const workers = computing();
    signal.sigprocmask(SIG_BLOCK, [sig]);
    say("blocked");
    let allocated = 0;
    await until(() => {
      for (let i = 0; i < 200; i++) allocated += JSON.stringify({ i, list: [i] }).length;
      return done;
    }, 60_000);
    const whileBlocked = got.length;
    const pending = list(signal.sigpending());
    workers.stop();
    say(JSON.stringify({ whileBlocked, pending, allocated: allocated > 0 }));
    signal.sigprocmask(SIG_UNBLOCK, [sig]);
    const atRelease = got.length;
    await turn();
    return { atRelease, later: got.length };
  },

  async heldValues() {
    const got: unknown[] = [];
    for (const sig of [RTMIN, RTMIN + 1]) {
      signal.signal(sig, (signum, { value, pid, code }) => void got.push([signum, value, pid, code]));
    }
    signal.sigprocmask(SIG_BLOCK, [RTMIN, RTMIN + 1]);
    say("blocked");
    await until(() => done, 60_000);
    const whileBlocked = got.length;
    signal.sigprocmask(SIG_SETMASK, []);
    return { whileBlocked, got };
  },

  async firstInfo() {
    const got: unknown[] = [];
    signal.signal(SIGUSR1, (_signum, info) => void got.push(cause(info)));
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1]);
    say("blocked");
    await until(() => done, 60_000);
    signal.sigprocmask(SIG_SETMASK, []);
    return got;
  },

  order(way) {
    const got = record(...[RTMIN + 1, RTMIN, 12, 1]);
    const block = way === "kernel" ? signal.pthreadSigmask : signal.sigprocmask;
    block(SIG_BLOCK, [RTMIN + 1, RTMIN, 12, 1]);
    for (const sig of [RTMIN + 1, RTMIN, 12, 1]) way === "kill" ? signal.kill(process.pid, sig) : signal.raise(sig);
    block(SIG_SETMASK, []);
    signal.check();
    return got;
  },

  /** A queue of each real-time signal, filled from the highest down. */
  realtimeOrder(highest) {
    const all = Array.from({ length: Number(highest) - RTMIN + 1 }, (_, i) => Number(highest) - i);
    const got = record(...all);
    signal.sigprocmask(SIG_BLOCK, all);
    for (const sig of all) signal.sigqueue(process.pid, sig, sig);
    const whileBlocked = got.length;
    signal.sigprocmask(SIG_UNBLOCK, all);
    return { whileBlocked, got };
  },

  partialRelease() {
    const got = record(SIGUSR1, SIGUSR2, RTMIN);
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1, SIGUSR2, RTMIN]);
    for (const sig of [RTMIN, SIGUSR2, SIGUSR1, RTMIN]) signal.raise(sig);
    const steps: unknown[] = [];
    for (const sigs of [[SIGUSR2], [RTMIN], [SIGUSR1]]) {
      signal.sigprocmask(SIG_UNBLOCK, sigs);
      steps.push([got.splice(0), list(signal.sigpending())]);
    }
    return steps;
  },

  /** A handler may change the mask, which is the process's own: it is not restored when the handler returns. */
  inAHandler() {
    const got = record(SIGUSR2);
    signal.signal(SIGUSR1, () => void signal.sigprocmask(SIG_BLOCK, [SIGUSR2]));
    signal.raise(SIGUSR1);
    signal.raise(SIGUSR2);
    const held = got.length;
    signal.sigprocmask(SIG_UNBLOCK, [SIGUSR2]);
    return { held, released: got.length };
  },

  throwing() {
    const got = record(SIGUSR2);
    signal.signal(SIGUSR1, () => {
      throw new Error("from the handler");
    });
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1, SIGUSR2]);
    signal.raise(SIGUSR1);
    signal.raise(SIGUSR2);
    const thrown = failure(() => signal.sigprocmask(SIG_SETMASK, []));
    const masked = mask();
    signal.check();
    return { thrown, masked, got };
  },

  everything() {
    signal.sigprocmask(SIG_BLOCK, signal.validSignals());
    signal.pthreadSigmask(SIG_BLOCK, signal.validSignals());
    const all = list(signal.validSignals());
    const without = (set: number[]): number[] => all.filter((sig) => !set.includes(sig));
    return {
      process: without(mask()),
      thread: without(list(signal.pthreadSigmask(SIG_BLOCK, []))),
      library: [mask(), list(signal.pthreadSigmask(SIG_BLOCK, []))].map((set) =>
        set.some((sig) => sig > 31 && sig < RTMIN)
      ),
    };
  },

  shapes() {
    return [undefined, null, {}, 5.5, [32], [33], [0], [65], ["SIGNONE"], [null], 10n].map((sigs) =>
      failure(() => signal.sigprocmask(SIG_BLOCK, sigs as never))
    ).concat(failure(() => signal.pthreadSigmask(SIG_BLOCK, [33])));
  },

  /** Released together: one with a handler, and one with the default action. */
  defaultBeside(name) {
    signal.signal("SIGUSR1", () => console.log("pending", [...signal.sigpending()]));
    signal.sigaction("SIGUSR1", { ...signal.sigaction("SIGUSR1"), mask: [name as signal.SignalName] });
    signal.sigprocmask(signal.SIG_BLOCK, ["SIGUSR1", name as signal.SignalName]);
    signal.raise("SIGUSR1");
    signal.raise(name as signal.SignalName);
    console.log("blocked");
    signal.sigprocmask(signal.SIG_SETMASK, []);
  },

  async defaultDies() {
    signal.sigprocmask(SIG_BLOCK, [SIGWINCH]);
    say("blocked");
    await until(() => done, 60_000);
  },
};

/** A line on standard input means that the test has sent its signals. */
let done = false;
process.stdin.on("data", () => done = true);
await runCase(cases);
process.exit(0);
