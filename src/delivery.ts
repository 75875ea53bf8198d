/** The bridge from the ring to handlers: records come out in the order of arrival, wait while their
 * signal is held or its handler runs, and are delivered on the thread that installed the handlers. */
import { anyRecord, isMainThread, layout, native, RecordView, setWake } from "../ffi/mod.ts";
import { Fifo } from "./fifo.ts";
import {
  afterReset,
  eachSlot,
  isHeld,
  publishHeld,
  settle,
  type SignalHandler,
  type Slot,
  slotOf,
  type Subscriber,
} from "./registry.ts";
import { type SigInfo, toSigInfo } from "./siginfo.ts";

/** A signal on its way. */
interface Delivery {
  readonly slot: Slot;
  readonly info: SigInfo;
  /** The native records with which it came, and which of them it is: should it have to go back. */
  readonly batch: Uint8Array<ArrayBuffer>;
  readonly index: number;
  /** C held it back: chained handlers have not had it yet. */
  held: boolean;
  /** Its place among those of all signals. */
  place: number;
  /** Who is called, once delivery has begun, and how many have been. */
  targets: readonly (SignalHandler | Subscriber)[] | undefined;
  called: number;
}

const BATCH = 256;
/** The batch that came out of the ring last: how many records, and how many of them are queued. A
 * `deadline` may stop this code anywhere; the next round goes on where it stood. */
let batch = new Uint8Array(0);
let batchSize = 0;
let batchDone = 0;
/** When the earliest running `deadline` ends, on the `performance.now()` clock. */
let waitLimit = Infinity;
const { size: RECORD_SIZE } = layout.record;
const buffer = new Uint8Array(BATCH * RECORD_SIZE);
const view = new RecordView(buffer, layout);

/** Not yet delivered, by signal: however many of one are held, another is found at once. Only the first
 * of a signal can have begun. */
const queues = new Map<Slot, Fifo<Delivery>>();
let sequence = 0;
/** Signals whose handler is running, and those in its mask. */
const deferred = new Map<number, number>();
/** How often something was delivered, for those who wait for it. */
let turns = 0;

interface Counters {
  delivered: number;
  merged: number;
}
const counters = new Map<number, Counters>();

export function countersOf(signum: number): Counters {
  let entry = counters.get(signum);
  if (!entry) counters.set(signum, entry = { delivered: 0, merged: 0 });
  return entry;
}

let afterDrain: (() => void) | undefined;

/** `hook` runs whenever the ring has been looked at. One owner: posix/wakeup.ts. */
export function onDrained(hook: (() => void) | undefined): void {
  afterDrain = hook;
}

/** Moves everything from the ring into the queue. */
function drain(): void {
  const { ps_drain } = native();
  do {
    for (; batchDone < batchSize; batchDone++) enqueue(batchDone);
    batchSize = ps_drain(buffer, BATCH);
    batchDone = 0;
    if (batchSize > 0) batch = buffer.slice(0, batchSize * RECORD_SIZE);
  } while (batchSize > 0);
  afterDrain?.();
}

function enqueue(index: number): void {
  const record = view.moveTo(index);
  const slot = slotOf(record.signum);
  const held = (record.flags & layout.constants.PS_HELD) !== 0;
  // A standard signal that came just before it was held is the pending one, and this its double.
  if (held && slot.signum < 32 && waiting(slot) > 0) {
    native().ps_unhold_one(slot.signum);
    countersOf(slot.signum).merged++;
    return;
  }
  const info = toSigInfo(record, slot.signum, ++sequence);
  queueOf(slot).push({ slot, info, batch, index, held, place: sequence, targets: undefined, called: 0 });
}

/** The native record of a delivery. */
function recordOf({ batch, index }: Delivery): Uint8Array<ArrayBuffer> {
  return batch.slice(index * RECORD_SIZE, (index + 1) * RECORD_SIZE);
}

function queueOf(slot: Slot): Fifo<Delivery> {
  let queue = queues.get(slot);
  if (!queue) queues.set(slot, queue = new Fifo());
  return queue;
}

/** How many deliveries of a signal have begun: 0 or 1. */
const begun = (queue: Fifo<Delivery>): number => queue.at(0)?.targets ? 1 : 0;

/** How many of `slot` have not begun. */
function waiting(slot: Slot): number {
  const queue = queueOf(slot);
  return queue.length - begun(queue);
}

/** Takes out the oldest that has not begun. */
function takeWaiting(queue: Fifo<Delivery>): Delivery {
  const delivery = queue.at(begun(queue))!;
  if (begun(queue)) queue.removeSecond();
  else queue.shift();
  return delivery;
}

/** The next to deliver: the oldest whose signal is neither held nor being handled. */
function next(): Delivery | undefined {
  let oldest: Delivery | undefined;
  for (const [slot, queue] of queues) {
    const delivery = queue.at(0);
    if (!delivery || (oldest && oldest.place < delivery.place)) continue;
    if (!isHeld(slot) && !deferred.has(slot.signum)) oldest = delivery;
  }
  return oldest;
}

function defer(signum: number, by: 1 | -1): void {
  const depth = (deferred.get(signum) ?? 0) + by;
  if (depth > 0) deferred.set(signum, depth);
  else deferred.delete(signum);
}

/** Everyone who listens now. */
function targetsOf(slot: Slot): Delivery["targets"] {
  const { handler, manner, subscribers } = slot;
  if (handler && manner.resetHand) afterReset(slot);
  return handler ? [handler, ...subscribers] : subscribers;
}

function removed(delivery: Delivery): void {
  if (delivery.held && delivery.slot.signum < 32) native().ps_unhold_one(delivery.slot.signum);
}

/** The last one left while it was on its way: it takes the action that stands there now. */
function giveBack(delivery: Delivery): void {
  removed(delivery);
  countersOf(delivery.slot.signum).delivered++;
  native().ps_requeue(recordOf(delivery));
}

/** Calls everyone for the first delivery of its signal. What one of them throws ends it here; the rest is
 * called by the next round. */
function deliver(delivery: Delivery): void {
  const { slot } = delivery;
  const queue = queueOf(slot);
  if (!delivery.targets) {
    if (!slot.taken) {
      queue.shift();
      giveBack(delivery);
      return;
    }
    if (delivery.held) {
      removed(delivery);
      delivery.held = false;
      native().ps_replay(recordOf(delivery));
    }
    countersOf(slot.signum).delivered++;
    turns++;
    delivery.targets = targetsOf(slot);
  }
  const { info, targets } = delivery;
  const { signum, manner: { mask } } = slot;
  defer(signum, 1);
  for (const other of mask) defer(other, 1);
  try {
    while (delivery.called < targets!.length) {
      const target = targets![delivery.called++];
      if (typeof target === "function") target(signum, info);
      else if (slot.subscribers.includes(target)) target.deliver(info); // who has left is not called
    }
  } finally {
    defer(signum, -1);
    for (const other of mask) defer(other, -1);
    if (delivery.called === targets!.length) queue.shift();
  }
}

/** A handler threw or was stopped, and those behind it have not run yet. */
let unfinished = false;

/** Whether `run` could find anything. */
export function anythingHere(): boolean {
  return anyRecord() || unfinished;
}

/** Runs every handler whose signal is here; how many signals. What a handler throws comes out, and
 * the event loop is woken for the rest. */
export function run(): number {
  let count = 0;
  for (;;) {
    drain();
    const delivery = next();
    if (!delivery) {
      unfinished = false;
      return count;
    }
    try {
      deliver(delivery);
    } catch (error) {
      unfinished = true;
      native().ps_wake();
      throw error;
    }
    count++;
  }
}

/** The event loop's turn: what a handler throws is an uncaught error, and the others run on. */
function turn(): void {
  for (;;) {
    try {
      run();
      return;
    } catch (error) {
      // Thrown again it would show this line in Bun, in place of the handler's.
      queueMicrotask(() => reportError(error));
    }
  }
}
setWake(turn);

/** Runs the handlers of what has come meanwhile; nothing on a thread without handlers. */
export function afterSending(): void {
  if (anythingHere() && isMainThread()) run();
}

/** Signals that nobody listens to any more go back to the kernel; call after `settle`. While their
 * own handler runs they wait for its end, as in the kernel. */
export function flush(slot: Slot): void {
  if (slot.taken || deferred.has(slot.signum)) return;
  drain();
  const queue = queueOf(slot);
  while (waiting(slot) > 0) giveBack(takeWaiting(queue));
}

/** Ignoring a signal throws a pending one away, as in POSIX. */
export function discard(slot: Slot): void {
  drain();
  const queue = queueOf(slot);
  while (waiting(slot) > 0) {
    removed(takeWaiting(queue));
    countersOf(slot.signum).delivered++;
  }
}

/** Applies a change of what is held: C first, so that nothing slips through; then what was let go, in
 * the kernel's order, lowest number first. */
export function changeHeld(change: () => void): void {
  const before = new Set([...eachSlot()].filter(isHeld));
  change();
  publishHeld();
  const now = new Set([...eachSlot()].filter(isHeld));
  for (const slot of now) if (!slot.taken) settle(slot);
  const released = [...before].filter((slot) => !now.has(slot));
  if (released.length === 0) return;
  drain();
  sortReleased(new Set(released));
  for (const slot of released) settle(slot);
}

/** Puts the deliveries of released signals in the order of their numbers, at the places they had. */
function sortReleased(released: ReadonlySet<Slot>): void {
  const sorted = [...released].sort((a, b) => a.signum - b.signum)
    .flatMap((slot) => [...queueOf(slot)].slice(begun(queueOf(slot))));
  const places = sorted.map(({ place }) => place).sort((a, b) => a - b);
  sorted.forEach((delivery, i) => delivery.place = places[i]);
}

/** Takes one delivery of `signals` out of its queue, lowest number first, first come first. */
export function takePending(signals: ReadonlySet<number>): SigInfo | undefined {
  drain();
  let found: Slot | undefined;
  for (const slot of queues.keys()) {
    if (!signals.has(slot.signum) || waiting(slot) === 0) continue;
    if (!found || slot.signum < found.signum) found = slot;
  }
  if (!found) return undefined;
  const delivery = takeWaiting(queueOf(found));
  removed(delivery);
  countersOf(found.signum).delivered++;
  return delivery.info;
}

/** Signals that have come and wait: held, or their handler is running. Known to the main thread only:
 * another would take records out of the ring that it can give to nobody. */
export function pendingHere(): Set<number> {
  if (!isMainThread()) return new Set();
  drain();
  const pending = new Set<number>();
  for (const slot of queues.keys()) {
    if (waiting(slot) > 0 && (isHeld(slot) || deferred.has(slot.signum))) pending.add(slot.signum);
  }
  return pending;
}

/** How many signals have been delivered so far, to see whether one was. */
export function deliveries(): number {
  return turns;
}

/** Blocks the thread until `done` says so or the time is over, running handlers meanwhile. What they
 * throw comes out. @returns whether `done` did. */
export function blockUntil(done: () => boolean, seconds: number): boolean {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    run();
    if (done()) return true;
    const left = end - performance.now();
    if (seconds !== Infinity && left <= 0) return false;
    const wait = Math.min(left, waitLimit - performance.now() + 1);
    native().ps_wait(wait === Infinity ? -1 : Math.max(0, wait));
  }
}

/** Runs `fn`, which the engine may stop anywhere before `limit` (on the `performance.now()` clock), and
 * brings back what it left in disorder then: handlers that never returned, sections that never ended.
 * @returns Whether `fn` came to its end. */
export function limited(fn: () => boolean, limit: number): boolean {
  const outer = { waitLimit, deferred: new Map(deferred), holders: new Map<Slot, number>() };
  for (const slot of eachSlot()) outer.holders.set(slot, slot.holders);
  waitLimit = Math.min(waitLimit, limit);
  try {
    const ended = fn();
    if (ended) return true;
  } finally {
    waitLimit = outer.waitLimit;
  }
  deferred.clear();
  for (const [signum, depth] of outer.deferred) deferred.set(signum, depth);
  changeHeld(() => {
    for (const slot of eachSlot()) slot.holders = outer.holders.get(slot) ?? 0;
  });
  unfinished = true;
  native().ps_wake();
  return false;
}
