/** From the ring to the handlers. Records are drained in order of arrival, queued while their signal is held or its
 * handler runs, and delivered on the thread that installed the handlers.
 *
 * A program may see ten signals in its life, so the way of one through this file is short: few functions, which the
 * engine has yet to compile. */
import { layout, type NativePart, RECORD_WORDS, reportUncaught } from "../ffi/mod.ts";
import { type SigInfo, toSigInfo } from "./siginfo.ts";
import type { SignalHandler, SignalState, Subscriber } from "./signal_state.ts";

/** One delivery by the kernel. */
interface Delivery {
  readonly queue: SignalQueue;
  readonly info: SigInfo;
  /** The native records that it was drained with, and its index among them: for replay and requeueing. */
  records: Int32Array<ArrayBuffer>;
  index: number;
  /** The C handler held it: chained handlers have not been called yet. */
  held: boolean;
  /** Its order among the deliveries of all signals. */
  order: number;
  /** Set when delivery begins: the handler, until it has been called; the subscribers, and how many have been called, or
   * -1 until the state has been told. */
  handler: SignalHandler | undefined;
  subscribers: readonly Subscriber[] | undefined;
  called: number;
  /** While its handlers run: the signals besides its own that they defer, and the delivery whose handler it
   * interrupted. */
  mask: ReadonlySet<number> | undefined;
  outer: Delivery | undefined;
  /** The next one of the same signal. */
  next: Delivery | undefined;
}

/** The deliveries of one signal: a linked list. Each signal has its own, so that a held signal delays no other. */
interface SignalQueue {
  readonly state: SignalState;
  /** Not yet delivered. Only the first can have begun. */
  first: Delivery | undefined;
  last: Delivery | undefined;
  length: number;
  delivered: number;
  coalesced: number;
  lost: number;
}

const BATCH = 256;
/** A turn of the event loop ends after at most so many records: the default capacity of `events`, whose readers go on
 * then. */
const TURN = 4 * BATCH;
const { PS_HELD } = layout.constants;
const SIGNUM = (layout.record.info.at + layout.siginfo.si_signo.at) / 4;
const FLAGS = layout.record.flags.at / 4;
const TIME_S = layout.record.time_s.at / 4, TIME_NS = layout.record.time_ns.at / 4;

/** A `deadline` may stop this code anywhere, and the stack may overflow at each call: a change of a queue is a single
 * step, and the next round completes a delivery that was stopped. */
export class Deliveries {
  #part!: NativePart;
  readonly #stateOf: (signum: number) => SignalState;
  readonly #queues: SignalQueue[] = [];
  readonly #byNumber: (SignalQueue | undefined)[] = [];
  /** The drained records; how many there are, and how many of them are queued. */
  #records = new Int32Array(BATCH * RECORD_WORDS);
  #filled = 0;
  #queued = 0;
  #sequence = 0;
  /** The innermost delivery whose handlers run. What they defer is derived from it, so that a handler that is stopped
   * leaves nothing behind. */
  #running: Delivery | undefined;
  /** The `performance.now()` clock less CLOCK_MONOTONIC, in milliseconds. */
  #clockOffset: number | undefined;
  /** The number of deliveries so far; `pause` waits until it changes. */
  deliveredCount = 0;
  /** Called whenever the ring has been read. */
  drained: (() => void) | undefined;
  /** A real-time signal is confined to the main thread: `confine` does the same with the threads spawned since. */
  confinesThreads = false;
  /** The signals recorded since the last turn of the event loop. */
  #unturned: SignalState[] = [];
  /** When the earliest running `deadline` expires, on the `performance.now()` clock. */
  #waitLimit = Infinity;
  /** Deliveries are due that no record in the ring announces: a handler threw or was stopped, the ring was only looked
   * at, or a turn was full. C keeps the same flag: ps_pending() includes it, and the event loop is woken. */
  #unfinished = false;

  constructor(stateOf: (signum: number) => SignalState) {
    this.#stateOf = stateOf;
  }

  /** Called before any other method. */
  begin(part: NativePart): void {
    this.#part = part;
  }

  #queueOf(signum: number): SignalQueue {
    return this.#byNumber[signum] ?? this.#newQueue(signum);
  }

  #newQueue(signum: number): SignalQueue {
    const state = this.#stateOf(signum);
    const none = { first: undefined, last: undefined, length: 0 };
    const queue = { state, ...none, delivered: 0, coalesced: 0, lost: 0 };
    this.#queues.push(queue);
    return this.#byNumber[signum] = queue;
  }

  /** Counters of one signal: delivered, coalesced with a pending delivery, dropped at a full queue. */
  countersOf(signum: number): Pick<Readonly<SignalQueue>, "delivered" | "coalesced" | "lost"> {
    return this.#queueOf(signum);
  }

  // ---- the ring ----

  /** Moves the ring's records into the queues, a batch at most. @returns how many */
  #drain(): number {
    if (this.#queued === BATCH) this.#startBatch();
    const records = this.#records;
    this.#filled += this.#part.functions.ps_drain(records, this.#filled, BATCH - this.#filled);
    const before = this.#queued; // not all that were there, if a `deadline` stopped the last round
    while (this.#queued < this.#filled) {
      const at = this.#queued * RECORD_WORDS;
      const signum = records[at + SIGNUM];
      const queue = this.#byNumber[signum] ?? this.#newQueue(signum);
      const held = (records[at + FLAGS] & PS_HELD) !== 0;
      this.#noteRecorded(queue.state);
      if (queue.state.opposites.length > 0) this.#discardOpposites(queue.state);
      if ((held || queue.length >= this.#part.options.records) && this.#isTaken(queue, held)) continue;
      const time = records[at + TIME_S] * 1e3 + records[at + TIME_NS] / 1e6;
      this.#clockOffset ??= this.#part.clockOffset();
      const info = toSigInfo(records, at, signum, ++this.#sequence, time + this.#clockOffset);
      const delivery: Delivery = {
        queue,
        info,
        records,
        index: this.#queued,
        held,
        order: info.sequence,
        handler: undefined,
        subscribers: undefined,
        called: -1,
        mask: undefined,
        outer: undefined,
        next: undefined,
      };
      // No call from here on: the record is queued once.
      if (queue.last) queue.last.next = delivery;
      else queue.first = delivery;
      queue.last = delivery;
      queue.length++;
      this.#queued++;
    }
    const count = this.#queued - before;
    this.drained?.();
    return count;
  }

  #noteRecorded(state: SignalState): void {
    if (state.turnedAt === Infinity) return;
    this.#unturned.push(state);
    state.turnedAt = Infinity;
  }

  #startBatch(): void {
    const inUse = this.#queues.some(({ first }) => first);
    const records = inUse ? new Int32Array(BATCH * RECORD_WORDS) : this.#records;
    // No call from here on: a batch is filled from its start, and old records are not queued again.
    this.#records = records;
    this.#filled = this.#queued = 0;
  }

  /** Moves all records; at most the ring's capacity, since signals may be delivered faster than this runs. Their
   * handlers are due. */
  drainAll(): void {
    let count = 0;
    try {
      do count += this.#drain(); while (this.#queued === BATCH && count < this.#part.options.records);
    } catch (error) {
      this.#setUnfinished(true);
      throw error;
    }
    if (count > 0) this.#setUnfinished(true);
  }

  /** Takes the next record where it gets no delivery of its own: it coalesces with the pending one, or finds no room.
   * @returns whether it did */
  #isTaken(queue: SignalQueue, held: boolean): boolean {
    // A standard signal recorded just before it was held is the pending one, and the new delivery coalesces with it.
    // Chained handlers have received the first alone; the second is replayed to them on release.
    const pending = held && queue.state.signum < 32 ? firstWaiting(queue) : undefined;
    if (pending) {
      pending.records = this.#records;
      pending.index = this.#queued;
      pending.held = true;
      queue.coalesced++;
    } else if (queue.length >= this.#part.options.records) { // held for long, or its handler does not return
      if (held) this.#unhold(queue);
      queue.lost++;
    } else return false;
    this.#queued++;
    return true;
  }

  /** POSIX: a stop signal discards a pending SIGCONT, and SIGCONT pending stop signals. */
  #discardOpposites({ opposites }: SignalState): void {
    for (const signum of opposites) {
      const queue = this.#byNumber[signum];
      if (queue && (queue.state.isHeld || this.#isDeferred(queue))) this.#discardWaiting(queue);
    }
  }

  // ---- handlers ----

  /** Whether a delivery may be due. */
  get isDue(): boolean {
    return this.#part.functions.ps_pending() !== 0;
  }

  /** Runs every handler that is due, and those of signals that are recorded meanwhile, up to a bound; the event loop is
   * woken for the rest. An error of a handler propagates. @returns the number of deliveries; 0 in a Worker */
  run(): number {
    if (!this.#part.isMainThread) return 0;
    try {
      this.#drain();
      if (!this.#next() && !this.isDue) return 0;
      const inRing = this.#queued === BATCH ? this.#part.functions.ps_pending() : 0;
      return this.#part.outside(() => this.#round(this.#sequence + inRing + TURN));
    } catch (error) {
      this.#setUnfinished(true);
      throw error;
    }
  }

  /** Runs the handlers of queued deliveries, and of those that are recorded meanwhile. They are read in batches, since
   * few objects alive at once are cheaper to collect.
   * @param last the last one in the order of arrival: signals may arrive as fast as they are handled
   * @returns the number of deliveries */
  #round(last: number): number {
    for (let count = 0;; count++) {
      let delivery = this.#next();
      while (!delivery && this.#sequence + BATCH <= last && this.isDue && this.#drain() > 0) delivery = this.#next();
      if (delivery && delivery.order <= last) {
        this.#deliver(delivery);
        continue;
      }
      const more = delivery !== undefined || (this.#sequence + BATCH > last && this.isDue);
      if (more || this.#unfinished) this.#setUnfinished(more);
      return count;
    }
  }

  /** The next delivery: the oldest whose signal is neither held nor deferred. */
  #next(): Delivery | undefined {
    let oldest: Delivery | undefined;
    for (let i = 0; i < this.#queues.length; i++) { // quicker than an iterator before it is compiled
      const queue = this.#queues[i], { first } = queue;
      if (!first || (oldest && oldest.order < first.order) || queue.state.holders.size > 0) continue;
      if (!this.#running || !this.#isDeferred(queue)) oldest = first;
    }
    return oldest;
  }

  /** Whether a running handler defers a signal: its own one, or one with this signal in its mask. */
  #isDeferred(queue: SignalQueue): boolean {
    let running = this.#running;
    while (running && running.queue !== queue && !running.mask!.has(queue.state.signum)) running = running.outer;
    return running !== undefined;
  }

  /** A turn of the event loop: an error of a handler is reported as uncaught, and the deliveries that are queued by
   * then still run. */
  readonly turn = (): void => this.#turn(TURN);

  /** The same for all signals that were caught before. */
  readonly longTurn = (): void => this.#turn(this.#part.functions.ps_pending() + TURN);

  #turn(most: number): void {
    let last = this.#sequence + most;
    for (let errors = 0; errors < TURN; errors++) {
      try {
        this.#drain();
        this.#round(last);
        break;
      } catch (error) {
        last = Math.min(last, this.#sequence);
        this.#setUnfinished(true);
        queueMicrotask(() => reportUncaught(error));
      }
    }
    if (!this.#running && this.#unturned.length > 0) this.#noteTurn();
    this.confine();
  }

  #noteTurn(): void {
    const now = performance.now();
    for (const state of this.#unturned) state.turnedAt = now;
    this.#unturned = [];
  }

  /** Confines real-time signals to the main thread also where threads were spawned since. */
  confine(): void {
    if (this.confinesThreads) this.#part.functions.ps_confine_new_threads();
  }

  /** Calls the handler and all subscribers for the first delivery of its signal. An error ends this round; the next
   * round calls the remaining subscribers. */
  #deliver(delivery: Delivery): void {
    const { queue, info } = delivery;
    const { state } = queue;
    if (!delivery.subscribers) {
      if (!state.installed) return this.#requeue(queue);
      if (delivery.held) this.#replay(delivery);
      const { handler, subscribers, flags } = state;
      this.deliveredCount++;
      // No call from here on, nor a write to an object of a class with accessors, in which Bun's stack may overflow too:
      // the delivery is counted once.
      queue.delivered++;
      delivery.handler = handler;
      delivery.mask = flags.mask;
      delivery.subscribers = subscribers;
    }
    const { handler, subscribers } = delivery;
    const outer = delivery.outer = this.#running;
    this.#running = delivery;
    try {
      if (delivery.called < 0) {
        state.delivered(); // may call listeners of other code, such as those of "resize"
        delivery.called = 0;
      }
      if (handler) {
        delivery.handler = undefined;
        handler(info.signum, info);
      }
      while (delivery.called < subscribers!.length) {
        const subscriber = subscribers![delivery.called++];
        if (state.subscribers.includes(subscriber)) subscriber.deliver(info); // not removed meanwhile
      }
    } finally {
      this.#running = outer;
      if (delivery.called === subscribers!.length) remove(queue, undefined, 0);
    }
  }

  /** Calls the handlers that were not called while the signal was held. */
  #replay(delivery: Delivery): void {
    this.#unhold(delivery.queue);
    this.#noteRecorded(delivery.queue.state); // its chained handlers are called now
    this.#part.functions.ps_replay(recordOf(delivery));
    delivery.held = false;
  }

  #setUnfinished(yes: boolean): void {
    if (yes || this.#unfinished) this.#part.functions.ps_unfinished(Number(yes));
    this.#unfinished = yes;
  }

  // ---- queued deliveries ----

  /** In C, no delivery of the held signal is pending any more: the next one is recorded again. */
  #unhold({ state }: SignalQueue): void {
    if (state.signum < 32) this.#part.functions.ps_unhold_one(state.signum);
  }

  /** Removes the oldest delivery that has not begun. If the engine stops this in between, the next one of a held signal
   * coalesces with it. */
  #take(queue: SignalQueue): Delivery {
    if (firstWaiting(queue)!.held) this.#unhold(queue);
    return remove(queue, begun(queue), 1);
  }

  /** Our handler was uninstalled before this delivery: requeues it for the action that is installed now. */
  #requeue(queue: SignalQueue): void {
    const record = recordOf(firstWaiting(queue)!);
    this.#take(queue);
    if (!queue.state.isBeneath) this.#part.functions.ps_requeue(record);
  }

  /** Requeues the queued deliveries of an uninstalled signal to the kernel. While a running handler defers them they
   * stay queued until it returns, as in the kernel. */
  flush(signum: number): void {
    const queue = this.#queueOf(signum);
    if (queue.state.installed || this.#isDeferred(queue)) return;
    this.drainAll();
    while (firstWaiting(queue)) this.#requeue(queue);
  }

  /** Discards the queued deliveries of an ignored signal, as POSIX requires. */
  discard(signum: number): void {
    this.drainAll();
    this.#discardWaiting(this.#queueOf(signum));
  }

  #discardWaiting(queue: SignalQueue): void {
    while (firstWaiting(queue)) this.#take(queue);
  }

  /** Sorts the deliveries of released signals by signal number, as the kernel does, within the positions that they
   * had. */
  sortReleased(released: readonly SignalState[]): void {
    this.drainAll();
    const sorted = released.map(({ signum }) => this.#queueOf(signum))
      .sort((a, b) => a.state.signum - b.state.signum)
      .flatMap(allWaiting);
    const orders = sorted.map(({ order }) => order).sort((a, b) => a - b);
    sorted.forEach((delivery, i) => delivery.order = orders[i]);
  }

  /** Takes one delivery of `signals` out of its queue, lowest number first, oldest first. */
  takePending(signals: ReadonlySet<number>): SigInfo | undefined {
    this.drainAll();
    let found: SignalQueue | undefined;
    for (const queue of this.#queues) {
      if (!signals.has(queue.state.signum) || !firstWaiting(queue)) continue;
      if (!found || queue.state.signum < found.state.signum) found = queue;
    }
    return found && this.#take(found).info;
  }

  /** Whether a signal of `signals` is queued, or being delivered. */
  hasQueued(signals: ReadonlySet<number>): boolean {
    this.drainAll();
    return this.#queues.some(({ state, first }) => first && signals.has(state.signum));
  }

  /** Pending signals: held, or deferred by a running handler. */
  pending(): Set<number> {
    this.drainAll();
    const pending = new Set<number>();
    for (const queue of this.#queues) {
      if (firstWaiting(queue) && (queue.state.isHeld || this.#isDeferred(queue))) pending.add(queue.state.signum);
    }
    return pending;
  }

  // ---- blocking ----

  /** Blocks the thread until `done` returns true or the time is over, and runs handlers meanwhile. Their errors
   * propagate.
   * @returns whether `done` returned true */
  blockUntil(done: () => boolean, seconds: number): boolean {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      this.confine();
      this.run();
      if (done()) return true;
      const left = end - performance.now();
      if (seconds !== Infinity && left <= 0) return false;
      const wait = Math.min(left, this.#waitLimit - performance.now() + 1);
      this.#part.functions.ps_wait(wait === Infinity ? -1 : Math.max(0, wait));
    }
  }

  /** Runs `fn`, which the engine may stop anywhere at `limit` (on the `performance.now()` clock). Handlers stopped in
   * `fn` never return, so the signals that they deferred are undeferred.
   * @returns whether `fn` completed */
  limited(fn: () => boolean, limit: number): boolean {
    const outer = { waitLimit: this.#waitLimit, running: this.#running };
    this.#waitLimit = Math.min(this.#waitLimit, limit);
    try {
      if (fn()) return true;
    } finally {
      this.#waitLimit = outer.waitLimit;
    }
    this.#running = outer.running;
    this.#setUnfinished(true);
    return false;
  }
}

/** The native record of a delivery. */
function recordOf({ records, index }: Delivery): Int32Array<ArrayBuffer> {
  return records.slice(index * RECORD_WORDS, (index + 1) * RECORD_WORDS);
}

/** The first delivery if it has begun. */
const begun = ({ first }: SignalQueue): Delivery | undefined => first?.subscribers && first;

/** The oldest delivery that has not begun. */
const firstWaiting = (queue: SignalQueue): Delivery | undefined => {
  const running = begun(queue);
  return running ? running.next : queue.first;
};

function allWaiting(queue: SignalQueue): Delivery[] {
  const all: Delivery[] = [];
  for (let delivery = firstWaiting(queue); delivery; delivery = delivery.next) all.push(delivery);
  return all;
}

/** Removes the first delivery of a queue, or the one after `previous`, and counts it as `delivered` (1) or not (0). */
function remove(queue: SignalQueue, previous: Delivery | undefined, delivered: 0 | 1): Delivery {
  const delivery = (previous ? previous.next : queue.first)!;
  // No call from here on: a `deadline` could stop it half done.
  if (previous) previous.next = delivery.next;
  else queue.first = delivery.next;
  if (queue.last === delivery) queue.last = previous;
  delivery.next = undefined; // an old object that refers to a young one delays its collection
  queue.length--;
  queue.delivered += delivered;
  return delivery;
}
