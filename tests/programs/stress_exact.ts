/** Cases beyond the peers' own parameters in which every signal must be accounted for. */
import * as signal from "../../mod.ts";
import { actionOf, loadForeign } from "./daemon_foreign.ts";
import { type Cases, elapsed, runCase, turn, until } from "./posix_cases.ts";
import { libc, load } from "./posix_libc.ts";

const { ITIMER_REAL, SIG_BLOCK, SIG_IGN, SIG_UNBLOCK, SIGALRM, SIGPROF, SIGUSR1, SIGUSR2 } = signal;
const RT = signal.SIGRTMIN! + 1;

/** Sends without giving handlers a chance to run before the call returns. */
const c = libc({
  kill: { args: ["i32", "i32"], result: "i32" },
  sigqueue: { args: ["i32", "i32", "u32"], result: "i32" },
});

/** tests/support/c/raiser.c. */
const loadRaiser = (path: string) =>
  load(path, {
    raiser_start: { args: ["i32"], result: "i32" },
    raiser_stop: { args: [], result: "i32" },
  });

const armTimer = (): void => void signal.setitimer(ITIMER_REAL, 1e-6 + Math.random() * 1e-5);

/** Delivers pending signals until a condition is true, by turns without a pause and asleep. */
function awaitCalls(reached: () => boolean, round: number): void {
  const end = performance.now() + 10_000;
  while (!reached() && performance.now() < end) {
    if (round % 10 === 0) signal.sleep(1e-5);
    else signal.check();
  }
}

/** The counts of the raised signals by outcome, and whether they add up. */
function accounts(sig: number): signal.SignalStats & { adds: boolean } {
  const stats = signal.stats(sig);
  return { ...stats, adds: stats.caught === stats.delivered + stats.merged + stats.held + stats.lost };
}

const cases: Cases = {
  /** The handlers of SIGPROF and SIGUSR1, by turns, arm the timer whose SIGALRM is waited for. */
  dependent(deliveries) {
    const calls: Record<number, number> = { [SIGPROF]: 0, [SIGUSR1]: 0, [SIGALRM]: 0 };
    for (const sig of [SIGPROF, SIGUSR1]) {
      signal.signal(sig, () => {
        calls[sig]++;
        armTimer();
      });
    }
    signal.signal(SIGALRM, () => void calls[SIGALRM]++);
    const rounds = Number(deliveries) / 2;
    for (let round = 1; round <= rounds; round++) {
      c.kill(process.pid, round % 2 ? SIGPROF : SIGUSR1);
      awaitCalls(() => calls[SIGALRM] === round, round);
      if (calls[SIGALRM] < round) break;
    }
    return [calls[SIGPROF], calls[SIGUSR1], calls[SIGALRM]];
  },

  /** A timer of some microseconds and a kill at the same moment. */
  simultaneous(deliveries) {
    const calls: Record<number, number> = { [SIGALRM]: 0, [SIGUSR2]: 0 };
    for (const sig of [SIGALRM, SIGUSR2]) signal.signal(sig, () => void calls[sig]++);
    const rounds = Number(deliveries) / 2;
    for (let round = 1; round <= rounds; round++) {
      armTimer();
      c.kill(process.pid, SIGUSR2);
      awaitCalls(() => calls[SIGALRM] === round && calls[SIGUSR2] === round, round);
      if (calls[SIGALRM] < round || calls[SIGUSR2] < round) break;
    }
    return [calls[SIGALRM], calls[SIGUSR2]];
  },

  /** The action changes between one function and another, or SIG_IGN, while a thread raises. */
  changingHandlers(library, other, changes) {
    let calls = 0;
    const handlers = [() => void calls++, other === "SIG_IGN" ? SIG_IGN : () => void calls++] as const;
    const raiser = loadRaiser(library);
    signal.signal(SIGUSR1, handlers[0]);
    raiser.raiser_start(SIGUSR1);
    let made = 0;
    while (made < Number(changes) || calls === 0) {
      for (const handler of handlers) {
        signal.signal(SIGUSR1, handler);
        signal.check(); // signals that are pending when their signal is ignored are discarded
        made++;
      }
    }
    const raised = raiser.raiser_stop();
    signal.check();
    const { caught, delivered, lost, adds } = accounts(SIGUSR1);
    return { raised, calls, caught, delivered, lost, adds };
  },

  /** Nothing drains the ring until a line has been read. */
  async brim() {
    let calls = 0;
    const last = new Map<number, number>();
    let late = 0;
    signal.signal(RT, (_signum, { pid, value }) => {
      calls++;
      if (value! <= (last.get(pid!) ?? -1)) late++;
      last.set(pid!, value!);
    });
    const { readSync } = await import("node:fs");
    const rounds: unknown[] = [];
    for (let round = 1; round <= 2; round++) {
      calls = late = 0;
      last.clear();
      const before = signal.stats(RT);
      console.log("ready");
      readSync(0, new Uint8Array(1));
      signal.check();
      const { caught, delivered, lost } = signal.stats(RT);
      rounds.push({
        calls,
        late,
        caught: caught - before.caught,
        delivered: delivered - before.delivered,
        lost: lost - before.lost,
      });
    }
    return rounds;
  },

  /** A listener is added to and removed from a signal that has a foreign handler. */
  async restoring(library, sig, cycles) {
    const foreign = loadForeign(library);
    let over = false;
    let ours = 0;
    const signum = Number(sig);
    foreign.foreign_install(signum, 0, 0);
    const stood = actionOf(foreign, signum);
    // Once before the load: Deno takes the default action for a signal that arrives while the very first listener for
    // it is registered, by whichever code.
    signal.on(signum, () => {}).off();
    signal.on(RT + 1, () => void (over = true), { ref: true });
    console.log("ready");
    await turn();
    let wrong = 0;
    for (let cycle = 0; cycle < Number(cycles); cycle++) {
      const listener = signal.on(signum, () => void ours++);
      if (cycle % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
      listener.off();
      if (actionOf(foreign, signum) !== stood) wrong++;
    }
    console.log("restored");
    await until(() => over);
    return { foreign: foreign.foreign_calls(), ours, wrong };
  },

  /** Signals are delivered while as many others are held. */
  behindHeld(count) {
    const calls = { [RT]: 0, [RT + 1]: 0 };
    for (const sig of [RT, RT + 1]) {
      signal.signal(sig, () => void calls[sig]++);
      signal.sigprocmask(SIG_BLOCK, sig);
      // Refused while other programs of this user have filled the kernel's queue.
      for (let i = 0; i < Number(count); i++) while (c.sigqueue(process.pid, sig, i) !== 0);
    }
    const seconds = elapsed(() => signal.sigprocmask(SIG_UNBLOCK, RT + 1));
    const before = { ...calls };
    signal.sigprocmask(SIG_UNBLOCK, RT);
    return { before: Object.values(before), after: Object.values(calls), seconds, stats: signal.stats(RT + 1) };
  },
};

await runCase(cases);
process.exit(0);
