/** The state of one signal: our handler and listeners, the action they replaced, and the runtime's listeners.
 *
 * Each method records an event and ends in `#apply()`, the only caller of sigaction(2). */
import {
  type Action,
  actionFlags,
  actionMask,
  layout,
  type NativePart,
  plainAction,
  readCounters,
  readMask,
} from "../ffi/mod.ts";
import { checked } from "./errors.ts";
import type { SigInfo } from "./siginfo.ts";
import { isFault, isRealtime, nameOf, numberOf } from "./signals.ts";

const { constants } = layout;

/** The default action, as `signal` and `sigaction` take and return it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", () => {});
 * signal.signal("SIGUSR1", signal.SIG_DFL); // SIGUSR1 ends the program again
 * console.log(signal.getsignal("SIGUSR1") === signal.SIG_DFL); // => true
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIG_DFL = 0;
/** Ignore the signal: the kernel discards it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGINT", signal.SIG_IGN);
 * signal.raise("SIGINT");
 * console.log("Ctrl+C does nothing"); // => Ctrl+C does nothing
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIG_IGN = 1;

/** A function that runs for a signal: on the event loop's next turn, or before a blocking call of this module returns;
 * never inside the C handler. Its error propagates from that call; on the event loop it is an uncaught error. A
 * promise that it returns is not awaited.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const report: signal.SignalHandler = (signum, info) => console.log(signum, info.name, info.codeName);
 * signal.signal("SIGHUP", report);
 * signal.kill(process.pid, "SIGHUP"); // => 1 SIGHUP SI_USER
 * ```
 * @see Python signal.signal */
export type SignalHandler =
  | ((signum: number, info: SigInfo) => void)
  | ((signum: number, info: SigInfo) => Promise<void>);

/** The argument and result of `signal`: a function, `SIG_DFL` or `SIG_IGN`.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const before: signal.Handler | null = signal.signal("SIGTERM", signal.SIG_IGN);
 * signal.signal("SIGTERM", before ?? signal.SIG_DFL); // null: another library's, which this cannot restore
 * ```
 * @see Python signal.Handlers */
export type Handler = SignalHandler | typeof SIG_DFL | typeof SIG_IGN;

/** How our handler is installed: the flags of sigaction(2) by their meaning. */
export interface ActionFlags {
  readonly restart: boolean;
  readonly resetHand: boolean;
  readonly noChildStop: boolean;
  readonly noChildWait: boolean;
  /** Signals whose handlers are deferred while this one runs. */
  readonly mask: ReadonlySet<number>;
}

export const DEFAULT_FLAGS: ActionFlags = {
  restart: true,
  resetHand: false,
  noChildStop: false,
  noChildWait: false,
  mask: new Set(),
};

/** A listener, called after the handler: of `on`, `events`, `shutdown` ... */
export interface Subscriber {
  deliver(info: SigInfo): unknown;
}

/** The queued deliveries of a signal: delivery.ts. */
export interface Pending {
  /** Delivers them to the action that is installed now. */
  flush(): void;
  /** Drops them, as the kernel does for a signal that is ignored. */
  discard(): void;
}

/** The input of `planFor`. */
export interface Facts {
  /** This module handles, listens to, holds or observes the signal. */
  readonly wanted: boolean;
  /** The owner of the action that ours replaced: PS_OWNER_... */
  readonly previous: number;
  /** It was the runtime's, with listeners of other code. */
  readonly previousListened: boolean;
  /** The runtime's own handler is known. */
  readonly runtimeKnown: boolean;
  /** How many listeners other code has registered with the runtime. */
  readonly others: number;
  /** One of them was added after `previous` was read: the runtime's handler must be installed over it. */
  readonly othersSince: boolean;
  /** Runtimes use this signal themselves: their handler has a use even without listeners of other code. */
  readonly ofRuntime: boolean;
  /** A copy of this module with another ABI already calls the runtime's handler. */
  readonly keptByAnother: boolean;
  /** The runtime installs its handler once and for good. */
  readonly installsOnce: boolean;
  /** That handler overwrote the previous one, and calls it. */
  readonly callsPrevious: boolean;
}

export interface Plan {
  /** The action to install; "released": the one that the runtime installs when our listener is removed, else the
   * default. */
  readonly install: "ours" | "runtime" | "previous" | "released";
  /** The handlers called after ours: PS_CHAIN_... */
  readonly chain: number;
}

/** Signals that a runtime uses itself: for reloads of a watched program, test runners, prompts. */
const OF_RUNTIME: readonly string[] = ["SIGHUP", "SIGINT", "SIGTERM"];

/** Which action belongs to a signal, and which handlers are called after ours. */
export function planFor(facts: Facts): Plan {
  const { PS_OWNER_OTHER, PS_OWNER_IGNORED, PS_CHAIN_RUNTIME, PS_CHAIN_FOREIGN, PS_CHAIN_OUTSIDE } = constants;
  const { wanted, previous, runtimeKnown, others, callsPrevious } = facts;
  if (wanted) {
    const foreign = previous === PS_OWNER_OTHER ? PS_CHAIN_FOREIGN : 0;
    const chain = (chain: number): Plan => ({ install: "ours", chain });
    if (!runtimeKnown || facts.keptByAnother) return chain(foreign);
    if (others > 0) return chain(PS_CHAIN_RUNTIME | (callsPrevious ? 0 : foreign));
    const uses = facts.ofRuntime && facts.installsOnce && !(foreign && callsPrevious); // a watcher may listen later
    return chain(uses ? PS_CHAIN_OUTSIDE | foreign : foreign);
  }
  const over = facts.othersSince || (previous !== PS_OWNER_OTHER && previous !== PS_OWNER_IGNORED);
  if (runtimeKnown && over && others > 0) return { install: "runtime", chain: PS_CHAIN_RUNTIME };
  if (facts.previousListened) return { install: "released", chain: 0 };
  return { install: "previous", chain: previous === PS_OWNER_OTHER ? PS_CHAIN_FOREIGN : 0 };
}

/** POSIX: SIGCONT discards pending stop signals, and each stop signal discards a pending SIGCONT. */
const STOP_SIGNALS: readonly string[] = ["SIGTSTP", "SIGTTIN", "SIGTTOU"];

function oppositesOf(name: string): readonly number[] {
  if (name === "SIGCONT") return STOP_SIGNALS.map((stop) => numberOf(stop)!);
  return STOP_SIGNALS.includes(name) ? [numberOf("SIGCONT")!] : [];
}

export class SignalState {
  readonly signum: number;
  readonly name: string;
  /** The signals that this one discards while they are pending. */
  readonly opposites: readonly number[];
  readonly #part: NativePart;
  readonly #pending: Pending;
  readonly #confining: () => void;

  // Only this class writes these five. They are fields, since each accessor is one more function to compile before a
  // program's first signals are quick.
  handler: SignalHandler | undefined;
  flags = DEFAULT_FLAGS;
  /** In the order in which they were added. */
  subscribers: readonly Subscriber[] = [];
  /** The plan of our handler; `undefined` while it is not installed. */
  installed: Plan | undefined;
  /** What holds it: the program, by `sigprocmask`; sections of `hold`; waits. */
  holders: ReadonlySet<object> = new Set();

  /** A held signal is discarded by this one: SIGCONT discards held stop signals. */
  #observed = false;

  /** Stays true where a `deadline` stopped `#apply()`, which skips `finally`. */
  #changing = false;
  /** The flags of the last sigaction(2) that installed our handler. */
  #installedFlags = 0;
  #previous: Action;
  #previousListened = false;
  /** Another library's handler, installed over ours, still calls ours, which is unused. */
  #beneath = false;
  #runtime: Action | undefined;
  /** The action that the runtime's handler overwrote for good, and calls; when that was a handler or SIG_IGN, the time
   * on the `performance.now()` clock. */
  #overwritten: Action | undefined;
  #overwrittenAt = -Infinity;
  #others = 0;
  #othersSince = false;
  /** How many of the chained deliveries the runtime has reported. */
  #reported = 0;
  /** The first turn of the event loop after a record of the signal, on the `performance.now()` clock; `Infinity` until
   * then. The runtime reports a chained delivery on a turn. Deliveries writes this. */
  turnedAt = -Infinity;

  /** @param confining called before the signal is confined to the main thread */
  constructor(signum: number, part: NativePart, pending: Pending, confining: () => void) {
    this.signum = signum;
    this.name = nameOf(signum)!;
    this.opposites = oppositesOf(this.name);
    this.#part = part;
    this.#pending = pending;
    this.#confining = confining;
    const overwritten = part.overwrittenAtOpen.get(this.name);
    this.#previous = overwritten?.before ?? plainAction(SIG_DFL, layout);
    this.#runtime = overwritten?.runtime;
    if (part.listeners.installsOnce) this.#overwritten = overwritten?.before;
  }

  get isHeld(): boolean {
    return this.holders.size > 0;
  }

  get isWanted(): boolean {
    return this.handler !== undefined || this.subscribers.length > 0 || this.isHeld || this.#observed;
  }

  /** The action that belongs to the signal without us: the kernel's present one, or the one that ours replaced. */
  get underlying(): Action {
    return this.installed ? this.#previous : this.#query();
  }

  /** The owner of the kernel's present action. */
  get presentOwner(): number {
    return checked(this.#part.functions.ps_present_owner(this.signum), "sigaction");
  }

  ownerOf(action: Action): number {
    return this.#part.functions.ps_owner(action);
  }

  /** The flags of the present disposition, also when it is not ours. */
  get presentFlags(): ActionFlags {
    if (this.handler) return this.flags;
    const present = this.underlying;
    const flags = actionFlags(present, layout);
    return {
      restart: (flags & constants.SA_RESTART) !== 0,
      resetHand: (flags & constants.SA_RESETHAND) !== 0,
      noChildStop: (flags & constants.SA_NOCLDSTOP) !== 0,
      noChildWait: (flags & constants.SA_NOCLDWAIT) !== 0,
      mask: actionMask(present, layout),
    };
  }

  /** `null` for an action that is not ours. A handler of the runtime that only takes the default action counts as
   * `SIG_DFL`. */
  get disposition(): Handler | null {
    if (this.installed && this.presentOwner === constants.PS_OWNER_OTHER) return null; // installed over ours
    if (this.handler) {
      const reset = this.flags.resetHand && this.presentOwner === constants.PS_OWNER_DEFAULT;
      return reset ? SIG_DFL : this.handler;
    }
    const owner = this.ownerOf(this.underlying);
    if (owner === constants.PS_OWNER_DEFAULT) return SIG_DFL;
    if (owner === constants.PS_OWNER_PROGRAM && this.#part.listeners.actsByDefault(this.name)) return SIG_DFL;
    return owner === constants.PS_OWNER_IGNORED ? SIG_IGN : null;
  }

  // ---- events ----

  setHandler(handler: SignalHandler, flags: ActionFlags): void {
    this.handler = handler;
    this.flags = flags;
    this.#apply();
  }

  /** `signal(sig, SIG_DFL)` and `SIG_IGN`. */
  setPlain(action: typeof SIG_DFL | typeof SIG_IGN, discards: boolean, flags: ActionFlags): void {
    if (!this.installed) this.#find();
    this.#dropHandler(action, flags);
    if (discards) this.#discard();
    else if (!this.installed) this.#pending.flush();
  }

  /** Listeners still receive a signal that was caught before. */
  #discard(): void {
    if (this.subscribers.length === 0) this.#pending.discard();
  }

  #dropHandler(instead: typeof SIG_DFL | typeof SIG_IGN, flags = DEFAULT_FLAGS): void {
    this.handler = undefined;
    this.flags = DEFAULT_FLAGS;
    this.#previous = plainAction(instead, layout, childFlags(flags));
    this.#previousListened = false;
    this.#othersSince = false;
    this.#apply(true);
  }

  /** @param discards the signal is held and ignored: a new action discards it, as sigaction(2) does */
  setRestart(restart: boolean, discards: boolean): void {
    this.flags = { ...this.flags, restart };
    if (!this.installed) return;
    this.#apply(true);
    if (discards && this.isHeld) this.#discard();
  }

  add(subscriber: Subscriber): void {
    this.subscribers = [...this.subscribers, subscriber];
    this.#apply();
  }

  remove(subscriber: Subscriber): void {
    const at = this.subscribers.indexOf(subscriber);
    if (at < 0) return;
    this.subscribers = this.subscribers.toSpliced(at, 1);
    this.#apply();
    if (!this.installed) this.#pending.flush();
  }

  hold(holder: object): void {
    this.holders = new Set([...this.holders, holder]);
  }

  release(holder: object): void {
    this.holders = new Set([...this.holders].filter((other) => other !== holder));
  }

  /** A `deadline` ended the sections that began inside it. */
  keepHolders(holders: ReadonlySet<object>): void {
    this.holders = this.holders.intersection(holders);
  }

  observe(yes: boolean): void {
    this.#observed = yes;
  }

  /** Applies what `hold`, `release` and `observe` changed, after C has the new mask. A signal released to an
   * action that is not ours takes it at once, before the handlers of others released with it run. */
  maskChanged(): void {
    this.#apply();
    if (!this.installed) this.#pending.flush();
  }

  /** Completes a change that a `deadline` has stopped, perhaps with our listener or our handler half installed. */
  complete(): void {
    const stopped = this.#changing;
    if (stopped && !this.installed && !this.#beneath) {
      const owner = this.presentOwner;
      if (owner === constants.PS_OWNER_SELF || owner === constants.PS_OWNER_PROGRAM) {
        this.installed = { install: "ours", chain: 0 };
      }
    }
    this.#apply(stopped && this.installed !== undefined);
    this.#changing = false;
    if (!this.installed) this.#pending.flush();
  }

  /** A copy of this module with another ABI installed or removed its handler. */
  copyChanged(): void {
    if (this.#beneath && this.presentOwner === constants.PS_OWNER_SELF) {
      this.#beneath = false;
      this.#pending.discard(); // the other copy has delivered them
      this.#uninstall(planFor(this.#facts()));
    } else if (this.installed) {
      const owner = this.presentOwner;
      this.#apply(owner !== constants.PS_OWNER_SELF && owner !== constants.PS_OWNER_OTHER);
    }
  }

  /** Whether our handler is only called by another library's, and does nothing itself. */
  get isBeneath(): boolean {
    return this.#beneath;
  }

  /** A newer program replaced this one. */
  reset(): void {
    this.handler = undefined;
    this.subscribers = [];
    this.#observed = false;
    this.holders = new Set();
    this.#apply();
    this.#pending.flush();
  }

  /** Other code added or removed a listener of the runtime. */
  othersChanged(others: number): void {
    const added = others > this.#others;
    this.#others = others;
    if (added) this.#othersSince = true;
    const { listeners, functions } = this.#part;
    if (this.installed) {
      if (added && this.#keep()) return this.#apply(true); // the runtime has installed its handler over ours
      return this.#apply();
    }
    if (!listeners.hasInstalled(this.name) || !this.#runtime) return;
    if (!added && others > 0) return;
    const { install, chain } = planFor(this.#facts());
    functions.ps_chain(this.signum, chain);
    this.#install(install === "runtime" ? this.#runtime : this.#previous);
  }

  /** A delivery has begun. */
  delivered(): void {
    if (this.handler && this.flags.resetHand) this.#dropHandler(SIG_DFL); // as the kernel did
    if (this.name === "SIGWINCH") this.#part.refreshTerminal();
  }

  /** The runtime called its listeners. It reports every chained delivery at most once, since Deno coalesces some. A
   * further report means that the runtime emitted the signal by itself, or that our handler was not installed.
   *
   * Race: for some microseconds between the runtime's sigaction(2) in `keep` and ours, our handler is not installed.
   * Provoked by tests/programs/claim_window.ts. */
  reportedByRuntime(): boolean {
    const chained = this.#chained();
    if (this.#reported < chained && performance.now() - this.turnedAt < STALE_MS) {
      this.#reported++;
      return false;
    }
    this.#reported = chained;
    if (!this.isWanted || this.#part.listeners.keptByAnother(this.name)) return false;
    if (this.presentOwner === constants.PS_OWNER_PROGRAM) this.#apply(true); // Bun's, after `breakOnSigint`
    return true;
  }

  /** Whether the runtime has yet to report a chained delivery. It never reports one that it coalesced. */
  get isInFlight(): boolean {
    return this.#reported < this.#chained() && performance.now() - this.turnedAt < IN_FLIGHT_MS;
  }

  // ---- the kernel ----

  #query(): Action {
    const action = new Uint8Array(layout.sigaction.size);
    checked(this.#part.functions.ps_query(this.signum, action), "sigaction");
    return action;
  }

  #install(action: Action): void {
    const old = new Uint8Array(layout.sigaction.size);
    checked(this.#part.functions.ps_sigaction(this.signum, action, old), "sigaction");
  }

  #chained(): number {
    return nativeCounters(this.#part.functions, this.signum).chained;
  }

  #facts(): Facts {
    const { listeners } = this.#part;
    return {
      wanted: this.isWanted,
      previous: this.ownerOf(this.#previous),
      previousListened: this.#previousListened,
      runtimeKnown: this.#runtime !== undefined && this.ownerOf(this.#runtime) === constants.PS_OWNER_PROGRAM,
      others: this.#others,
      othersSince: this.#othersSince,
      ofRuntime: OF_RUNTIME.includes(this.name),
      keptByAnother: listeners.keptByAnother(this.name),
      installsOnce: listeners.installsOnce,
      callsPrevious: this.#overwritten !== undefined && isSame(this.#overwritten, this.#previous),
    };
  }

  /** Whether the runtime would install the default action for a moment in place of another handler or SIG_IGN. */
  get #displaces(): boolean {
    const owner = this.ownerOf(this.#previous);
    return !this.#part.listeners.installsOnce &&
      (owner === constants.PS_OWNER_OTHER || owner === constants.PS_OWNER_IGNORED);
  }

  /** Registers a listener of ours with the runtime, which reveals its handler. For faults, only after other code has
   * one.
   *
   * Race: when the last listener is removed, Bun installs the default action and then the action that its handler
   * replaced. If that is another handler or SIG_IGN, our listener also waits for one of other code, and is never
   * removed. Provoked by tests/programs/claim_fire.ts.
   * @returns whether the runtime's handler is installed now */
  #keep(): boolean {
    const { listeners } = this.#part;
    if (isRealtime(this.signum)) return false;
    if (this.#others === 0 && (this.#displaces || isFault(this.signum))) return false;
    listeners.keep(this.name, this.#displaces);
    const present = this.#query();
    if (this.ownerOf(present) !== constants.PS_OWNER_PROGRAM) return false;
    this.#runtime = present;
    return true;
  }

  /** Before our handler is installed: reads the present action, and the one that the runtime would install over ours
   * later. */
  #find(): void {
    const { listeners } = this.#part;
    this.#previous = this.#query();
    this.#othersSince = false;
    this.#others = isRealtime(this.signum) ? 0 : listeners.count(this.name);
    const isRuntimes = this.ownerOf(this.#previous) === constants.PS_OWNER_PROGRAM;
    if (this.#keep() && !isRuntimes && listeners.installsOnce) {
      this.#overwritten = this.#previous;
      if (this.ownerOf(this.#previous) !== constants.PS_OWNER_DEFAULT) this.#overwrittenAt = performance.now();
    }
    if (isRuntimes && !isFault(this.signum)) this.#runtime ??= this.#previous; // for faults it is the engine's
    this.#others = isRealtime(this.signum) ? 0 : listeners.count(this.name);
    this.#previousListened = this.#others > 0 && isRuntimes && !isFault(this.signum);
  }

  /** Makes the kernel's action agree with the plan. `anew`: also if that plan is installed already. */
  #apply(anew = false): void {
    const wanted = this.isWanted;
    if (!wanted && !this.installed && !anew) return;
    const first = wanted && !this.installed && !this.#beneath;
    const changed = wanted !== (this.installed !== undefined);
    this.#changing = true;
    try {
      if (first) this.#find();
      const plan = planFor(this.#facts());
      if (!wanted) this.#uninstall(plan);
      else if (!this.installed || anew || this.#installedFlags !== this.#nativeFlags()) this.#installOurs(plan, first);
      else if (plan.chain !== this.installed.chain) this.#part.functions.ps_chain(this.signum, plan.chain);
      this.installed = wanted ? plan : undefined;
    } finally {
      this.#changing = false;
    }
    if (changed) this.#part.tellCopies(this.name);
  }

  #installOurs(plan: Plan, first: boolean): void {
    const { functions, listeners } = this.#part;
    if (!first && this.presentOwner === constants.PS_OWNER_OTHER) { // installed over ours, which it calls
      this.#beneath = false;
      functions.ps_chain(this.signum, plan.chain);
      return;
    }
    const realtime = isRealtime(this.signum);
    const confines = realtime && !this.#isReset; // a request would be the only delivery of such an action
    if (realtime && !first && this.#isReset) this.#endRequests();
    if (confines) this.#confining();
    this.#installedFlags = this.#nativeFlags();
    const checkSiginfo = Number(listeners.dropsFlags && !realtime);
    checked(
      functions.ps_install(
        this.signum,
        this.#installedFlags,
        this.#previous,
        this.#runtime ?? plainAction(SIG_DFL, layout),
        plan.chain,
        checkSiginfo,
      ),
      "sigaction",
    );
    if (confines) functions.ps_confine(this.signum);
  }

  /** Whether the kernel resets the action on delivery: not while the signal is held, which is not a delivery yet, and
   * not with listeners, which remain. */
  get #isReset(): boolean {
    return this.flags.resetHand && !this.isHeld && this.subscribers.length === 0 && !this.#observed;
  }

  #nativeFlags(): number {
    return (this.flags.restart ? constants.SA_RESTART : 0) |
      (this.#isReset ? constants.SA_RESETHAND : 0) |
      this.#childFlags();
  }

  /** Without a handler: the flags of SIGCHLD with SIG_DFL or SIG_IGN. */
  #childFlags(): number {
    if (this.handler || this.name !== "SIGCHLD") return childFlags(this.flags);
    const owner = this.ownerOf(this.#previous);
    const isPlain = owner === constants.PS_OWNER_DEFAULT || owner === constants.PS_OWNER_IGNORED;
    return isPlain ? actionFlags(this.#previous, layout) & (constants.SA_NOCLDSTOP | constants.SA_NOCLDWAIT) : 0;
  }

  /** Race: another thread may have entered our handler and not read the chain yet: it calls the handler that is installed
   * now, and the delivery is not given back. Provoked by tests/posix/chain_test.ts. */
  #uninstall({ install, chain }: Plan): void {
    const { functions, listeners } = this.#part;
    if (this.installed) this.#endRequests();
    // Race: another thread may be about to call the runtime's handler, or the runtime's handler may have been called
    // before ours was installed over it: the runtime would take the default action if our listener were removed now.
    // Provoked by tests/posix/chain_test.ts.
    const isInUse = functions.ps_chain(this.signum, chain) !== 0;
    if (this.installed && this.presentOwner === constants.PS_OWNER_OTHER) {
      this.#beneath = true;
      return;
    }
    const inFlight = isInUse || this.#chained() > this.#reported || performance.now() - this.#overwrittenAt < STALE_MS;
    const stays = install === "previous" && this.#displaces;
    if (!isRealtime(this.signum) && !stays) listeners.release(this.name, inFlight);
    if (install === "released" && !listeners.installsOnce && this.presentOwner !== constants.PS_OWNER_SELF) return;
    this.#install(
      install === "runtime" ? this.#runtime! : install === "previous" ? this.#previous : plainAction(SIG_DFL, layout),
    );
  }

  /** Waits until the other threads have handled the requests that confine this signal to the main thread: the next
   * action would run for a request. SIG_IGN discards the request of a thread that has not run for long.
   *
   * Race: a very short wait for a real-time signal restored the default action before a thread had run, and the pending
   * request killed the process. Provoked by tests/programs/posix_realtime.ts.
   *
   * Race: SIG_IGN also discards a signal that arrives in that instant. Seen once in 120 runs of "comingAndGoing" of
   * tests/programs/daemon_restore.ts on an overloaded machine. */
  #endRequests(): void {
    const { functions } = this.#part;
    if (!isRealtime(this.signum) || functions.ps_confine_done(this.signum) === 0) return;
    const pending = new Uint8Array(8);
    checked(functions.ps_sigpending(pending), "sigpending");
    if (!readMask(pending).has(this.signum)) this.#install(plainAction(SIG_IGN, layout));
  }
}

/** The flags that also count with SIG_DFL and SIG_IGN. */
function childFlags({ noChildStop, noChildWait }: ActionFlags): number {
  return (noChildStop ? constants.SA_NOCLDSTOP : 0) | (noChildWait ? constants.SA_NOCLDWAIT : 0);
}

/** The counters in C: deliveries to our handler, those of them that coalesced with a held one or found the ring full,
 * and calls of the runtime's handler. */
export function nativeCounters(
  { ps_stats }: NativePart["functions"],
  signum: number,
): { caught: number; coalesced: number; lost: number; chained: number } {
  const bytes = new Uint8Array(4 * 8);
  ps_stats(signum, bytes);
  const [caught, coalesced, lost, chained] = readCounters(bytes);
  return { caught, coalesced, lost, chained };
}

const isSame = (one: Action, other: Action): boolean => one.every((byte, i) => byte === other[i]);

/** A runtime reports a signal within this time on its event loop. */
const STALE_MS = 1000;
/** Nearly always within this time. */
const IN_FLIGHT_MS = 200;
