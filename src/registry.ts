/** The owner of process-global state: what stood at each signal before us, who listens now, what is
 * held, and exactly what goes back when the last has left. Nothing else calls sigaction(2). */
import {
  actionFlags,
  actionMask,
  announce,
  displacedAtOpen,
  engineSignals,
  isMainThread,
  layout,
  listeners as runtime,
  native,
  others,
  plainAction,
  readMask,
  steerToMainThread,
  toMask,
  withdraw,
} from "../ffi/mod.ts";
import { SIGKILL, SIGSTOP } from "./constants.ts";
import { checked, PosixError } from "./errors.ts";
import type { SigInfo } from "./siginfo.ts";
import { isRealtime, nameOf, numberOf, Signals } from "./signals.ts";

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
/** Ignore the signal: the kernel throws it away.
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

/** A function that runs for a signal: on the event loop's next turn, or before a blocking call of this
 * module returns; never inside the C handler. What it throws comes out of that call, and from the event
 * loop it is an uncaught error. Whatever it returns is left alone; a promise is not awaited.
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

/** What `signal` takes and returns: a function, `SIG_DFL` or `SIG_IGN`.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const before: signal.Handler | null = signal.signal("SIGTERM", signal.SIG_IGN);
 * signal.signal("SIGTERM", before ?? signal.SIG_DFL); // null: someone else's, which cannot be put back so
 * ```
 * @see Python signal.Handlers */
export type Handler = SignalHandler | typeof SIG_DFL | typeof SIG_IGN;

/** How a handler of ours was installed: the flags of sigaction(2) by what they mean. */
export interface Manner {
  readonly restart: boolean;
  readonly resetHand: boolean;
  readonly noChildStop: boolean;
  readonly noChildWait: boolean;
  /** Signals whose handlers wait while this one runs. */
  readonly mask: ReadonlySet<number>;
}

export const DEFAULT_MANNER: Manner = {
  restart: true,
  resetHand: false,
  noChildStop: false,
  noChildWait: false,
  mask: new Set(),
};

/** One who listens beside the handler: `on`, `events`, `shutdown` ... */
export interface Subscriber {
  deliver(info: SigInfo): unknown;
}

export interface Slot {
  readonly signum: number;
  readonly name: string;
  /** What `signal` or `sigaction` installed. */
  handler: SignalHandler | undefined;
  manner: Manner;
  /** In the order in which they came. */
  subscribers: Subscriber[];
  /** Held by `sigprocmask`. */
  blocked: boolean;
  /** The `hold`s and waits that hold it besides. */
  holders: Set<object>;
  /** Our C handler is installed. */
  taken: boolean;
  /** Another copy of this module has put its own over it, and calls it. */
  covered: boolean;
  /** It is covered and not wanted any more. */
  beneath: boolean;
  /** What stood there is that of another copy. */
  overCopy: boolean;
  /** The kernel's action to put back; known while `taken`. */
  base: Uint8Array<ArrayBuffer>;
  /** Where `base` is the runtime's handler: it stands there for its listeners, and without them the
   * default action belongs there. */
  baseListens: boolean;
  /** How many listeners other code has at the runtime. */
  listening: number;
  /** One of them has come since `base` stood there: the runtime's handler goes over it. */
  listenedSince: boolean;
  /** The runtime's own action, once known. */
  runtime: Uint8Array<ArrayBuffer> | undefined;
  /** How many had been caught when that came. */
  caughtBefore: number;
  /** The chain besides the runtime: a handler of another library that stood there. */
  foreignChain: number;
}

type Action = Uint8Array<ArrayBuffer>;
const { constants } = layout;
const FAULTS: ReadonlySet<number> = new Set(
  ["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP"].map((name) => Signals[name]),
);

const slots = new Map<number, Slot>();

export function slotOf(signum: number): Slot {
  let slot = slots.get(signum);
  if (!slot) {
    native(); // what was displaced is known once it is open
    const displaced = displacedAtOpen(nameOf(signum)!);
    slot = {
      signum,
      name: nameOf(signum)!,
      handler: undefined,
      manner: DEFAULT_MANNER,
      subscribers: [],
      blocked: false,
      holders: new Set(),
      taken: false,
      covered: false,
      beneath: false,
      overCopy: false,
      base: displaced?.before ?? plainAction(SIG_DFL, layout),
      baseListens: false,
      listening: 0,
      listenedSince: false,
      runtime: displaced?.runtime,
      caughtBefore: 0,
      foreignChain: 0,
    };
    slots.set(signum, slot);
  }
  return slot;
}

export function eachSlot(): Iterable<Slot> {
  return slots.values();
}

export function isHeld(slot: Slot): boolean {
  return slot.blocked || slot.holders.size > 0;
}

/** The kernel's present action. */
function query(signum: number): Action {
  const action = new Uint8Array(layout.sigaction.size);
  checked(native().ps_query(signum, action), "sigaction");
  return action;
}

function install(signum: number, action: Action): void {
  checked(native().ps_sigaction(signum, action, new Uint8Array(layout.sigaction.size)), "sigaction");
}

const ownerOf = (action: Action): number => native().ps_owner(action);

/** Refuses what is not ours to take, and threads on which no handler could run. */
export function requireTakeable(signum: number, action: string): void {
  const name = nameOf(signum);
  const owner = name === null
    ? "the C library"
    : signum === SIGKILL || signum === SIGSTOP
    ? "the kernel, which lets no process catch it"
    : engineSignals[name];
  if (owner) {
    throw new PosixError(
      "sigaction",
      "EINVAL",
      `cannot ${action} ${name ?? `signal ${signum}`}: it belongs to ${owner}`,
    );
  }
  requireMainThread(`${action} ${name}`);
}

/** Dispositions, masks and handlers are the process's: one thread owns them. */
export function requireMainThread(action: string): void {
  if (isMainThread()) return;
  throw new Error(
    `Cannot ${action} in a Worker: dispositions and masks belong to the whole process, and handlers run on its main ` +
      "thread; do it there and post a message",
  );
}

/** Which handlers run after ours for this signal, for which the runtime has so many listeners. */
function chainOf(slot: Slot, listening: number): number {
  if (!slot.runtime || listening === 0 || slot.overCopy) return slot.foreignChain; // the other copy calls them
  if (ownerOf(slot.runtime) !== constants.PS_OWNER_PROGRAM) return slot.foreignChain;
  runtime.shield(slot.name);
  if (runtime.callsPrevious) slot.baseListens = true; // shielded, it takes no default action any more
  return runtime.callsPrevious ? constants.PS_CHAIN_RUNTIME : slot.foreignChain | constants.PS_CHAIN_RUNTIME;
}

/** Lets the runtime register now what it would register over ours later, and learns its handler. */
function claim(slot: Slot, before: Action): void {
  const owner = ownerOf(before);
  if (!isRealtime(slot.signum)) runtime.claim(slot.name, owner === constants.PS_OWNER_PROGRAM);
  // Deno registers once: at the second claim its handler need not stand there, and is known already.
  const present = query(slot.signum);
  const known = ownerOf(present) === constants.PS_OWNER_PROGRAM ? undefined : slot.runtime;
  slot.runtime = displacedAtOpen(slot.name)?.runtime ?? known ?? present;
  slot.listening = runtime.count(slot.name);
  slot.baseListens = slot.listening > 0;
  slot.foreignChain = owner === constants.PS_OWNER_OTHER ? constants.PS_CHAIN_FOREIGN : 0;
  slot.overCopy = slot.foreignChain !== 0 && othersHave(slot.signum);
}

function flagsOf(slot: Slot): number {
  const { restart, resetHand, noChildStop, noChildWait } = slot.manner;
  return (restart ? constants.SA_RESTART : 0) |
    (resetHand ? constants.SA_RESETHAND : 0) |
    (noChildStop ? constants.SA_NOCLDSTOP : 0) |
    (noChildWait ? constants.SA_NOCLDWAIT : 0) |
    // A stack overflow can be reported only on the stack that its handler had asked for.
    (FAULTS.has(slot.signum) ? actionFlags(slot.base, layout) & constants.SA_ONSTACK : 0);
}

const othersHave = (signum: number): boolean => others().some((copy) => copy.has(signum));

/** Another copy has come or gone. Under it a burst is its to take; and what stands below it without being wanted
 * leaves after it, with what was caught meanwhile, which the other has had. */
function changed(signum: number): void {
  const slot = slots.get(signum);
  if (!slot || (!slot.taken && !slot.beneath)) return;
  const present = query(signum);
  const stranger = ownerOf(present) === constants.PS_OWNER_OTHER;
  slot.covered = stranger && othersHave(signum);
  if (stranger && !slot.covered) return; // another library's: it goes on
  if (slot.covered) {
    if (isRealtime(signum)) install(signum, present);
  } else if (slot.taken) {
    take(slot);
  } else {
    surfacing(slot);
    giveBack(slot);
  }
}

let surfacing: (slot: Slot) => void = () => {};

/** Told of a signal before its default action, or whatever belongs there, is back. One owner: delivery.ts. */
export function onSurfacing(tell: (slot: Slot) => void): void {
  surfacing = tell;
}

let announced = false;

function tellOthers(signum: number): void {
  if (!announced) announce({ has: (signum) => slots.get(signum)?.taken ?? false, changed });
  announced = true;
  for (const copy of others()) copy.changed(signum);
}

function take(slot: Slot): void {
  const over = slot.covered ? query(slot.signum) : undefined;
  if (!slot.taken && !slot.beneath) {
    slot.base = query(slot.signum);
    slot.listenedSince = false;
    claim(slot, slot.base);
  }
  const { ps_take } = native();
  const { resetHand } = slot.manner;
  const realtime = isRealtime(slot.signum);
  if (slot.taken && resetHand) awaitRequests(slot);
  checked(
    ps_take(
      slot.signum,
      flagsOf(slot),
      slot.base,
      slot.runtime!,
      chainOf(slot, runtime.count(slot.name)),
      Number(runtime.reinstalls(slot.name)),
    ),
    "sigaction",
  );
  // A request would be the one delivery that a `resetHand` action is for.
  if (!slot.taken && realtime && !resetHand) steerToMainThread(slot.signum);
  if (over) install(slot.signum, over);
  const came = !slot.taken;
  slot.taken = true;
  slot.beneath = false;
  if (came) tellOthers(slot.signum);
}

/** Waits until helper threads have seen the requests of ps_steer(): the next action would take those
 * for signals.
 *
 * Race: a thread sees its request as late as the scheduler lets it run, so a wait for a real-time
 * signal that is over at once gave the default action back before, and the request killed the process.
 * Should one not have run for long, a moment of SIG_IGN discards what is pending in it, and with it
 * whatever comes in that moment. Provoked by tests/programs/posix_realtime.ts. */
function awaitRequests(slot: Slot): void {
  if (!isRealtime(slot.signum) || native().ps_steer_done(slot.signum) === 0) return;
  const pending = new Uint8Array(8);
  checked(native().ps_sigpending(pending), "sigpending");
  if (!readMask(pending).has(slot.signum)) install(slot.signum, plainAction(SIG_IGN, layout));
}

/** Puts back what belongs there when nobody of ours listens: the runtime's handler as long as other
 * code listens through it, else what stood there before. */
function giveBack(slot: Slot): void {
  if (slot.taken) awaitRequests(slot);
  slot.taken = false;
  slot.beneath = slot.covered = false;
  const { base, name, signum, runtime: theirs, listenedSince } = slot;
  const goesOver = listenedSince ||
    (ownerOf(base) !== constants.PS_OWNER_OTHER && ownerOf(base) !== constants.PS_OWNER_IGNORED);
  install(signum, theirs && goesOver && runtime.count(name) > 0 ? theirs : unheard(slot));
  tellOthers(signum);
}

/** What belongs at a signal to which nobody listens at all. */
function unheard({ signum, base, baseListens }: Slot): Action {
  if (!baseListens || FAULTS.has(signum) || ownerOf(base) !== constants.PS_OWNER_PROGRAM) return base;
  return plainAction(SIG_DFL, layout);
}

/** Makes the kernel agree with the slot: our handler while anyone needs it, else the base. */
export function settle(slot: Slot): void {
  if (slot.handler || slot.subscribers.length > 0 || isHeld(slot)) take(slot);
  else if (slot.taken) leave(slot);
}

/** Nobody of ours needs the signal. Below another copy our handler stays: it is the other's to put back. */
function leave(slot: Slot): void {
  if (!slot.covered) return giveBack(slot);
  slot.taken = false;
  slot.beneath = true;
}

/** Sets a disposition that needs no handler of ours. */
export function setBase(slot: Slot, handler: typeof SIG_DFL | typeof SIG_IGN): void {
  const action = plainAction(handler, layout);
  if (!slot.taken && !slot.beneath) claim(slot, query(slot.signum));
  slot.handler = undefined;
  slot.manner = DEFAULT_MANNER;
  slot.base = action;
  slot.listenedSince = false;
  if (slot.subscribers.length > 0 || isHeld(slot)) take(slot);
  else leave(slot);
}

/** The kernel has reset a `resetHand` disposition as it delivered. */
export function afterReset(slot: Slot): void {
  slot.handler = undefined;
  slot.manner = DEFAULT_MANNER;
  slot.base = plainAction(SIG_DFL, layout);
  if (slot.subscribers.length > 0 || isHeld(slot)) take(slot);
  else leave(slot);
}

/** The disposition as `getsignal` tells it: `null` for one that is not ours. A handler of the runtime
 * that does what the default does is no one's: it may come with our own first call. */
export function dispositionOf(slot: Slot): Handler | null {
  if (slot.covered) return null;
  const present = slot.taken ? slot.base : query(slot.signum);
  if (slot.handler && !(slot.manner.resetHand && ownerOf(query(slot.signum)) === constants.PS_OWNER_DEFAULT)) {
    return slot.handler;
  }
  if (slot.handler) return SIG_DFL;
  const owner = ownerOf(present);
  if (owner === constants.PS_OWNER_DEFAULT) return SIG_DFL;
  if (owner === constants.PS_OWNER_PROGRAM && runtime.actsByDefault(slot.name)) return SIG_DFL;
  return owner === constants.PS_OWNER_IGNORED ? SIG_IGN : null;
}

/** How the present disposition was installed, also when it is not ours. */
export function mannerOf(slot: Slot): Manner {
  if (slot.handler) return slot.manner;
  const present = slot.taken ? slot.base : query(slot.signum);
  const flags = actionFlags(present, layout);
  return {
    restart: (flags & constants.SA_RESTART) !== 0,
    resetHand: (flags & constants.SA_RESETHAND) !== 0,
    noChildStop: (flags & constants.SA_NOCLDSTOP) !== 0,
    noChildWait: (flags & constants.SA_NOCLDWAIT) !== 0,
    mask: actionMask(present, layout),
  };
}

/** Who catches a signal of this process, as `inspect()` tells it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", () => {});
 * const owner: signal.Owner | undefined = signal.inspect().signals[0].owner;
 * console.log(owner); // => this module
 * ```
 * @see sigaction(2), which each of them calls */
export type Owner = "this module" | "the runtime" | "someone else";

/** What this process does with a signal, seen past our own handler where it only holds it back. */
export function ownerNow(slot: Slot): { action: "default" | "ignored" | "caught"; owner?: Owner } {
  const stands = query(slot.signum);
  if (slot.taken && ownerOf(stands) === constants.PS_OWNER_OTHER) return { action: "caught", owner: "someone else" };
  if (slot.handler || slot.subscribers.length > 0) return { action: "caught", owner: "this module" };
  const owner = slot.signum === SIGKILL || slot.signum === SIGSTOP
    ? constants.PS_OWNER_DEFAULT
    : ownerOf(slot.taken ? slot.base : stands);
  if (owner === constants.PS_OWNER_DEFAULT) return { action: "default" };
  if (owner === constants.PS_OWNER_IGNORED) return { action: "ignored" };
  return { action: "caught", owner: owner === constants.PS_OWNER_PROGRAM ? "the runtime" : "someone else" };
}

/** Tells C which signals are held. */
export function publishHeld(): void {
  native().ps_hold(...toMask([...slots.values()].filter(isHeld).map(({ signum }) => signum)));
}

// Other code's listeners come and go: pass signals on while there are any; where nobody of ours
// listens, the runtime's own handler serves them, and the base returns when the last has left.
runtime.onChange((name, count) => {
  const signum = numberOf(name);
  if (signum === undefined) return;
  const slot = slotOf(signum);
  if (!slot.runtime) return;
  const came = count > slot.listening;
  slot.listening = count;
  if (came) slot.listenedSince = true;
  if (slot.beneath) native().ps_chain(slot.signum, chainOf(slot, count));
  else if (!slot.taken && came) install(slot.signum, slot.runtime);
  else if (!slot.taken && count === 0) install(slot.signum, unheard(slot));
  else if (slot.taken) native().ps_chain(slot.signum, chainOf(slot, count));
});

// It stands where ours did, or will.
runtime.onJoined((name) => {
  const slot = slotOf(numberOf(name)!);
  const present = query(slot.signum);
  if (!slot.covered || ownerOf(present) === constants.PS_OWNER_PROGRAM) slot.runtime = present;
  if (!slot.taken && !slot.beneath) return;
  take(slot);
  slot.caughtBefore = caughtSoFar(slot.signum);
});

// A signal that the runtime's handler had. It had that alone if ours did not stand yet, or stands no more.
// Should another have come since, which it was given after ours, the two are one, as in the kernel.
runtime.onHeard((name, byOthers) => {
  const slot = slotOf(numberOf(name)!);
  const { signum, taken, caughtBefore } = slot;
  if (taken) {
    const displaced = ownerOf(query(signum)) === constants.PS_OWNER_PROGRAM;
    if (displaced) take(slot);
    if (displaced || caughtSoFar(signum) === caughtBefore) native().ps_missed(signum);
  } else if (!byOthers) {
    native().ps_raise(signum); // it takes the action that stands there now
  }
  return taken;
});

function caughtSoFar(signum: number): number {
  const counters = new BigUint64Array(3);
  native().ps_stats(signum, new Uint8Array(counters.buffer));
  return Number(counters[0]);
}

/** Nobody listens any more. */
export function settleAll(): void {
  for (const slot of slots.values()) {
    Object.assign(slot, { handler: undefined, subscribers: [], blocked: false, holders: new Set() });
    settle(slot);
  }
  withdraw();
}
