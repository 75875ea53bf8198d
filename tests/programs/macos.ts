/** Cases of the differences between macOS and Linux; the first argument picks the case. */
import * as signal from "../../mod.ts";
import { failure } from "./posix_cases.ts";

const FAULTS = ["SIGILL", "SIGTRAP", "SIGBUS", "SIGFPE", "SIGSEGV"] as const;
const say = (text: unknown): void => console.log(typeof text === "string" ? text : JSON.stringify(text));
const stayAlive = (): void => void setInterval(() => {}, 1000);

const cases: Record<string, () => unknown> = {
  /** Prints each signal and its sender, until SIGTERM. */
  senders() {
    for (const name of ["SIGINT", "SIGUSR1", "SIGUSR2", "SIGTERM"] as const) {
      signal.on(name, (_signum, { codeName, pid }) => {
        say(`${name} ${codeName} ${pid === 0 ? "nobody" : pid === process.pid ? "self" : "other"}`);
        if (name === "SIGTERM") process.exit(0);
      });
    }
    signal.kill(process.pid, "SIGUSR2");
    signal.raise("SIGUSR2");
    stayAlive();
    say("ready");
  },

  /** The main thread blocks SIGUSR1 for itself: another thread's handler still records it. */
  threadMask() {
    const before = signal.pthreadSigmask(signal.SIG_BLOCK, "SIGUSR1");
    const now = signal.pthreadSigmask(signal.SIG_BLOCK, []);
    signal.on("SIGUSR1", () => {
      const after = signal.pthreadSigmask(signal.SIG_UNBLOCK, "SIGUSR1");
      const has = (set: Set<number>) => set.has(signal.SIGUSR1);
      say([has(before), has(now), has(after), has(signal.pthreadSigmask(signal.SIG_BLOCK, []))]);
      process.exit(0);
    });
    stayAlive();
    say("ready");
  },

  /** A fault signal is never held, since a real fault would be held too. */
  faults() {
    const refused = FAULTS.map((name) => {
      try {
        signal.on(name, () => {});
      } catch (error) {
        return (error as Error).message;
      }
    });
    const before = signal.sigprocmask(signal.SIG_BLOCK, FAULTS);
    const held = [...signal.sigprocmask(signal.SIG_SETMASK, before)];
    say({ refused, held });
  },

  queries() {
    const uncatchable = ["SIGKILL", "SIGSTOP"] as const;
    say({
      handlers: uncatchable.map((name) => signal.getsignal(name)),
      actions: uncatchable.map((name) => signal.sigaction(name).handler),
      install: uncatchable.map((name) => failure(() => signal.signal(name, () => {}))),
      reset: signal.sigaction("SIGSEGV").resetHand ?? "unknown",
    });
  },

  /** JavaScript never runs again: the watching thread ends the process. */
  stuck() {
    signal.shutdown({ deadline: 0.5 });
    say("ready");
    for (;;);
  },
};

cases[process.argv[2]]();
