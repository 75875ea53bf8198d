/** The owner of process-global state: our handler stands at a signal while anyone of ours needs it, and exactly
 * what belongs there goes back when the last has left. Nothing else calls sigaction(2). */
import {
  actionFlags,
  announce,
  layout,
  listeners as runtime,
  native,
  othersHave,
  plainAction,
  readCounters,
  readMask,
  steerToMainThread,
  tellOthers,
  toMask,
  withdraw,
} from "../ffi/mod.ts";
import { checked } from "./errors.ts";
import { isFault, isRealtime, numberOf } from "./signals.ts";
import {
  type Action,
  chainOf,
  claim,
  DEFAULT_MANNER,
  eachSlot,
  isHeld,
  isWanted,
  ownerOf,
  query,
  SIG_DFL,
  SIG_IGN,
  type Slot,
  slotOf,
  withoutUs,
} from "./slot.ts";

const { constants } = layout;

/** Makes the kernel agree with the slot: our handler while anyone needs it, else the base. */
export function settle(slot: Slot): void {
  if (isWanted(slot)) take(slot);
  else if (slot.taken) leave(slot);
}

/** Sets a disposition that needs no handler of ours. */
export function setBase(slot: Slot, handler: typeof SIG_DFL | typeof SIG_IGN): void {
  if (!slot.taken && !slot.beneath) claim(slot);
  slot.listenedSince = false;
  dropHandler(slot, handler);
}

/** The kernel has reset a `resetHand` disposition as it delivered. */
export function afterReset(slot: Slot): void {
  dropHandler(slot, SIG_DFL);
}

function dropHandler(slot: Slot, instead: typeof SIG_DFL | typeof SIG_IGN): void {
  slot.handler = undefined;
  slot.manner = DEFAULT_MANNER;
  slot.base = plainAction(instead, layout);
  if (isWanted(slot)) take(slot);
  else leave(slot);
}

/** Nobody listens any more. */
export function settleAll(): void {
  for (const slot of eachSlot()) {
    Object.assign(slot, { handler: undefined, subscribers: [], blocked: false, holders: new Set() });
    settle(slot);
  }
  withdraw();
}

/** Tells C which signals are held. */
export function publishHeld(): void {
  native().ps_hold(...toMask([...eachSlot()].filter(isHeld).map(({ signum }) => signum)));
}

function take(slot: Slot): void {
  const { signum, name, manner: { resetHand } } = slot;
  const over = slot.covered ? query(signum) : undefined;
  if (!slot.taken && !slot.beneath) claim(slot);
  if (slot.taken && resetHand) awaitRequests(slot);
  const chain = chainOf(slot, runtime.count(name));
  const reinstalls = Number(runtime.reinstalls(name));
  checked(native().ps_take(signum, flagsOf(slot), slot.base, slot.runtime!, chain, reinstalls), "sigaction");
  // A request would be the one delivery that a `resetHand` action is for.
  if (!slot.taken && isRealtime(signum) && !resetHand) steerToMainThread(signum);
  if (over) install(signum, over);
  const came = !slot.taken;
  slot.taken = true;
  slot.beneath = false;
  if (came) tellOthers(signum);
}

function flagsOf(slot: Slot): number {
  const { restart, resetHand, noChildStop, noChildWait } = slot.manner;
  return (restart ? constants.SA_RESTART : 0) |
    (resetHand ? constants.SA_RESETHAND : 0) |
    (noChildStop ? constants.SA_NOCLDSTOP : 0) |
    (noChildWait ? constants.SA_NOCLDWAIT : 0) |
    // A stack overflow can be reported only on the stack that its handler had asked for.
    (isFault(slot.signum) ? actionFlags(slot.base, layout) & constants.SA_ONSTACK : 0);
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

/** Nobody of ours needs the signal. Below another copy our handler stays: it is the other's to put back. */
function leave(slot: Slot): void {
  if (!slot.covered) return giveBack(slot);
  slot.taken = false;
  slot.beneath = true;
}

function giveBack(slot: Slot): void {
  if (slot.taken) awaitRequests(slot);
  slot.taken = false;
  slot.beneath = slot.covered = false;
  install(slot.signum, withoutUs(slot, runtime.count(slot.name)));
  tellOthers(slot.signum);
}

function install(signum: number, action: Action): void {
  checked(native().ps_sigaction(signum, action, new Uint8Array(layout.sigaction.size)), "sigaction");
}

let surfacing: (slot: Slot) => void = () => {};

/** Told of a signal before its default action, or whatever belongs there, is back. One owner: delivery.ts. */
export function onSurfacing(tell: (slot: Slot) => void): void {
  surfacing = tell;
}

// Another copy of this module comes or goes. Under it a burst is its to take; and what stands below it without
// being wanted leaves after it, with what was caught meanwhile, which the other has had.
announce({
  has: (signum) => slotOf(signum).taken,
  changed(signum) {
    const slot = slotOf(signum);
    if (!slot.taken && !slot.beneath) return;
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
  },
});

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
  if (slot.taken || slot.beneath) native().ps_chain(signum, chainOf(slot, count));
  else if (came || count === 0) install(signum, withoutUs(slot, count));
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
  const counters = new Uint8Array(3 * 8);
  native().ps_stats(signum, counters);
  return readCounters(counters)[0];
}
