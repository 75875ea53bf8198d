/** Cases of signal, getsignal and sigaction. */
import * as signal from "../../mod.ts";
import { type Cases, cause, failure, runCase, turn, until } from "./posix_cases.ts";

const { SIG_DFL, SIG_IGN, SIGABRT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGXFSZ } = signal;
const say = (text: string): void => console.log(text);

/** An action as JSON; a function becomes whether it is the expected one. */
function plain({ handler, mask, ...flags }: signal.SigAction, expected?: unknown): unknown {
  const which = typeof handler === "function" ? (handler === expected ? "ours" : "another") : handler;
  return { handler: which, ...flags, mask: [...mask ?? []] };
}

const cases: Cases = {
  refusedHandlers() {
    const bad = [null, undefined, {}, 5, 2, -1, "handler", true, 1n, Symbol("x"), []];
    const answers = bad.map((handler) => [
      failure(() => signal.signal(SIGUSR2, handler as never)),
      failure(() => signal.sigaction(SIGUSR2, { handler: handler as never })),
    ]);
    say(JSON.stringify({ answers, after: signal.getsignal(SIGUSR2) }));
    say("ready");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },

  async raise() {
    const got: number[] = [];
    const before = signal.signal("SIGINT", (signum) => void got.push(signum));
    signal.raise("SIGINT");
    const atReturn = [...got];
    await turn();
    const previous = signal.signal("SIGINT", before!);
    return { before, atReturn, later: got, previous: typeof previous, now: signal.getsignal("SIGINT") };
  },

  nameAndNumber(name) {
    const got: unknown[] = [];
    signal.signal(signal.Signals[name], (signum, info) => void got.push([signum, info.signum, info.name]));
    signal.kill(process.pid, name as signal.SignalName);
    signal.kill(process.pid, signal.Signals[name]);
    return got;
  },

  ofTheEngine() {
    const { message, code } = failureOf(() => signal.signal("SIGPWR", () => {}));
    return { code, named: message.includes("collector"), now: signal.getsignal("SIGPWR") };
  },

  async everyCatchable() {
    const missed: string[] = [];
    for (const [name, sig] of Object.entries(signal.Signals)) {
      if (["SIGKILL", "SIGSTOP", "SIGRTMIN", "SIGRTMAX"].includes(name)) continue;
      if (name === "SIGPWR" && "Bun" in globalThis) continue;
      const got: number[] = [];
      const before = signal.signal(sig, (signum) => void got.push(signum));
      signal.kill(process.pid, sig);
      await until(() => got.length > 0);
      if (before !== null) signal.signal(sig, before);
      else signal.signal(sig, SIG_IGN); // the runtime's own: it would report a crash
      if (String(got) !== String([sig])) missed.push(`${name}: ${got}`);
    }
    return missed;
  },

  /** From outside, in turn, each by its own number. */
  async eachFromOutside(highest) {
    const got: number[] = [];
    for (const sig of signal.validSignals()) {
      if (sig === 9 || sig === 19 || (sig === 30 && "Bun" in globalThis)) continue;
      signal.signal(sig, (signum) => {
        got.push(signum);
        say(`got ${signum}`);
      });
    }
    say("ready");
    await until(() => got.at(-1) === Number(highest), 20_000);
    return got;
  },

  query(flags) {
    let runs = 0;
    const handler = (): void => void runs++;
    const action = flags === "all"
      ? { handler, restart: false, noChildStop: true, noChildWait: true, mask: [SIGXFSZ, "SIGRTMIN+1" as const] }
      : { handler, restart: true };
    signal.sigaction(SIGUSR1, action);
    const answers = [plain(signal.sigaction(SIGUSR1), handler), plain(signal.sigaction(SIGUSR1), handler)];
    signal.raise(SIGUSR1);
    return { answers, runs };
  },

  badActions() {
    const handler = (): void => {};
    return [
      {},
      { handler, flags: 4 },
      { handler, restart: 1 },
      { handler, resetHand: "yes" },
      { handler, mask: [99] },
      { handler, mask: 3.5 },
      { handler, mask: {} },
      null,
      5,
    ].map((action) => failure(() => signal.sigaction(SIGUSR1, action as never))).concat(
      String(signal.getsignal(SIGUSR1)),
    );
  },

  putBack() {
    const counts = [0, 0];
    const before = signal.signal(SIGABRT, () => void counts[0]++);
    const old = signal.sigaction(SIGABRT, { handler: () => void counts[1]++, restart: false, mask: [SIGUSR1] });
    signal.raise(SIGABRT);
    const first = [...counts];
    const second = signal.sigaction(SIGABRT, old);
    signal.raise(SIGABRT);
    return { known: before === null || before === SIG_DFL, first, counts, second: plain(second) };
  },

  info(how) {
    const got: unknown[] = [];
    signal.signal(SIGUSR2, (_signum, info) => void got.push(cause(info)));
    if (how === "raise") signal.raise(SIGUSR2);
    else if (how === "thread") signal.pthreadKill(process.pid, SIGUSR2);
    else signal.kill(process.pid, SIGUSR2);
    return { pid: process.pid, got };
  },

  resetHand() {
    let runs = 0;
    const handler = (): void => void runs++;
    signal.sigaction(SIGUSR1, { handler, resetHand: true });
    const installed = plain(signal.sigaction(SIGUSR1), handler);
    signal.raise(SIGUSR1);
    say(
      JSON.stringify({ runs, installed, after: signal.getsignal(SIGUSR1), action: plain(signal.sigaction(SIGUSR1)) }),
    );
    signal.raise(SIGUSR1);
    say("survived");
  },

  resetHandInTheHandler() {
    let within: unknown;
    signal.sigaction(SIGUSR1, { handler: () => void (within = signal.getsignal(SIGUSR1)), resetHand: true });
    signal.raise(SIGUSR1);
    return within;
  },

  staysInstalled() {
    let runs = 0;
    const handler = (): void => void runs++;
    signal.sigaction(SIGUSR1, { handler });
    for (let i = 0; i < 10; i++) signal.raise(SIGUSR1);
    return { runs, same: signal.getsignal(SIGUSR1) === handler };
  },

  ownSignalInside() {
    let depth = 0;
    let deepest = 0;
    let runs = 0;
    const pending: boolean[] = [];
    signal.signal(SIGABRT, () => {
      deepest = Math.max(deepest, ++depth);
      if (runs++ === 0) {
        signal.raise(SIGABRT);
        pending.push(signal.sigpending().has(SIGABRT));
      }
      depth--;
    });
    signal.raise(SIGABRT);
    return { runs, deepest, pending };
  },

  async chainOfThousand(how) {
    let depth = 0;
    let deepest = 0;
    let runs = 0;
    signal.signal(SIGUSR1, () => {
      deepest = Math.max(deepest, ++depth);
      if (++runs < 1000) how === "kill" ? signal.kill(process.pid, SIGUSR1) : signal.raise(SIGUSR1);
      depth--;
    });
    signal.raise(SIGUSR1);
    await until(() => runs === 1000);
    await turn();
    return { runs, deepest };
  },

  /** An async handler has returned at its first `await`: the next one may begin. */
  async asyncHandler() {
    const order: string[] = [];
    signal.signal(SIGUSR1, async () => {
      order.push("begin");
      await turn();
      order.push("end");
    });
    signal.raise(SIGUSR1);
    signal.raise(SIGUSR1);
    await until(() => order.length === 4);
    return order;
  },

  maskOfAction() {
    const order: string[] = [];
    const threadMask = (): string => [...signal.pthreadSigmask(signal.SIG_BLOCK, [])].join();
    const before = threadMask();
    signal.signal(SIGXFSZ, () => void order.push("XFSZ"));
    signal.signal(SIGUSR1, () => void order.push("USR1"));
    signal.sigaction(SIGABRT, {
      handler: () => {
        order.push("ABRT begins");
        signal.raise(SIGXFSZ);
        signal.raise(SIGUSR1); // not in the mask: at once
        order.push(`pending ${[...signal.sigpending()]}`);
        order.push("ABRT ends");
      },
      mask: [SIGXFSZ],
    });
    signal.raise(SIGABRT);
    return { order, sameMask: threadMask() === before };
  },

  async fromTheLoop() {
    const got: number[] = [];
    signal.signal(SIGHUP, (signum) => void got.push(signum));
    say("ready");
    await until(() => got.length > 0);
    return got;
  },

  async ignored() {
    const handler = (): void => {};
    signal.signal(SIGWINCH, handler);
    const caught = signal.getsignal(SIGWINCH) === SIG_IGN;
    const previous = signal.signal(SIGWINCH, SIG_IGN);
    const ignored = signal.getsignal(SIGWINCH) === SIG_IGN;
    signal.kill(process.pid, SIGWINCH);
    await turn();
    return { caught, previous: previous === handler, ignored };
  },

  async cancelled(how) {
    const got: number[] = [];
    for (const sig of [SIGWINCH, SIGHUP]) signal.signal(sig, (signum) => void got.push(signum));
    for (const sig of [SIGWINCH, SIGHUP]) signal.kill(process.pid, sig);
    const before = [...got];
    for (const sig of [SIGWINCH, SIGHUP]) signal.signal(sig, how === "ignore" ? SIG_IGN : SIG_DFL);
    signal.kill(process.pid, SIGWINCH);
    if (how === "ignore") signal.kill(process.pid, SIGHUP);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { before, got };
  },

  /** A signal that is queued when its handler is removed takes the action that is restored. */
  async leavesWhileQueued(how) {
    const got: number[] = [];
    signal.signal(SIGUSR1, (signum) => {
      got.push(signum);
      signal.raise(SIGUSR1); // deferred until this handler has returned
      signal.signal(SIGUSR1, how === "ignore" ? SIG_IGN : SIG_DFL);
      say("left");
    });
    signal.raise(SIGUSR1);
    await turn();
    return got;
  },

  interrupt() {
    signal.signal("SIGINT", signal.defaultIntHandler);
    signal.signal("SIGALRM", signal.defaultIntHandler);
    const thrown: unknown[] = [];
    for (const sig of ["SIGINT", "SIGALRM"] as const) {
      const error = failureOf(() => signal.raise(sig)) as signal.KeyboardInterrupt;
      const { signum } = error.cause as signal.SigInfo;
      thrown.push([error instanceof signal.KeyboardInterrupt, error.name, signum]);
    }
    return thrown;
  },

  /** Importing alone installs nothing; SIGINT still kills. */
  imported() {
    say("ready");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },

  idle() {
    signal.signal("SIGALRM", () => {
      say(`took ${(performance.now() - begun) / 1000}`);
      process.exit(0);
    });
    process.stdin.on("data", () => {}); // keeps the loop alive, and never receives data
    const begun = performance.now();
    signal.setitimer(signal.ITIMER_REAL, 0.01);
    return new Promise(() => {});
  },

  realtime(highest) {
    const got: number[] = [];
    let installed = 0;
    const refused: Record<string, string[]> = {};
    for (let sig = 32; sig <= 64; sig++) {
      const thrown = failure(() => signal.signal(sig, (signum) => void got.push(signum)));
      if (thrown === "none") installed++;
      else {
        refused[sig] = [
          thrown,
          failure(() => signal.sigaction(sig)),
          failure(() => signal.kill(process.pid, sig)),
          failure(() => signal.raise(sig)),
          failure(() => signal.sigqueue(process.pid, sig, 0)),
          failure(() => signal.sigtimedwait([sig], 0)),
          failure(() => signal.sigprocmask(signal.SIG_BLOCK, [sig])),
          failure(() => signal.siginterrupt(sig, true)),
          String(signal.getsignal(sig)),
        ];
      }
    }
    for (let sig = Number(highest); sig >= signal.SIGRTMIN!; sig--) signal.sigqueue(process.pid, sig, sig);
    return { installed, refused, got };
  },
};

function failureOf(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  return new Error("nothing was thrown");
}

const result = process.argv[2] === "imported" ? cases.imported() : runCase(cases);
await result;
process.exit(0);
