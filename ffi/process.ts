/** What Bun and Node have alike: `process`, which knows the platform and tells of signal listeners.
 *
 * Both install their handler when a signal gets its first listener, over whatever stands there, and
 * something else again after the last has left. Where we have a signal that other code begins to listen to,
 * a listener of our own comes first and never leaves: so the one happens once, just then, and the other never. */
import { canonical } from "./backend.ts";
import type { RuntimeListeners } from "./backend.ts";
import { isOwn, markOwn } from "./copies.ts";

export type Listener = (...args: never[]) => void;

/** What is used of `process`. */
interface Emitter {
  readonly platform: string;
  readonly arch: string;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  listeners(event: string): Listener[];
  eventNames(): string[];
  removeAllListeners(event?: string): unknown;
  getBuiltinModule(name: "node:async_hooks"): { AsyncLocalStorage: { snapshot(): <T>(fn: () => T) => T } };
}

const emitter = (): Emitter => (globalThis as unknown as { process: Emitter }).process;

/** The platform, as ffi/prebuilt names it. */
export const platform = {
  get os(): string {
    const { platform } = emitter();
    return platform === "darwin" ? "macos" : platform;
  },
  get arch(): string {
    const { arch } = emitter();
    return arch === "x64" ? "x86_64" : arch === "arm64" ? "aarch64" : arch;
  },
};

/** Our own listener at each event where we have one. It stays as long as the program. */
const ours = new Map<string, Listener>();
let notify: (name: string, count: number) => void = () => {};
let heard: (name: string, byOthers: boolean) => boolean = () => true;
let joined: (name: string) => void = () => {};

/** Signals that are ours, or were. */
const claimed = new Set<string>();
/** Signals that other code has ever listened to. */
const listenedTo = new Set<string>();
/** Signals that the runtime itself listens to, through the same handler; by default nothing is done. */
const lived = new Set<string>();

/** Adds a listener of ours, which stays and is never counted. */
export function stay(event: string, listener: Listener): void {
  markOwn(listener);
  ours.set(event, listener);
  emitter().on(event, listener);
}

export function onExit(ending: () => void, idle: () => void): void {
  emitter().on("exit", ending);
  stay("beforeExit", idle);
}

let root: (<T>(fn: () => T) => T) | undefined;

/** The context of the first call counts as outside. */
export function outside<T>(fn: () => T): T {
  root ??= emitter().getBuiltinModule("node:async_hooks").AsyncLocalStorage.snapshot();
  return root(fn);
}

/** `bun --hot` goes on with the same process object. */
export function leave(): void {
  const all = [...ours];
  ours.clear();
  claimed.clear();
  for (const [event, listener] of all) emitter().off(event, listener);
}

const count = (name: string): number =>
  emitter().listeners(name).filter((listener) => !isOwn(listener)).length + Number(lived.has(name));

/** From now on a signal counts as listened to, whoever else listens. */
export function livesOn(name: string): void {
  lived.add(name);
  listenedTo.add(name);
}

/** Calls `tell` as soon as other code listens to any signal at all. */
export function onFirstListener(tell: () => void): void {
  follow();
  if (emitter().eventNames().some((event) => isSignal(String(event)) && count(String(event)) > 0)) tell();
  else first = tell;
}

const isSignal = (event: string): boolean => event.startsWith("SIG");
let first = (): void => {};

/** Follows other code's listeners. Both runtimes tell of those that come, but Bun not of those that leave. */
function follow(): void {
  if (ours.has("newListener")) return;
  const process = emitter();
  stay("newListener", (event: string, listener: Listener) => {
    const name = canonical(String(event));
    if (isOwn(listener) || !isSignal(name)) return;
    first();
    if (!claimed.has(name)) return;
    if (!ours.has(name)) {
      guard(name);
      joined(name);
    }
    tell(name, count(name) + 1);
  });
  const { off: remove, removeAllListeners: removeAll } = process;
  process.off = process.removeListener = function removeListener(event, listener) {
    remove.call(process, event, listener);
    const name = canonical(String(event));
    if (claimed.has(name)) tell(name, count(name));
    return process;
  };
  process.removeAllListeners = function removeAllListeners(event) {
    for (const name of event === undefined ? process.eventNames() : [event]) {
      if (!claimed.has(canonical(String(name))) && !ours.has(String(name))) removeAll.call(process, name);
      else for (const listener of process.listeners(name)) if (!isOwn(listener)) process.off(name, listener);
    }
    return process;
  };
}

function tell(name: string, count: number): void {
  if (count > 0) listenedTo.add(name);
  notify(name, count);
}

/** Race: from the runtime's sigaction(2) for the guard until ours, its handler stands alone. A signal just
 * then comes to nobody but its listeners, of which the guard tells. Provoked by tests/programs/claim_window.ts. */
function guard(name: string): void {
  stay(name, () => {
    heard(name, listenedTo.has(name));
    // A `once` listener leaves as it is called.
    if (listenedTo.has(name)) queueMicrotask(() => notify(name, count(name)));
  });
}

/** Bun leaves its handler here after `node:vm` has run something with `breakOnSigint`. */
const DISPLACED = "SIGINT";

function claim(name: string): void {
  if (claimed.has(name)) return;
  follow();
  claimed.add(name);
  if (count(name) > 0) listenedTo.add(name);
  if (count(name) > 0 || name === DISPLACED) guard(name);
}

const OWN = new Set(["SIGINT", "SIGTERM"]);

/** Whether the runtime's handler has ever stood where ours does. */
export const guarded = (name: string): boolean => ours.has(name);

export const processListeners: Omit<RuntimeListeners, "reinstalls"> = {
  callsPrevious: false,
  collateral: [],
  claim,
  count,
  // Both have handlers of their own for these two (Bun at a terminal): they put its settings back and die.
  actsByDefault: (name) => lived.has(name) ? count(name) === 1 : OWN.has(name) && count(name) === 0,
  shield: () => {},
  onJoined(tell) {
    joined = tell;
  },
  onChange(changed) {
    notify = changed;
  },
  onHeard(tell) {
    heard = tell;
  },
};
