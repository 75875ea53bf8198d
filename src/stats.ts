/** Counters, which account for every delivery. */
import { requireMainThread, signalNumber } from "./arguments.ts";
import { native, program } from "./program.ts";
import { nativeCounters } from "./signal_state.ts";
import { allSignals, nameOf, type SignalLike, type SignalName } from "./signals.ts";

/** The counters of a signal: `caught` is the sum of all others.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", () => {});
 * signal.raise("SIGUSR1");
 * const { caught, delivered, merged, held, lost }: signal.SignalStats = signal.stats("SIGUSR1");
 * console.log(caught, caught === delivered + merged + held + lost); // => 1 true
 * ```
 * @see getrusage(2), whose `ru_nsignals` Linux leaves at 0 */
export interface SignalStats {
  /** Deliveries by the kernel to our handler. Standard signals that the kernel itself coalesced with a pending one are
   * never delivered and are in no counter. */
  readonly caught: number;
  /** Delivered to handlers and listeners, taken by a wait, or returned to the kernel after our handler was removed. */
  readonly delivered: number;
  /** Coalesced with a held delivery of the same signal, as in the kernel. */
  readonly merged: number;
  /** Caught, and not yet delivered. */
  readonly held: number;
  /** Dropped because the queue was full. */
  readonly lost: number;
}

function statsOf(signum: number): SignalStats {
  const { caught, ...inC } = nativeCounters(native(), signum);
  const here = program().deliveries.countersOf(signum);
  const { delivered } = here;
  const merged = inC.coalesced + here.coalesced;
  const lost = inC.lost + here.lost;
  return { caught, delivered, merged, held: caught - delivered - merged - lost, lost };
}

/** The counters of one signal since the program started.
 *
 * @throws {RangeError} There is no such signal.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR1", () => {});
 * for (let i = 0; i < 3; i++) signal.raise("SIGUSR1");
 * console.log(signal.stats("SIGUSR1").delivered); // => 3
 * ```
 * @see getrusage(2), whose `ru_nsignals` Linux leaves at 0 */
export function stats(sig: SignalLike): SignalStats;
/** The counters of every signal that has been caught, by name.
 *
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGUSR2", () => {});
 * signal.raise("SIGUSR2");
 * console.log(Object.keys(signal.stats())); // => [ "SIGUSR2" ]
 * ```
 * @see getrusage(2), whose `ru_nsignals` Linux leaves at 0 */
export function stats(): Partial<Record<SignalName, SignalStats>>;
export function stats(sig?: SignalLike): SignalStats | Partial<Record<SignalName, SignalStats>> {
  const one = sig === undefined ? undefined : signalNumber(sig, "count a signal");
  requireMainThread("count signals");
  program().deliveries.drainAll();
  if (one !== undefined) return statsOf(one);
  const all: Partial<Record<SignalName, SignalStats>> = {};
  for (const signum of allSignals()) {
    const counters = statsOf(signum);
    if (counters.caught > 0) all[nameOf(signum)!] = counters;
  }
  return all;
}
