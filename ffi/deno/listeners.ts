/** Deno's signal listeners: `Deno.addSignalListener`, and `process.on`, which calls it.
 *
 * Deno installs a handler for a signal when it is first listened to, over whatever is installed, and never again;
 * `deno run` does so half a second after start for SIGHUP, SIGINT, SIGTERM and SIGUSR1. A thread of its own passes
 * signals on to listeners, and takes the default action for one that has none. */
import { canonical, type ListenerEvents, type RuntimeListeners } from "../backend.ts";
import { isKept, keptByAnother, noteKept, noteReleased } from "../kept.ts";
import { type DenoRuntime, internals, runtime } from "./runtime.ts";

type Listener = () => void;

/** What is used of `process`: an EventEmitter, whose `on` for signals Deno has replaced. */
interface Emitter {
  getBuiltinModule(name: "node:events"): { prototype: { on: Method; off: Method } };
}
type Method = (this: unknown, event: string, listener: Listener) => unknown;

let events: ListenerEvents | undefined;
/** Nobody listened to anything when this module began to follow listeners. */
let noneBefore = false;
let original: Pick<DenoRuntime, "addSignalListener" | "removeSignalListener"> | undefined;
/** Our listener of each signal where we have one, and the one that `process` shows. */
const ours = new Map<string, { listener: Listener; shown: Listener }>();
/** Those that `process` shall show. */
const shown = new Set<string>();
/** Those that are removed once Deno's thread has passed on what it has taken up. */
const leaving = new Set<string>();
/** Those that stay registered. */
const permanent = new Set<string>();
/** Signals for which Deno has installed its handler. */
const installed = new Set<string>();
/** Other code's listeners, as far as their registration was seen; and signals that had others before. */
const seen = new Map<string, Set<Listener>>();
const unseen = new Set<string>();

/** Deno installs its handler for these along with the first for any signal. */
const OWN: readonly string[] = ["SIGHUP", "SIGINT", "SIGTERM"];

const count = (name: string): number => (seen.get(name)?.size ?? 0) + Number(unseen.has(name));

/** The two functions that add and remove listeners, with ours in their place: they see every change. */
function follow(): NonNullable<typeof original> {
  if (original) return original;
  const deno = runtime();
  const { addSignalListener: add, removeSignalListener: remove } = deno;
  original = { addSignalListener: add, removeSignalListener: remove };
  noneBefore = listenedTo() === 0;
  deno.addSignalListener = function addSignalListener(name, listener) {
    const key = canonical(name);
    if (isKept(key, listener)) return add(name, listener);
    const hadOne = hadListener(() => add(name, listener));
    if (hadOne && !installed.has(key)) unseen.add(key);
    installed.add(key);
    if (!seen.has(key)) seen.set(key, new Set());
    seen.get(key)!.add(listener);
    if (key === otherOf) onOtherAdded();
    events?.changed(key, count(key));
  };
  deno.removeSignalListener = function removeSignalListener(name, listener) {
    remove(name, listener);
    const key = canonical(name);
    const before = count(key);
    seen.get(key)?.delete(listener);
    if (unseen.has(key) && count(key) === 1 && !hasOther(key)) unseen.delete(key);
    if (count(key) !== before) events?.changed(key, count(key));
  };
  return original;
}

let otherOf = "";
let onOtherAdded = (): void => {};

/** Calls `tell` once other code listens to this signal. */
export function onOther(name: string, tell: () => void): void {
  if (count(name) > 0) return tell();
  otherOf = name;
  onOtherAdded = tell;
}

/** How many signals are listened to: each holds one resource in Deno's table, however many listen. `undefined` where
 * the table cannot be read. */
function listenedTo(): number | undefined {
  const resources = internals().core?.resources?.();
  return resources && Object.values(resources).filter((kind) => kind === "signal").length;
}

/** Whether the signal to which `add` adds a listener had one already. */
function hadListener(add: () => void): boolean | undefined {
  const before = listenedTo();
  add();
  return before === undefined ? undefined : listenedTo() === before;
}

/** Whether other code still listens to a signal, besides the listeners whose registration was seen.
 *
 * Race: between the two calls nobody listens, and a signal that Deno's thread takes up just then takes its default
 * action, as it would without us when the last listener is removed. */
function hasOther(name: string): boolean {
  const listener = ours.get(name)?.listener ?? ((): void => {});
  original!.removeSignalListener(name, listener);
  const had = hadListener(() => original!.addSignalListener(name, listener));
  if (!ours.has(name)) original!.removeSignalListener(name, listener);
  return had ?? true;
}

/** Registers a listener of ours, which is never counted among other code's. */
export function keepListener(name: string, listener: Listener): void {
  const { addSignalListener } = follow();
  noteKept(name, listener);
  const hadOne = hadListener(() => addSignalListener(name, listener));
  // One that was there before ours was not seen, and neither was Deno's handler installed for it.
  if (hadOne && count(name) === 0 && !keptByAnother(name, listener)) unseen.add(name);
  installed.add(name);
}

/** `process.listeners(name)` counts ours as well, and `process.emit(name)` reaches it. */
function show(name: string): void {
  shown.add(name);
  const kept = ours.get(name);
  if (!kept || !internals().__nodeProcessBootstrapped) return;
  const { process } = globalThis as unknown as { process: Emitter };
  const { on, off } = process.getBuiltinModule("node:events").prototype;
  off.call(process, name, kept.shown);
  on.call(process, name, kept.shown);
}

function hide(name: string, listener: Listener): void {
  shown.delete(name);
  if (!internals().__nodeProcessBootstrapped) return;
  const { process } = globalThis as unknown as { process: Emitter };
  process.getBuiltinModule("node:events").prototype.off.call(process, name, listener);
}

/** `process` takes 10 ms to load, so it is not touched before the program has loaded it itself: then Deno notes so
 * here. */
function onProcessLoaded(then: () => void): void {
  const deno = internals();
  if (deno.__nodeProcessBootstrapped) return;
  let loaded: boolean | undefined = false;
  try {
    Object.defineProperty(deno, "__nodeProcessBootstrapped", {
      configurable: true,
      enumerable: true,
      get: () => loaded,
      set(value: boolean) {
        loaded = value;
        if (value) then();
      },
    });
  } catch {
    // Frozen: ours are shown when other code's first listener is added.
  }
}

export const listeners: RuntimeListeners = {
  installsOnce: true,
  hasInstalled: (name) => installed.has(name),
  dropsFlags: false,
  connect(to) {
    events = to;
    follow();
    onProcessLoaded(() => queueMicrotask(() => shown.forEach(show)));
    return OWN;
  },
  keep(name, forGood = false) {
    if (forGood) permanent.add(name);
    leaving.delete(name);
    if (ours.has(name)) return show(name);
    const kept = { listener: () => events?.delivered(name), shown: () => events?.emitted(name) };
    try {
      keepListener(name, kept.listener);
    } catch {
      noteReleased(name, kept.listener); // SIGKILL, SIGSTOP, SIGILL, SIGFPE, SIGSEGV: Deno never takes those
      return;
    }
    ours.set(name, kept);
    if (!forGood) show(name);
  },
  release(name, inFlight) {
    const kept = ours.get(name);
    if (!kept) return;
    hide(name, kept.shown);
    if (permanent.has(name)) return;
    const remove = (): void => {
      if (!leaving.delete(name)) return;
      ours.delete(name);
      noteReleased(name, kept.listener);
      original!.removeSignalListener(name, kept.listener);
    };
    leaving.add(name);
    // Race: Deno's thread may have a signal that it has not passed on yet, and takes the default action for it once
    // no listener is left. Provoked by tests/posix/listeners_test.ts.
    if (inFlight > 0) EventTarget.prototype.addEventListener.call(AbortSignal.timeout(IN_FLIGHT_MS), "abort", remove);
    else remove();
  },
  count,
  keptByAnother: (name) => keptByAnother(name, ours.get(name)?.listener),
  actsByDefault: (name) => OWN.includes(name) && count(name) === 0 && (noneBefore || ours.has(name)),
  leave() {}, // a newer program starts in a world of its own
};

/** Deno's thread passes a signal on within this. */
const IN_FLIGHT_MS = 1000;
