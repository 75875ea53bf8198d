/** Deno's signal listeners: `Deno.addSignalListener`, and `process.on`, which calls it.
 *
 * Deno installs its handler for a signal with the first listener, over any installed handler, and never again;
 * `deno run` does so half a second after start for SIGHUP, SIGINT, SIGTERM and SIGUSR1. A thread of Deno passes signals
 * on to listeners, and takes the default action for a signal without listeners. */
import { canonical, type ListenerEvents, type RuntimeListeners } from "../backend.ts";
import { isKept, keptByAnother, noteKept, noteReleased } from "../kept.ts";
import { type DenoRuntime, internals, outside, runtime } from "./runtime.ts";

type Listener = () => void;

/** The members used of `process`: an EventEmitter, whose `on` Deno has replaced for signals. */
interface Emitter {
  getBuiltinModule(name: "node:events"): { prototype: { on: Method; off: Method } };
}
type Method = (this: unknown, event: string, listener: Listener) => unknown;

let events: ListenerEvents | undefined;
/** No signal had a listener when this module began to follow listeners. */
let noneBefore = false;
let original: Pick<DenoRuntime, "addSignalListener" | "removeSignalListener"> | undefined;
/** Our listener of each signal, and the one that `process` shows for it. */
const ours = new Map<string, { listener: Listener; shown: Listener }>();
/** Signals whose listener `process` shall show. */
const shown = new Set<string>();
/** Signals whose listener is removed once Deno's thread has passed on the signals that it has received, by the last
 * release of each. */
const leaving = new Map<string, object>();
/** Signals whose listener stays registered. */
const permanent = new Set<string>();
/** Signals for which Deno has installed its handler. */
const installed = new Set<string>();
/** Other code's listeners whose registration was seen; signals that had other listeners before. */
const seen = new Map<string, Set<Listener>>();
const unseen = new Set<string>();

/** Deno installs its handler for these together with its first handler for any signal. */
const OWN: readonly string[] = ["SIGHUP", "SIGINT", "SIGTERM"];

const count = (name: string): number => (seen.get(name)?.size ?? 0) + Number(unseen.has(name));

/** Replaces the two functions that add and remove listeners by ours, which see every change. */
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

/** The number of signals with listeners: each is one resource in Deno's table, however many listeners it has.
 * `undefined` where the table cannot be read. */
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

/** Whether other code still has listeners of a signal besides those whose registration was seen.
 *
 * Race: between the two calls the signal has no listener, and one that Deno's thread receives just then takes its
 * default action, as without us when the last listener is removed. */
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
  // A listener registered before ours was not seen, and neither was the installation of Deno's handler.
  if (hadOne && count(name) === 0 && !keptByAnother(name, listener)) unseen.add(name);
  installed.add(name);
}

/** Makes `process.listeners(name)` include our listener, and `process.emit(name)` call it. */
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

/** `process` takes 10 ms to load, so it is not accessed before the program has loaded it: Deno then sets this flag. */
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
    // Frozen: our listeners are shown when other code adds its first one.
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
    const kept = {
      listener: () => outside(() => events?.delivered(name)),
      shown: () => outside(() => events?.emitted(name)),
    };
    try {
      keepListener(name, kept.listener);
    } catch {
      noteReleased(name, kept.listener); // SIGKILL, SIGSTOP, SIGILL, SIGFPE, SIGSEGV: Deno refuses these
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
    const release = {};
    const remove = (): void => {
      if (leaving.get(name) !== release) return;
      leaving.delete(name);
      ours.delete(name);
      noteReleased(name, kept.listener);
      original!.removeSignalListener(name, kept.listener);
    };
    leaving.set(name, release);
    // Race: Deno's thread may have received a signal without passing it on yet, and takes the default action for it
    // once no listener is left. Provoked by tests/posix/listeners_test.ts.
    if (inFlight) EventTarget.prototype.addEventListener.call(AbortSignal.timeout(IN_FLIGHT_MS), "abort", remove);
    else remove();
  },
  count,
  keptByAnother: (name) => keptByAnother(name, ours.get(name)?.listener),
  actsByDefault: (name) => OWN.includes(name) && count(name) === 0 && (noneBefore || ours.has(name)),
};

/** Deno's thread passes a signal on within this time. */
const IN_FLIGHT_MS = 1000;
