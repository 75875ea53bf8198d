/** Random programs: each command runs here and in the model of a POSIX process, and both must produce the same trace.
 * Arguments: a seed, and the number of programs. The output repeats a program that failed or crashed. */
import fc from "fast-check";
import * as signal from "../../mod.ts";
import { type Action, DEFAULT, IGNORE, Model } from "./model_posix.ts";

const [seed, numRuns] = process.argv.slice(2).map(Number);
console.log(`seed ${seed}`);

const { SIGCONT, SIGTSTP, SIGTTIN, SIGUSR1, SIGUSR2, SIGWINCH, SIGURG, SIGTERM } = signal;
const RTMIN = signal.SIGRTMIN!;
const ALL = [SIGUSR1, SIGUSR2, SIGTERM, SIGCONT, SIGTSTP, SIGTTIN, SIGURG, SIGWINCH, RTMIN, RTMIN + 1];
const SIGNALS = { ignored: [SIGURG, SIGWINCH, SIGCONT], stops: [SIGTSTP, SIGTTIN], continues: SIGCONT };

/** The real process: the calls of its handlers, and its open sections. */
interface Real {
  log: string[];
  sections: Disposable[];
}

let real: Real | undefined;
const handlers = new Map<number, signal.Handler>();
let left = 0;

/** The handler that acts as the model's does. */
function handlerOf(action: Action): signal.Handler {
  if (action.kind === "default") return signal.SIG_DFL;
  if (action.kind === "ignore") return signal.SIG_IGN;
  const handler: signal.Handler = (signum, { value }) => {
    real!.log.push(`${action.id} ${signum} ${value ?? null}`);
    if (action.sends > 0 && left-- > 0) signal.kill(process.pid, action.sends);
    real!.log.push(`${action.id} ends, pending ${waiting()}`);
  };
  handlers.set(action.id, handler);
  return handler;
}

const waiting = (): number[] => [...signal.sigpending()].filter((signum) => ALL.includes(signum));

/** An action as text. */
const shown = (action: Action): string => action.kind === "handler" ? `handler ${action.id}` : action.kind;
function seen(handler: signal.Handler | null): string {
  if (handler === signal.SIG_DFL) return "default";
  if (handler === signal.SIG_IGN) return "ignore";
  for (const [id, known] of handlers) if (known === handler) return `handler ${id}`;
  return String(handler);
}
const flagsOf = ({ restart, resetHand, mask }: Pick<signal.SigAction, "restart" | "resetHand" | "mask">): string =>
  JSON.stringify([restart, resetHand, [...mask ?? []].map(Number).sort((a, b) => a - b)]);

/** One step of a program, the same for the model and for this process; the results are compared. */
class Step implements fc.Command<Model, Real> {
  constructor(
    readonly text: string,
    readonly inModel: (model: Model) => unknown,
    readonly here: (real: Real) => unknown,
    readonly possible: (model: Model) => boolean = () => true,
  ) {}

  /** Steps that would terminate or stop the process are skipped. */
  check(model: Model): boolean {
    if (!this.possible(model)) return false;
    const trial = model.clone();
    trial.begin();
    this.inModel(trial);
    return !trial.struck;
  }

  run(model: Model, real: Real): void {
    console.log(this.text);
    model.begin();
    left = model.sends;
    const expected = JSON.stringify([this.inModel(model) ?? null, model.waiting(), model.log]);
    const got = JSON.stringify([this.here(real) ?? null, waiting(), real.log]);
    if (got !== expected) throw new Error(`${this.text}: ${got}, not ${expected}`);
    for (const signum of ALL) {
      const [is, should] = [seen(signal.getsignal(signum)), shown(model.action(signum))];
      if (is !== should) throw new Error(`${this.text}: signal ${signum} has ${is}, not ${should}`);
    }
    model.log = [];
    real.log = [];
  }

  toString(): string {
    return this.text;
  }
}

const one = fc.constantFrom(...ALL);
const some = fc.uniqueArray(one, { minLength: 1, maxLength: 4 });
let ids = 0;
const handler = fc.record({
  kind: fc.constant("handler" as const),
  sends: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, one),
  restart: fc.boolean(),
  resetHand: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  mask: fc.oneof(fc.constant([]), some),
}).map((action): Action => ({ ...action, id: ++ids }));
const how = fc.constantFrom(...(["block", "block", "unblock", "set"] as const));
const HOW = { block: signal.SIG_BLOCK, unblock: signal.SIG_UNBLOCK, set: signal.SIG_SETMASK };

const senders: Record<string, (signum: number) => void> = {
  kill: (signum) => signal.kill(process.pid, signum),
  raise: (signum) => signal.raise(signum),
  pthreadKill: (signum) => signal.pthreadKill(process.pid, signum),
};

const commands = [
  fc.tuple(one, fc.oneof({ weight: 3, arbitrary: handler }, fc.constantFrom(DEFAULT, IGNORE))).map(
    ([signum, action]) => {
      const simple = { ...action, restart: true, resetHand: false, mask: [] };
      return new Step(
        `signal(${signum}, ${shown(action)}${action.sends ? `, which sends ${action.sends}` : ""})`,
        (model) => shown(model.install(signum, simple)),
        () => seen(signal.signal(signum, handlerOf(simple))),
      );
    },
  ),
  fc.tuple(one, handler).map(([signum, action]) => {
    const { restart, resetHand, mask } = action;
    return new Step(
      `sigaction(${signum}, ${JSON.stringify(action)})`,
      (model) => {
        const before = model.install(signum, action);
        return [shown(before), before.kind === "handler" && flagsOf(before)];
      },
      () => {
        const before = signal.sigaction(signum, { handler: handlerOf(action), restart, resetHand, mask });
        return [seen(before.handler), typeof before.handler === "function" && flagsOf(before)];
      },
    );
  }),
  fc.tuple(one, fc.boolean()).map(([signum, flag]) =>
    new Step(
      `siginterrupt(${signum}, ${flag})`,
      (model) => model.interrupt(signum, flag),
      () => signal.siginterrupt(signum, flag),
    )
  ),
  fc.tuple(how, some).map(([how, signals]) =>
    new Step(
      `sigprocmask(${how}, [${signals}])`,
      (model) => model.setMask(how, signals),
      () => [...signal.sigprocmask(HOW[how], signals)],
    )
  ),
  some.map((signals) =>
    new Step(
      `hold([${signals}])`,
      (model) => model.enter(signals),
      (real) => void real.sections.push(signal.hold(signals)),
      (model) => model.sections.length < 3,
    )
  ),
  fc.nat(2).map((index) =>
    new Step(
      `end of section ${index}`,
      (model) => model.leave(index),
      (real) => real.sections.splice(index, 1)[0][Symbol.dispose](),
      (model) => index < model.sections.length,
    )
  ),
  fc.tuple(fc.constantFrom(...Object.keys(senders)), one).map(([name, signum]) =>
    new Step(`${name}(${signum})`, (model) => model.send(signum, null), () => senders[name](signum))
  ),
  fc.tuple(one, fc.nat(99)).map(([signum, value]) =>
    new Step(
      `sigqueue(${signum}, ${value})`,
      (model) => model.send(signum, value),
      () => signal.sigqueue(process.pid, signum, value),
    )
  ),
  some.map((signals) =>
    new Step(
      `sigtimedwait([${signals}], 0)`,
      (model) => {
        const taken = model.take(signals);
        return taken && [taken.signum, taken.value];
      },
      () => {
        const taken = signal.sigtimedwait(signals, 0);
        return taken && [taken.signum, taken.value ?? null];
      },
    )
  ),
  fc.constant(new Step("check()", () => 0, () => signal.check())),
];

/** The state of a process at its start. */
function setup(): { model: Model; real: Real } {
  for (const signum of ALL) signal.signal(signum, signal.SIG_IGN); // discards pending signals
  for (const section of real?.sections ?? []) section[Symbol.dispose]();
  signal.sigprocmask(signal.SIG_SETMASK, []);
  for (const signum of ALL) signal.signal(signum, signal.SIG_DFL);
  handlers.clear();
  const model = new Model(SIGNALS);
  real = { log: [], sections: [] };
  console.log("program:");
  return { model, real };
}

let steps = 0;
fc.assert(
  fc.property(fc.commands(commands, { maxCommands: 40, size: "max" }), (program) => {
    fc.modelRun(setup, program);
    steps += [...program].length;
  }),
  { seed, numRuns, endOnFailure: false },
);
setup();
console.log(JSON.stringify({ steps }));
process.exit(0);
