/** Calls every public function with hostile values of every type. Arguments: a seed, and the number of runs of each
 * function. A failed run prints its seed, which repeats it. The only legal outcomes are documented ones: the result for
 * valid arguments, or an error of a documented class. A call that threw has changed nothing. Process IDs here are
 * unused, or this process's own with signal 0 or a handled one. */
import fc from "fast-check";
import * as signal from "../../mod.ts";
import { hostile, nobody, notSignals, optionsOf, Own, plain, returning, seconds, type Values } from "./fuzz_values.ts";

const [seed, numRuns] = process.argv.slice(2).map(Number);
console.log(`seed ${seed}`); // before anything else: a crash prints nothing more

// Deno installs handlers for these half a second after its start, which would look like a change of ours.
for (const name of ["SIGHUP", "SIGUSR1"]) process.on(name, () => {});
// setitimer() may send the last three
const HANDLED = ["SIGUSR2", "SIGRTMIN+3", "SIGALRM", "SIGVTALRM", "SIGPROF"] as const;
for (const name of HANDLED) signal.signal(name, () => {});

/** The state that a call which threw must not have changed, a line each. */
function state(): string[] {
  const wakeup = signal.setWakeupFd(-1);
  if (wakeup >= 0) signal.setWakeupFd(wakeup);
  return [
    ...signal.inspect().signals.map((row) => {
      const { handler: _, ...manner } = signal.sigaction(row.signum);
      return JSON.stringify({ ...row, ...manner, mask: [...manner.mask ?? []] });
    }),
    `process's mask: ${[...signal.sigprocmask(signal.SIG_BLOCK, [])]}`,
    `thread's mask: ${[...signal.pthreadSigmask(signal.SIG_BLOCK, [])]}`,
    `pending: ${[...signal.sigpending()]}`,
    ...[signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF].map((which) =>
      `timer: ${signal.getitimer(which)}`
    ),
    `wake-up descriptor: ${wakeup}`,
  ];
}

function requireUnchanged(before: string[], what: string): void {
  const after = state();
  const changes = before.flatMap((line, i) => line === after[i] ? [] : [`from ${line}`, `to   ${after[i]}`]);
  if (changes.length > 0) throw new Error([`${what} and changed`, ...changes].join("\n"));
}

const valid = signal.validSignals();
const names = new Set<unknown>(Object.keys(signal.Signals));
/** Whether the documented contract accepts a value as a signal. */
function isSignal(value: unknown): boolean {
  if (typeof value === "number") return valid.has(value);
  if (typeof value !== "string") return false;
  return names.has(value) || ["SIGIOT", "SIGPOLL", "SIGCLD"].includes(value) ||
    /^SIGRT(MIN\+|MAX-)\d{1,2}$/.test(value);
}
const isSignals = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? !Array.isArray(value) || value.every(isSignal) : isSignal(value);
const isReserved = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 31 && (value as number) < signal.SIGRTMIN!;
const isSet = (value: unknown): boolean => value instanceof Set && [...value].every((signum) => valid.has(signum));
const isHandler = (value: unknown): boolean =>
  typeof value === "function" || value === 0 || value === 1 || value === null;
const isTime = (value: unknown): boolean => typeof value === "number" && value >= 0;
const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isTime);
const isNothing = (value: unknown): boolean => value === undefined;

interface Case {
  values: Values[];
  /** Whether this result for these arguments is documented. */
  right(result: unknown, args: unknown[]): boolean;
  /** Undoes a call that succeeded. */
  undo?(result: never, args: never): void;
}

const beside = (values: Values, ...others: unknown[]): Values =>
  fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: plain(fc.constantFrom(...others)) });
const probe = beside(hostile, ...HANDLED, ...valid);
const sent = beside(notSignals, 0, ...HANDLED);
const how = beside(hostile, signal.SIG_BLOCK, signal.SIG_UNBLOCK, signal.SIG_SETMASK);
const which = beside(hostile, 0, 1, 2);
const handler = beside(hostile, signal.SIG_DFL, signal.SIG_IGN, () => {});
const reached = beside(nobody, process.pid);
const dispose = (object: Disposable) => object[Symbol.dispose]();
const putBack = (previous: signal.Handler | null, [sig]: [signal.SignalLike]) => {
  signal.signal(sig, previous ?? signal.SIG_DFL);
};

const cases: Partial<Record<keyof typeof signal, Case>> = {
  signal: {
    values: [probe, handler],
    right: (result, [sig]) => isSignal(sig) && isHandler(result),
    undo: putBack,
  },
  getsignal: { values: [probe], right: (result, [sig]) => (isSignal(sig) || isReserved(sig)) && isHandler(result) },
  sigaction: {
    values: [probe, optionsOf("handler", "restart", "resetHand", "noChildStop", "noChildWait", "mask")],
    right: (result, [sig]) => isSignal(sig) && isHandler((result as signal.SigAction).handler),
    undo: ({ handler }: signal.SigAction, args: [signal.SignalLike, unknown]) => {
      if (args[1] !== undefined) putBack(handler, [args[0]]);
    },
  },
  siginterrupt: {
    values: [probe, beside(hostile, true, false)],
    right: (result, [sig, flag]) => isSignal(sig) && typeof flag === "boolean" && isNothing(result),
    undo: (_, [sig]: [signal.SignalLike]) => signal.siginterrupt(sig, false),
  },
  strsignal: {
    values: [probe],
    right: (result, [sig]) => isReserved(sig) ? result === null : isSignal(sig) && typeof result === "string",
  },
  validSignals: { values: [optionsOf("catchable")], right: isSet },
  alarm: { values: [hostile], right: isTime, undo: () => signal.alarm(0) },
  setitimer: {
    values: [which, hostile, hostile],
    right: isPair,
    undo: (_, [which]: [number]) => signal.setitimer(which, 0),
  },
  getitimer: { values: [which], right: isPair },
  sleep: { values: [seconds], right: isNothing },
  check: { values: [hostile], right: isTime },
  kill: { values: [reached, sent], right: isNothing },
  killpg: { values: [nobody, probe], right: () => false },
  raise: { values: [sent], right: isNothing },
  pthreadKill: { values: [reached, sent], right: isNothing },
  sigqueue: {
    values: [reached, sent, hostile],
    right: (result, [, , value]) => isNothing(result) && value === Math.trunc(value as number),
  },
  pidfdOpen: { values: [reached], right: (_, [pid]) => pid === process.pid },
  pidfdSendSignal: { values: [nobody, probe], right: () => false },
  sigprocmask: {
    values: [how, probe],
    right: (result, [, sigs]) => isSet(result) && isSignals(sigs),
    undo: (before: Set<number>) => signal.sigprocmask(signal.SIG_SETMASK, before),
  },
  pthreadSigmask: {
    values: [how, probe],
    right: (result, [, sigs]) => isSet(result) && isSignals(sigs),
    undo: (before: Set<number>) => signal.pthreadSigmask(signal.SIG_SETMASK, before),
  },
  sigpending: { values: [hostile], right: isSet },
  sigwait: { values: [notSignals], right: () => false },
  sigwaitinfo: { values: [notSignals], right: () => false },
  sigtimedwait: { values: [probe, seconds], right: (result, [sigs]) => result === null && isSignals(sigs) },
  setWakeupFd: {
    values: [beside(nobody, -1), optionsOf("warnOnFullBuffer")],
    right: (result, [fd]) => result === -1 && fd === -1,
  },
  defaultIntHandler: { values: [hostile, hostile], right: () => false },
  on: {
    values: [probe, beside(hostile, () => {}), optionsOf("once", "ref", "signal")],
    right: (result, [sigs, listener]) =>
      isSignals(sigs) && typeof listener === "function" && (result as signal.Listener).off instanceof Function,
    undo: dispose,
  },
  events: {
    values: [probe, optionsOf("capacity", "signal")],
    right: (result, [sigs]) => isSignals(sigs) && (result as signal.SignalEvents).lost === 0,
    undo: (events: signal.SignalEvents) => void events.return(),
  },
  abortOn: {
    values: [probe, probe],
    right: (result, sigs) => sigs.every(isSignals) && (result as { signal: unknown }).signal instanceof AbortSignal,
    undo: dispose,
  },
  hold: {
    values: [probe, fc.oneof(hostile, returning(hostile))],
    right: (_, [sigs, fn]) => isSignals(sigs) && (fn === undefined || typeof fn === "function"),
    undo: (result: Disposable, args: [unknown, unknown]) => {
      if (args[1] === undefined) dispose(result);
    },
  },
  shutdown: {
    values: [optionsOf("signals", "deadline", "force", "exit", "uncaught", "resetTerminal")],
    right: (result) => (result as signal.Shutdown).signal instanceof AbortSignal,
    undo: (shutdown: signal.Shutdown) => void shutdown.cancel(),
  },
  deadline: {
    values: [beside(hostile, 1), fc.oneof(hostile, returning(hostile))],
    right: (_, [limit, fn]) => isTime(limit) && typeof fn === "function",
  },
  stats: {
    values: [probe],
    right: (result, [sig]) => typeof result === "object" && (sig === undefined || isSignal(sig)),
  },
  inspect: { values: [reached], right: (result) => (result as signal.Inspection).pid === process.pid },
  open: { values: [optionsOf("library", "records")], right: isNothing },
  forward: { values: [fc.oneof(reached, optionsOf("pid")), probe], right: () => false },
  notify: {
    values: [beside(hostile, "READY=1", { READY: 1, STATUS: "well" })],
    right: (result, [state]) => result === false && (typeof state === "string" || typeof state === "object"),
  },
  reap: {
    values: [optionsOf("subreaper")],
    right: (result) => (result as Disposable)[Symbol.dispose] instanceof Function,
    undo: dispose,
  },
  reload: {
    values: [beside(hostile, () => {}), optionsOf("signals")],
    right: (result, [fn]) => typeof fn === "function" && (result as signal.Listener).off instanceof Function,
    undo: dispose,
  },
  watchdog: {
    values: [beside(hostile, () => true)],
    right: (_, [check]) => check === undefined || typeof check === "function",
    undo: dispose,
  },
};

function isDocumented(error: unknown, name: string): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof signal.PosixError) return true;
  if (error instanceof Own || error instanceof signal.TimeoutError) return true;
  if (name === "defaultIntHandler") return error instanceof signal.KeyboardInterrupt;
  return name === "open" && error instanceof Error && error.message.includes("is open already");
}

let threw = 0;
let returned = 0;
for (const [name, { values, right, undo }] of Object.entries(cases)) {
  const call = signal[name as "kill"] as (...args: unknown[]) => unknown;
  let before = state();
  fc.assert(
    fc.property(fc.tuple(...values), fc.nat(values.length), (all, missing) => {
      const given = missing === 0 ? all.slice(0, -1) : all;
      const args = given.map((value) => value.make());
      let result: unknown;
      try {
        result = call(...args);
      } catch (error) {
        threw++;
        if (!isDocumented(error, name)) throw new Error(`${name}(${given}) threw ${error}`, { cause: error });
        requireUnchanged(before, `${name}(${given}) threw ${error}`);
        return;
      }
      returned++;
      if (!right(result, args)) throw new Error(`${name}(${given}) returned ${typeof result}`);
      if (result instanceof Promise) result.catch(() => {});
      undo?.(result as never, args as never);
      before = state();
    }),
    { seed, numRuns, endOnFailure: true },
  );
}

// once() returns a promise: with SIGUSR2 it is settled when that is raised, else by its timeout.
const onceOptions = optionsOf("signal", "timeout");
await fc.assert(
  fc.asyncProperty(fc.boolean(), probe, onceOptions, async (known, sigs, options) => {
    const before = state();
    const given = known ? ["SIGUSR2", options] : [sigs, { timeout: 0.001 }];
    const args = known ? ["SIGUSR2", options.make()] : [sigs.make(), { timeout: 0.001 }];
    const waiting = signal.once(...args as [never, never]).then(() => undefined, (error) => ({ error }));
    if (known) signal.raise("SIGUSR2");
    const outcome = await waiting;
    if (!outcome) return void returned++;
    threw++;
    const aborted = outcome.error instanceof DOMException;
    if (!aborted && !isDocumented(outcome.error, "once")) {
      throw new Error(`once(${given}) rejected with ${outcome.error}`);
    }
    requireUnchanged(before, `once(${given}) rejected with ${outcome.error}`);
  }),
  { seed, numRuns, endOnFailure: true },
);

// stop() returns a promise too. No process here is a child: only an unused number is "ended".
const stopOptions = optionsOf("signal", "after", "group");
await fc.assert(
  fc.asyncProperty(fc.oneof(reached, optionsOf("pid")), stopOptions, async (target, options) => {
    const before = state();
    const outcome = await signal.stop(...[target.make(), options.make()] as [never, never])
      .then((result) => ({ result }), (error) => ({ error }));
    if ("result" in outcome && outcome.result === "ended") return void returned++;
    threw++;
    if (!("error" in outcome) || !isDocumented(outcome.error, "stop")) {
      throw new Error(`stop(${target}, ${options}) gave ${JSON.stringify(outcome)}`);
    }
    requireUnchanged(before, `stop(${target}, ${options}) rejected with ${outcome.error}`);
  }),
  { seed, numRuns, endOnFailure: true },
);

// `pause` takes no argument and blocks: it has nothing to refuse.
const untried = Object.entries(signal).filter(([name, value]) =>
  typeof value === "function" && !/^[A-Z]/.test(name) && !(name in cases) && !["once", "pause", "stop"].includes(name)
).map(([name]) => name);
console.log(JSON.stringify({ threw, returned, untried }));
process.exit(0);
