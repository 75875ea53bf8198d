/** What is known of each signal: who of ours listens, and what else stands there: whose it is, whether it is called
 * after our handler, and what belongs there without us. */
import { displacedAtOpen, layout, listeners as runtime, native, othersHave, plainAction } from "../ffi/mod.ts";
import { checked } from "./errors.ts";
import type { SigInfo } from "./siginfo.ts";
import { isFault, isRealtime, nameOf } from "./signals.ts";

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

/** A `struct sigaction`. */
export type Action = Uint8Array<ArrayBuffer>;

/** One who listens beside the handler: `on`, `events`, `shutdown` ... */
export interface Subscriber {
  deliver(info: SigInfo): unknown;
}

/** One signal. */
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
  base: Action;
  /** Where `base` is the runtime's handler: it stands there for its listeners, and without them the
   * default action belongs there. */
  baseListens: boolean;
  /** How many listeners other code has at the runtime. */
  listening: number;
  /** One of them has come since `base` stood there: the runtime's handler goes over it. */
  listenedSince: boolean;
  /** The runtime's own action, once known. */
  runtime: Action | undefined;
  /** How many had been caught when that came. */
  caughtBefore: number;
  /** The chain besides the runtime: a handler of another library that stood there. */
  foreignChain: number;
}

const slots = new Map<number, Slot>();

export function slotOf(signum: number): Slot {
  const known = slots.get(signum);
  if (known) return known;
  native(); // what was displaced is known once it is open
  const name = nameOf(signum)!;
  const displaced = displacedAtOpen(name);
  const slot: Slot = {
    signum,
    name,
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
  return slot;
}

export function eachSlot(): Iterable<Slot> {
  return slots.values();
}

export function isHeld(slot: Slot): boolean {
  return slot.blocked || slot.holders.size > 0;
}

/** Whether anyone of ours needs the signal. */
export function isWanted(slot: Slot): boolean {
  return slot.handler !== undefined || slot.subscribers.length > 0 || isHeld(slot);
}

/** The kernel's present action. */
export function query(signum: number): Action {
  const action = new Uint8Array(layout.sigaction.size);
  checked(native().ps_query(signum, action), "sigaction");
  return action;
}

export const ownerOf = (action: Action): number => native().ps_owner(action);

/** Before ours is installed: notes what stands there, lets the runtime register now what it would register over
 * ours later, and learns its handler. */
export function claim(slot: Slot): void {
  slot.base = query(slot.signum);
  slot.listenedSince = false;
  const owner = ownerOf(slot.base);
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

/** Which handlers run after ours for this signal, for which the runtime has so many listeners. */
export function chainOf(slot: Slot, listening: number): number {
  if (!slot.runtime || listening === 0 || slot.overCopy) return slot.foreignChain; // the other copy calls them
  if (ownerOf(slot.runtime) !== constants.PS_OWNER_PROGRAM) return slot.foreignChain;
  runtime.shield(slot.name);
  if (runtime.callsPrevious) slot.baseListens = true; // shielded, it takes no default action any more
  return runtime.callsPrevious ? constants.PS_CHAIN_RUNTIME : slot.foreignChain | constants.PS_CHAIN_RUNTIME;
}

/** What belongs at a signal to which nobody of ours listens: the runtime's handler as long as other code listens
 * through it, else what stood there before. */
export function withoutUs(slot: Slot, listening: number): Action {
  const owner = ownerOf(slot.base);
  const goesOver = slot.listenedSince || (owner !== constants.PS_OWNER_OTHER && owner !== constants.PS_OWNER_IGNORED);
  if (slot.runtime && goesOver && listening > 0) return slot.runtime;
  const unheard = slot.baseListens && owner === constants.PS_OWNER_PROGRAM && !isFault(slot.signum);
  return unheard ? plainAction(SIG_DFL, layout) : slot.base;
}
