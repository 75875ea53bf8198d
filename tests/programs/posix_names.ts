/** Cases of names, numbers and refused arguments; and a sender by name or number. */
import * as signal from "../../mod.ts";
import { type Cases, failure, inAWorker, runCase, turn } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { SIG_DFL, SIG_IGN, SIGUSR1 } = signal;
const RTMIN = signal.SIGRTMIN!;
const handler = (): void => {};

/** A signal as the command line gives it. */
const like = (text: string): signal.SignalLike => (/^\d+$/.test(text) ? Number(text) : text) as signal.SignalLike;

const cases: Cases = {
  send(pid, ...signals) {
    for (const sig of signals) signal.kill(Number(pid), like(sig));
    return signals.length;
  },

  /** The first and the last real-time signal, as the C library reports them. */
  ends() {
    const none = { args: [], result: "i32" } as const;
    const c = libc({ __libc_current_sigrtmin: none, __libc_current_sigrtmax: none });
    return [c.__libc_current_sigrtmin(), c.__libc_current_sigrtmax()];
  },

  outOfRange() {
    const answers: string[] = [];
    for (const sig of [4242, 0, -1, 65]) {
      answers.push(
        failure(() => signal.getsignal(sig)),
        failure(() => signal.signal(sig, handler)),
        failure(() => signal.sigaction(sig)),
        failure(() => signal.strsignal(sig)),
        failure(() => signal.siginterrupt(sig, true)),
        failure(() => signal.sigwait([sig])),
      );
    }
    return [...new Set(answers)];
  },

  /** Numbers that a careless conversion to a C int turns into SIGUSR1, or into any other signal. */
  async noWrapping() {
    let runs = 0;
    signal.signal(SIGUSR1, () => void runs++);
    const int = [-(2 ** 31), 2 ** 31 - 1, -(2 ** 31) + 1, -1073743192, 1073743192];
    const wide = [2 ** 32 + 10, 2 ** 53 + 10, -(2 ** 32) + 10, 10.5, NaN, Infinity, -Infinity, 256 + 10, 65536 + 10];
    const others = [10n, "10", true, [10], { valueOf: () => 10 }, new Number(10), undefined, null];
    const answers: Record<string, string[]> = { numbers: [], shapes: [] };
    for (const value of [...int, ...wide, ...others] as never[]) {
      const row = [
        failure(() => signal.kill(process.pid, value)),
        failure(() => signal.raise(value)),
        failure(() => signal.signal(value, handler)),
        failure(() => signal.sigqueue(process.pid, value, 0)),
        failure(() => signal.pthreadKill(process.pid, value)),
        failure(() => signal.killpg(0, value)),
      ];
      answers[typeof value === "number" || typeof value === "string" ? "numbers" : "shapes"].push(...row);
    }
    const pids = [2 ** 32 + process.pid, process.pid + 0.5, NaN, Infinity, -(2 ** 32) + process.pid].map((pid) => [
      failure(() => signal.kill(pid, SIGUSR1)),
      failure(() => signal.sigqueue(pid, SIGUSR1, 0)),
      failure(() => signal.pthreadKill(pid, SIGUSR1)),
      failure(() => signal.pidfdOpen(pid)),
      failure(() => signal.killpg(pid, SIGUSR1)),
    ]);
    const values = [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, "7", 7n, undefined].map((value) =>
      failure(() => signal.sigqueue(process.pid, SIGUSR1, value as never))
    );
    await turn();
    return {
      numbers: [...new Set(answers.numbers)],
      shapes: [...new Set(answers.shapes)],
      pids: [...new Set(pids.flat())],
      values,
      runs,
    };
  },

  uncatchable() {
    return {
      install: [signal.SIGRTMAX! + 10, "SIGKILL", "SIGSTOP"].map((sig) =>
        failure(() => signal.signal(sig as never, handler))
      ),
      ignore: ["SIGKILL", "SIGSTOP", signal.NSIG + 1].map((sig) => failure(() => signal.signal(sig as never, SIG_IGN))),
      action: failure(() => signal.sigaction("SIGKILL", { handler: SIG_DFL })),
      interrupt: failure(() => signal.siginterrupt("SIGKILL", true)),
      query: [signal.getsignal("SIGKILL"), signal.getsignal("SIGSTOP"), signal.sigaction("SIGKILL").handler],
    };
  },

  async leavesNothing() {
    const errors: string[] = [];
    for (const sig of ["SIGKILL", "SIGSTOP"] as const) {
      errors.push(
        failure(() => signal.signal(sig, handler)),
        failure(() => signal.signal(sig, SIG_IGN)),
        failure(() => signal.sigaction(sig, { handler })),
        failure(() => signal.sigaction(sig, { handler, mask: [SIGUSR1] })),
        failure(() => signal.siginterrupt(sig, true)),
      );
    }
    const left = [signal.getsignal("SIGKILL"), signal.getsignal("SIGSTOP")];
    let runs = 0;
    signal.signal("SIGUSR2", () => void runs++);
    signal.raise("SIGUSR2");
    return { errors, left, runs, inWorker: await inAWorker("refused") };
  },

  faults() {
    const got: unknown[] = [];
    for (const sig of ["SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGTRAP"] as const) {
      signal.signal(sig, (_signum, { name, codeName }) => void got.push([name, codeName]));
      signal.kill(process.pid, sig);
    }
    return got;
  },

  aliases() {
    const pairs = { SIGPOLL: "SIGIO", SIGUNUSED: "SIGSYS", SIGIOT: "SIGABRT", SIGCLD: "SIGCHLD" } as const;
    return Object.entries(pairs).map(([alias, name]) => {
      const got: string[] = [];
      signal.signal(alias as signal.SignalName, (_signum, info) => void got.push(info.name));
      const same = signal.getsignal(name) === signal.getsignal(alias as signal.SignalName);
      signal.raise(alias as signal.SignalName);
      signal.raise(name);
      signal.signal(alias as signal.SignalName, SIG_IGN);
      return [same, got, signal.getsignal(name)];
    });
  },

  badArguments(pid) {
    const bad = ["SIGGOD", {}, () => {}, Infinity, -Infinity, Symbol("x"), 456, "SIGPOOP", "", NaN, null, undefined];
    const more = [
      "sigterm",
      "TERM",
      "SIG",
      "SIGRT",
      "SIGRTMIN+",
      "SIGRTMIN-1",
      "SIGRTMAX+1",
      "SIGRTMIN+31",
      "SIGRTMIN+031",
    ];
    const answers = [...bad, ...more].map((sig) => failure(() => signal.kill(Number(pid), sig as never)));
    signal.kill(Number(pid), 0);
    return answers;
  },

  /** The name and the number that a handler receives, by the name or number for which it was installed. */
  numbersAndNames() {
    const names: string[] = [];
    const numbers: number[] = [];
    for (const sig of [15, RTMIN, RTMIN + 3, RTMIN + 6, 63, 64, "SIGRTMIN", "SIGRTMIN+3", "SIGRTMAX-1", "SIGRTMAX"]) {
      signal.signal(sig as signal.SignalLike, (signum, info) => {
        names.push(info.name);
        numbers.push(signum);
      });
      signal.raise(sig as signal.SignalLike);
    }
    const none = [128, 142, "SIGRTMIN+31", "SIGRTMAX-31"].map((sig) => failure(() => signal.raise(sig as never)));
    return { names, numbers, none };
  },
};

await runCase(cases);
process.exit(0);
