/** From the ring to the handlers. Records are drained in order of arrival, queued while their signal is held or its
 * handler runs, and delivered on the thread that installed the handlers. */
import { layout, type NativePart, RecordView, reportUncaught } from "../ffi/mod.ts";
import { Queue } from "./queue.ts";
import { type SigInfo, toSigInfo } from "./siginfo.ts";
import type { SignalHandler, SignalState, Subscriber } from "./signal_state.ts";

/** One delivery by the kernel. */
interface Delivery {
  queue: SignalQueue;
  info: SigInfo;
  /** The native records that it was drained with, and its index among them: for replay and requeueing. */
  batch: Uint8Array<ArrayBuffer>;
  index: number;
  /** The C handler held it: chained handlers have not been called yet. */
  held: boolean;
  /** Its order among the deliveries of all signals. */
  order: number;
  /** Set when delivery begins: the handler, until it has been called; the subscribers, and how many have been
   * called. */
  handler: SignalHandler | undefined;
  subscribers: readonly Subscriber[] | undefined;
  called: number;
}

/** The deliveries of one signal. Each signal has its own queue, so that a held signal delays no other. */
interface SignalQueue {
  readonly state: SignalState;
  /** Not yet delivered. Only the first can have begun. */
  readonly waiting: Queue<Delivery>;
  /** How many running handlers defer it: its own, and handlers with this signal in their mask. */
  deferred: number;
  delivered: number;
  coalesced: number;
  lost: number;
}

const BATCH = 256;
/** So many deliveries end a turn of the event loop: the default capacity of `events`, whose readers go on then. */
const TURN = 4 * BATCH;
const { size: RECORD_SIZE } = layout.record;

/** A `deadline` may stop this code anywhere: each change of a queue is a single step, and the next round completes a
 * stopped one. */
export class Deliveries {
  readonly #part: NativePart;
  readonly #stateOf: (signum: number) => SignalState;
  readonly #drained: () => void;
  readonly #queues: SignalQueue[] = [];
  readonly #byNumber: (SignalQueue | undefined)[] = [];
  /** The buffer of drained records; how many it holds, and how many of them are queued. */
  #batch = new Uint8Array(BATCH * RECORD_SIZE);
  #view = new RecordView(this.#batch, layout);
  #filled = 0;
  #queued = 0;
  #sequence = 0;
  /** The number of deliveries so far; `pause` waits until it changes. */
  deliveredCount = 0;
  /** When the earliest running `deadline` expires, on the `performance.now()` clock. */
  #waitLimit = Infinity;
  /** Deliveries are due whose records are no longer in the ring: a handler threw or was stopped, or the ring was only
   * looked at. C keeps the same flag: ps_pending() includes it, and the event loop is woken. */
  #unfinished = false;
  /** A finished delivery, reused: garbage collection causes the slowest deliveries. */
  #spare: Delivery | undefined;

  /** @param drained called whenever the ring has been read */
  constructor(part: NativePart, stateOf: (signum: number) => SignalState, drained: () => void) {
    this.#part = part;
    this.#stateOf = stateOf;
    this.#drained = drained;
  }

  #queueOf(signum: number): SignalQueue {
    return this.#byNumber[signum] ?? this.#newQueue(signum);
  }

  #newQueue(signum: number): SignalQueue {
    const state = this.#stateOf(signum);
    const queue = { state, waiting: new Queue<Delivery>(), deferred: 0, delivered: 0, coalesced: 0, lost: 0 };
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
    if (this.#queued < this.#filled) this.#enqueueAll(); // a `deadline` stopped the last round
    if (this.#isEmpty()) {
      this.#filled = this.#queued = 0;
    } else if (this.#filled === BATCH) { // queued deliveries still refer to this batch
      const batch = new Uint8Array(BATCH * RECORD_SIZE);
      const view = new RecordView(batch, layout);
      // No call from here on: the view must be of the batch that is filled.
      this.#batch = batch;
      this.#view = view;
      this.#filled = this.#queued = 0;
    }
    const count = this.#part.functions.ps_drain(this.#batch, this.#filled, BATCH - this.#filled);
    this.#filled += count;
    this.#enqueueAll();
    this.#drained();
    return count;
  }

  /** Moves all records; at most the ring's capacity, since signals may be delivered faster than this runs. Their
   * handlers are due. */
  drainAll(): void {
    const { records } = this.#part.options;
    let left = records;
    for (let count; left > 0 && (count = this.#drain()) > 0;) left -= count;
    if (left < records) this.#setUnfinished(true);
  }

  #isEmpty(): boolean {
    for (let i = 0; i < this.#queues.length; i++) if (this.#queues[i].waiting.length > 0) return false;
    return true;
  }

  #enqueueAll(): void {
    for (; this.#queued < this.#filled; this.#queued++) this.#enqueue(this.#queued);
  }

  #enqueue(index: number): void {
    const record = this.#view.moveTo(index);
    const { signum } = record;
    const queue = this.#queueOf(signum);
    const held = (record.flags & layout.constants.PS_HELD) !== 0;
    if (queue.state.opposites.length > 0) this.#discardOpposites(queue.state);
    // A standard signal recorded just before it was held is the pending one, and the new delivery coalesces with it.
    // Chained handlers have received the first alone; the second is replayed to them on release.
    if (held && signum < 32 && waitingIn(queue) > 0) {
      const pending = queue.waiting.at(begunIn(queue))!;
      pending.batch = this.#batch;
      pending.index = index;
      pending.held = true;
      queue.coalesced++;
      return;
    }
    if (queue.waiting.length >= this.#part.options.records) { // held for long, or its handler does not return
      queue.lost++;
      return;
    }
    const time = this.#part.toPerformanceTime(record.timeMs);
    queue.waiting.push(this.#newDelivery(queue, toSigInfo(record, signum, ++this.#sequence, time), index, held));
  }

  /** POSIX: a stop signal discards a pending SIGCONT, and SIGCONT pending stop signals. */
  #discardOpposites({ opposites }: SignalState): void {
    for (const signum of opposites) {
      const queue = this.#byNumber[signum];
      if (queue && (queue.deferred > 0 || queue.state.isHeld)) this.#discardWaiting(queue);
    }
  }

  #newDelivery(queue: SignalQueue, info: SigInfo, index: number, held: boolean): Delivery {
    const order = info.sequence;
    const delivery = this.#spare;
    if (!delivery) {
      const batch = this.#batch;
      return { queue, info, batch, index, held, order, handler: undefined, subscribers: undefined, called: 0 };
    }
    this.#spare = undefined;
    delivery.queue = queue;
    delivery.info = info;
    delivery.batch = this.#batch;
    delivery.index = index;
    delivery.held = held;
    delivery.order = order;
    return delivery;
  }

  // ---- handlers ----

  /** Whether a delivery may be due. */
  get isDue(): boolean {
    return this.#part.functions.ps_pending() !== 0;
  }

  /** Runs every handler that is due, and returns the number of deliveries. An error of a handler propagates, and the
   * event loop is woken for the rest. During a flood, batches keep few objects alive at once, which is cheaper to
   * collect.
   * @param most after so many, the next batch is left to the event loop's next turn */
  run(most = Infinity): number {
    let count = 0;
    this.#drain();
    for (;;) {
      const delivery = this.#next();
      if (!delivery) {
        if (count < most && this.isDue && this.#drain() > 0) continue;
        this.#setUnfinished(count >= most && this.isDue);
        return count;
      }
      try {
        this.#deliver(delivery);
      } catch (error) {
        this.#setUnfinished(true);
        throw error;
      }
      count++;
    }
  }

  /** A turn of the event loop: an error of a handler is reported as uncaught, and the other handlers still run. */
  turn(): void {
    for (;;) {
      try {
        this.run(TURN);
        return;
      } catch (error) {
        queueMicrotask(() => reportUncaught(error));
      }
    }
  }

  /** The next delivery: the oldest whose signal is neither held nor deferred. */
  #next(): Delivery | undefined {
    let oldest: Delivery | undefined;
    for (let i = 0; i < this.#queues.length; i++) { // quicker than an iterator before it is compiled
      const { state, waiting, deferred } = this.#queues[i];
      const delivery = waiting.at(0);
      if (!delivery || (oldest && oldest.order < delivery.order)) continue;
      if (deferred === 0 && !state.isHeld) oldest = delivery;
    }
    return oldest;
  }

  /** Calls the handler and all subscribers for the first delivery of its signal. An error ends this round; the next
   * round calls the remaining subscribers. */
  #deliver(delivery: Delivery): void {
    const { queue, info } = delivery;
    const { state, waiting } = queue;
    const { mask } = state.flags; // read before `wasReset` clears it
    if (!delivery.subscribers) {
      if (!state.isInstalled) {
        waiting.shift();
        this.#requeue(delivery);
        return;
      }
      if (delivery.held) {
        this.#removed(delivery);
        delivery.held = false;
        this.#part.functions.ps_replay(recordOf(delivery));
      }
      const { handler, subscribers } = state;
      // No call from here on: the delivery is counted once.
      queue.delivered++;
      this.deliveredCount++;
      delivery.handler = handler;
      delivery.subscribers = subscribers;
      state.delivered();
      if (state.handler && state.flags.resetHand) state.wasReset();
      if (info.name === "SIGWINCH") this.#part.refreshTerminal();
    }
    const { handler, subscribers } = delivery;
    this.#defer(queue, mask, 1);
    try {
      if (handler) {
        delivery.handler = undefined;
        handler(state.signum, info);
      }
      while (delivery.called < subscribers!.length) {
        const subscriber = subscribers![delivery.called++];
        if (state.subscribers.includes(subscriber)) subscriber.deliver(info); // not removed meanwhile
      }
    } finally {
      this.#defer(queue, mask, -1);
      if (delivery.called === subscribers!.length) {
        waiting.shift();
        delivery.subscribers = undefined;
        delivery.called = 0;
        this.#spare = delivery;
      }
    }
  }

  /** Defers a signal and its handler's `mask` (1), or no longer (-1). */
  #defer(queue: SignalQueue, mask: ReadonlySet<number>, by: 1 | -1): void {
    queue.deferred += by;
    if (mask.size === 0) return; // creating an iterator costs more than all the rest
    for (const other of mask) this.#queueOf(other).deferred += by;
  }

  #setUnfinished(yes: boolean): void {
    if (yes || this.#unfinished) this.#part.functions.ps_unfinished(Number(yes));
    this.#unfinished = yes;
  }

  // ---- queued deliveries ----

  #removed({ queue, held }: Delivery): void {
    if (held && queue.state.signum < 32) this.#part.functions.ps_unhold_one(queue.state.signum);
  }

  /** Our handler was uninstalled before this delivery: requeues it for the action that is installed now. */
  #requeue(delivery: Delivery): void {
    this.#removed(delivery);
    delivery.queue.delivered++;
    if (!delivery.queue.state.isBeneath) this.#part.functions.ps_requeue(recordOf(delivery));
  }

  /** Requeues the queued deliveries of an uninstalled signal to the kernel. While its handler runs they stay queued
   * until it returns, as in the kernel. */
  flush(signum: number): void {
    const queue = this.#queueOf(signum);
    if (queue.state.isInstalled || queue.deferred > 0) return;
    this.drainAll();
    while (waitingIn(queue) > 0) this.#requeue(takeWaiting(queue));
  }

  /** Discards the queued deliveries of an ignored signal, as POSIX requires. */
  discard(signum: number): void {
    this.drainAll();
    this.#discardWaiting(this.#queueOf(signum));
  }

  #discardWaiting(queue: SignalQueue): void {
    while (waitingIn(queue) > 0) {
      this.#removed(takeWaiting(queue));
      queue.delivered++;
    }
  }

  /** Sorts the deliveries of released signals by signal number, as the kernel does, within the positions that they
   * had. */
  sortReleased(released: readonly SignalState[]): void {
    this.drainAll();
    const sorted = released.map(({ signum }) => this.#queueOf(signum))
      .sort((a, b) => a.state.signum - b.state.signum)
      .flatMap((queue) => [...queue.waiting].slice(begunIn(queue)));
    const orders = sorted.map(({ order }) => order).sort((a, b) => a - b);
    sorted.forEach((delivery, i) => delivery.order = orders[i]);
  }

  /** Takes one delivery of `signals` out of its queue, lowest number first, oldest first. */
  takePending(signals: ReadonlySet<number>): SigInfo | undefined {
    this.drainAll();
    let found: SignalQueue | undefined;
    for (const queue of this.#queues) {
      if (!signals.has(queue.state.signum) || waitingIn(queue) === 0) continue;
      if (!found || queue.state.signum < found.state.signum) found = queue;
    }
    if (!found) return undefined;
    const delivery = takeWaiting(found);
    this.#removed(delivery);
    found.delivered++;
    return delivery.info;
  }

  /** Pending signals: held, or deferred by a running handler. */
  pending(): Set<number> {
    this.drainAll();
    const pending = new Set<number>();
    for (const queue of this.#queues) {
      if (waitingIn(queue) > 0 && (queue.deferred > 0 || queue.state.isHeld)) pending.add(queue.state.signum);
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
      this.#part.outside(() => this.run());
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
    const outer = { waitLimit: this.#waitLimit, deferred: this.#queues.map(({ deferred }) => deferred) };
    this.#waitLimit = Math.min(this.#waitLimit, limit);
    try {
      if (fn()) return true;
    } finally {
      this.#waitLimit = outer.waitLimit;
    }
    this.#queues.forEach((queue, i) => queue.deferred = outer.deferred[i] ?? 0);
    this.#setUnfinished(true);
    return false;
  }
}

/** The native record of a delivery. */
function recordOf({ batch, index }: Delivery): Uint8Array<ArrayBuffer> {
  return batch.slice(index * RECORD_SIZE, (index + 1) * RECORD_SIZE);
}

/** How many deliveries of a signal have begun: 0 or 1. */
const begunIn = ({ waiting }: SignalQueue): number => waiting.at(0)?.subscribers ? 1 : 0;

/** How many have not begun. */
const waitingIn = (queue: SignalQueue): number => queue.waiting.length - begunIn(queue);

/** Removes the oldest delivery that has not begun. */
function takeWaiting(queue: SignalQueue): Delivery {
  const { waiting } = queue;
  const begun = begunIn(queue);
  const delivery = waiting.at(begun)!;
  if (begun) waiting.removeSecond();
  else waiting.shift();
  return delivery;
}
