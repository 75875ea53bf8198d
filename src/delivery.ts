/** The bridge from the ring to handlers: records come out in the order of arrival, wait while their
 * signal is held or its handler runs, and are delivered on the thread that installed the handlers. */
import {
  isMainThread,
  isSteering,
  layout,
  native,
  openedWith,
  RecordView,
  reportUncaught,
  setReplaced,
  setWake,
} from "../ffi/mod.ts";
import { Fifo } from "./fifo.ts";
import { afterReset, onSurfacing, publishHeld, settle, settleAll } from "./registry.ts";
import { type SigInfo, toSigInfo } from "./siginfo.ts";
import { eachSlot, isHeld, type SignalHandler, type Slot, slotOf, type Subscriber } from "./slot.ts";

/** A signal on its way. */
interface Delivery {
  lane: Lane;
  info: SigInfo;
  /** The native records with which it came, and which of them it is: should it have to go back. */
  batch: Uint8Array<ArrayBuffer>;
  index: number;
  /** C held it back: chained handlers have not had it yet. */
  held: boolean;
  /** Its place among those of all signals. */
  place: number;
  /** Who is called, once delivery has begun: the handler first, and gone from here then; how many of the
   * others have been. */
  handler: SignalHandler | undefined;
  subscribers: readonly Subscriber[] | undefined;
  called: number;
}

const BATCH = 256;
const { size: RECORD_SIZE } = layout.record;
/** Where records go that come out of the ring; how many are there, and how many of them are queued. A
 * `deadline` may stop this code anywhere; the next round goes on where it stood. */
let batch = new Uint8Array(BATCH * RECORD_SIZE);
let view = new RecordView(batch, layout);
let filled = 0;
let queued = 0;
/** When the earliest running `deadline` ends, on the `performance.now()` clock. */
let waitLimit = Infinity;

/** The way of one signal. Each has its own: however many of one are held, another is found at once. */
interface Lane {
  readonly slot: Slot;
  /** Not yet delivered. Only the first can have begun. */
  readonly queue: Fifo<Delivery>;
  /** How many running handlers keep it waiting: its own, and those that have it in their mask. */
  deferred: number;
  delivered: number;
  merged: number;
  lost: number;
}
const lanes: Lane[] = [];
const byNumber: (Lane | undefined)[] = [];
let sequence = 0;
/** How often something was delivered, for those who wait for it. */
let turns = 0;

function laneOf(signum: number): Lane {
  return byNumber[signum] ?? newLane(signum);
}

function newLane(signum: number): Lane {
  const lane = { slot: slotOf(signum), queue: new Fifo<Delivery>(), deferred: 0, delivered: 0, merged: 0, lost: 0 };
  lanes.push(lane);
  return byNumber[signum] = lane;
}

/** What became of a signal here: given to someone, one with another that waited already, or one too many. */
export function countersOf(signum: number): Pick<Readonly<Lane>, "delivered" | "merged" | "lost"> {
  return laneOf(signum);
}

let afterDrain: (() => void) | undefined;

/** `hook` runs whenever the ring has been looked at. One owner: posix/wakeup.ts. */
export function onDrained(hook: (() => void) | undefined): void {
  afterDrain = hook;
}

/** Whether nothing is on its way. */
function isEmpty(): boolean {
  for (const { queue } of lanes) if (queue.length > 0) return false;
  return true;
}

/** Moves what is in the ring into the queues, a batch at most. @returns how many */
function drain(): number {
  if (queued < filled) enqueueAll(); // a `deadline` stopped the last round
  if (isEmpty()) {
    filled = queued = 0;
  } else if (filled === BATCH) { // deliveries on their way keep the one they came with
    batch = new Uint8Array(BATCH * RECORD_SIZE);
    view = new RecordView(batch, layout);
    filled = queued = 0;
  }
  const came = native().ps_drain(batch, filled, BATCH - filled);
  filled += came;
  enqueueAll();
  afterDrain?.();
  return came;
}

/** Moves all of it; no more than the ring has room for, should signals come quicker than this. */
function drainAll(): void {
  for (let left = openedWith()!.records, came; left > 0 && (came = drain()) > 0;) left -= came;
}

function enqueueAll(): void {
  for (; queued < filled; queued++) enqueue(queued);
}

function enqueue(index: number): void {
  const record = view.moveTo(index);
  const lane = laneOf(record.signum);
  const { signum } = lane.slot;
  const held = (record.flags & layout.constants.PS_HELD) !== 0;
  // A standard signal that came just before it was held is the pending one, and this its double.
  if (held && signum < 32 && waiting(lane) > 0) {
    native().ps_unhold_one(signum);
    lane.merged++;
    return;
  }
  if (lane.queue.length >= openedWith()!.records) { // held for long, or its handler does not return
    lane.lost++;
    return;
  }
  lane.queue.push(newDelivery(lane, toSigInfo(record, signum, ++sequence), index, held));
}

/** One that is over and is used again: what is slowest to come waits for the collector. */
let spare: Delivery | undefined;

function newDelivery(lane: Lane, info: SigInfo, index: number, held: boolean): Delivery {
  const place = info.sequence;
  const delivery = spare;
  if (!delivery) {
    return { lane, info, batch, index, held, place, handler: undefined, subscribers: undefined, called: 0 };
  }
  spare = undefined;
  delivery.lane = lane;
  delivery.info = info;
  delivery.batch = batch;
  delivery.index = index;
  delivery.held = held;
  delivery.place = place;
  return delivery;
}

/** Nobody has it any more. */
function release(delivery: Delivery): void {
  delivery.subscribers = undefined;
  delivery.called = 0;
  spare = delivery;
}

/** The native record of a delivery. */
function recordOf({ batch, index }: Delivery): Uint8Array<ArrayBuffer> {
  return batch.slice(index * RECORD_SIZE, (index + 1) * RECORD_SIZE);
}

/** How many deliveries of a signal have begun: 0 or 1. */
const begun = ({ queue }: Lane): number => queue.at(0)?.subscribers ? 1 : 0;

/** How many have not. */
const waiting = (lane: Lane): number => lane.queue.length - begun(lane);

/** Takes out the oldest that has not begun. */
function takeWaiting(lane: Lane): Delivery {
  const { queue } = lane;
  const delivery = queue.at(begun(lane))!;
  if (begun(lane)) queue.removeSecond();
  else queue.shift();
  return delivery;
}

/** The next to deliver: the oldest whose signal is neither held nor being handled. */
function next(): Delivery | undefined {
  let oldest: Delivery | undefined;
  for (const { slot, queue, deferred } of lanes) {
    const delivery = queue.at(0);
    if (!delivery || (oldest && oldest.place < delivery.place)) continue;
    if (deferred === 0 && !isHeld(slot)) oldest = delivery;
  }
  return oldest;
}

/** Keeps a signal and its handler's `mask` waiting (1), or no longer (-1). */
function defer(lane: Lane, mask: ReadonlySet<number>, by: 1 | -1): void {
  lane.deferred += by;
  if (mask.size === 0) return; // an iterator costs more than all the rest
  for (const other of mask) laneOf(other).deferred += by;
}

function removed({ lane, held }: Delivery): void {
  if (held && lane.slot.signum < 32) native().ps_unhold_one(lane.slot.signum);
}

/** The last one left while it was on its way: it takes the action that stands there now. */
function giveBack(delivery: Delivery): void {
  removed(delivery);
  delivery.lane.delivered++;
  if (!delivery.lane.slot.beneath) native().ps_requeue(recordOf(delivery)); // else whoever stands above has had it
}

/** Calls everyone for the first delivery of its signal. What one of them throws ends it here; the rest is
 * called by the next round. */
function deliver(delivery: Delivery): void {
  const { lane, info } = delivery;
  const { slot, queue } = lane;
  if (!delivery.subscribers) {
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
    lane.delivered++;
    turns++;
    delivery.handler = slot.handler;
    delivery.subscribers = slot.subscribers;
    if (slot.handler && slot.manner.resetHand) afterReset(slot);
  }
  const { handler, subscribers } = delivery;
  const { mask } = slot.manner;
  defer(lane, mask, 1);
  try {
    if (handler) {
      delivery.handler = undefined;
      handler(slot.signum, info);
    }
    while (delivery.called < subscribers!.length) {
      const subscriber = subscribers![delivery.called++];
      if (slot.subscribers.includes(subscriber)) subscriber.deliver(info); // who has left is not called
    }
  } finally {
    defer(lane, mask, -1);
    if (delivery.called === subscribers!.length) {
      queue.shift();
      release(delivery);
    }
  }
}

/** A handler threw or was stopped, and those behind it have not run yet. C knows it as well, so that there is
 * one question to ask; being told so, it wakes the event loop. */
let unfinished = false;

function setUnfinished(yes: boolean): void {
  if (yes || unfinished) native().ps_unfinished(Number(yes));
  unfinished = yes;
}

/** Whether `run` could find anything. */
export function anythingHere(): boolean {
  return native().ps_pending() !== 0;
}

/** So many in one batch come faster than handlers take them. */
const FLOOD = 16;
let flood = false;

/** Runs every handler whose signal is here; how many signals. What a handler throws comes out, and
 * the event loop is woken for the rest. A batch at a time, so that of a flood few objects live at once,
 * which costs the collector less. */
export function run(): number {
  let count = 0;
  flood = drain() >= FLOOD;
  for (;;) {
    const delivery = next();
    if (!delivery && anythingHere()) {
      const came = drain();
      flood ||= came >= FLOOD;
      if (came > 0) continue;
    }
    if (!delivery) {
      setUnfinished(false);
      return count;
    }
    if (!flood && isSteering()) native().ps_queue_open();
    try {
      deliver(delivery);
    } catch (error) {
      setUnfinished(true);
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
      if (isSteering()) native().ps_queue_turn(Number(flood));
      return;
    } catch (error) {
      queueMicrotask(() => reportUncaught(error));
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
  const lane = laneOf(slot.signum);
  if (slot.taken || lane.deferred > 0) return;
  drainAll();
  while (waiting(lane) > 0) giveBack(takeWaiting(lane));
}

setReplaced((leave) => {
  turn();
  leave();
  settleAll();
  for (const { slot } of lanes) flush(slot);
});

/** Ignoring a signal throws a pending one away, as in POSIX. */
export function discard(slot: Slot): void {
  drainAll();
  const lane = laneOf(slot.signum);
  while (waiting(lane) > 0) {
    removed(takeWaiting(lane));
    lane.delivered++;
  }
}

onSurfacing(discard);

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
  drainAll();
  sortReleased(new Set(released));
  for (const slot of released) settle(slot);
}

/** Puts the deliveries of released signals in the order of their numbers, at the places they had. */
function sortReleased(released: ReadonlySet<Slot>): void {
  const sorted = [...released].sort((a, b) => a.signum - b.signum).map(({ signum }) => laneOf(signum))
    .flatMap((lane) => [...lane.queue].slice(begun(lane)));
  const places = sorted.map(({ place }) => place).sort((a, b) => a - b);
  sorted.forEach((delivery, i) => delivery.place = places[i]);
}

/** Takes one delivery of `signals` out of its queue, lowest number first, first come first. */
export function takePending(signals: ReadonlySet<number>): SigInfo | undefined {
  drainAll();
  let found: Lane | undefined;
  for (const lane of lanes) {
    if (!signals.has(lane.slot.signum) || waiting(lane) === 0) continue;
    if (!found || lane.slot.signum < found.slot.signum) found = lane;
  }
  if (!found) return undefined;
  const delivery = takeWaiting(found);
  removed(delivery);
  found.delivered++;
  return delivery.info;
}

/** Signals that have come and wait: held, or their handler is running. Known to the main thread only:
 * another would take records out of the ring that it can give to nobody. */
export function pendingHere(): Set<number> {
  if (!isMainThread()) return new Set();
  drainAll();
  const pending = new Set<number>();
  for (const lane of lanes) {
    if (waiting(lane) > 0 && (lane.deferred > 0 || isHeld(lane.slot))) pending.add(lane.slot.signum);
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
  const outer = { waitLimit, deferred: lanes.map(({ deferred }) => deferred), holders: new Map<Slot, Set<object>>() };
  for (const slot of eachSlot()) outer.holders.set(slot, new Set(slot.holders));
  waitLimit = Math.min(waitLimit, limit);
  try {
    const ended = fn();
    if (ended) return true;
  } finally {
    waitLimit = outer.waitLimit;
  }
  lanes.forEach((lane, i) => lane.deferred = outer.deferred[i] ?? 0);
  changeHeld(() => {
    for (const slot of eachSlot()) slot.holders = slot.holders.intersection(outer.holders.get(slot) ?? new Set());
  });
  setUnfinished(true);
  return false;
}
