/** Shared by Bun and Node: `process`, which names the platform and holds the signal listeners.
 *
 * Both install their handler with the first listener of a signal, over any installed handler, and another action when
 * the last listener is removed. So a listener of ours is registered before our handler is installed, and removed when
 * ours is uninstalled: neither replaces our handler. */
import type { ListenerEvents, RuntimeListeners } from "./backend.ts";
import { canonical } from "./backend.ts";
import { isKept, keptByAnother, noteKept, noteReleased } from "./kept.ts";

export type Listener = (...args: never[]) => void;

/** The members used of `process`. */
interface Emitter {
  readonly platform: string;
  readonly arch: string;
  readonly stdout: { _refreshSize?(): void };
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  listeners(event: string): Listener[];
  eventNames(): string[];
  removeAllListeners(event?: string): unknown;
}

const emitter = (): Emitter => (globalThis as unknown as { process: Emitter }).process;

/** The platform, as ffi/prebuilt names it. */
export const platform = {
  os(): string {
    const { platform } = emitter();
    return platform === "darwin" ? "macos" : platform === "win32" ? "windows" : platform;
  },
  arch(): string {
    const { arch } = emitter();
    return arch === "x64" ? "x86_64" : arch === "arm64" ? "aarch64" : arch;
  },
};

export const stdout = (): { _refreshSize?(): void } => emitter().stdout;

/** The members used of `node:async_hooks`. */
interface AsyncHooks {
  readonly AsyncLocalStorage: { snapshot(): <T>(fn: () => T) => T };
}

let root: (<T>(fn: () => T) => T) | undefined;

/** The present AsyncLocalStorage context is the one of `outside` from now on. Neither runtime exposes the root context.
 * So the context in which the native part is opened stands in for it, until the runtime itself calls this module. */
export function enterRoot(): void {
  const { AsyncLocalStorage } = (emitter() as unknown as { getBuiltinModule(name: string): AsyncHooks })
    .getBuiltinModule("node:async_hooks");
  root = AsyncLocalStorage.snapshot();
}

export const outside = <T>(fn: () => T): T => root ? root(fn) : fn();

let events: ListenerEvents | undefined;
/** Our listener of each signal that we handle, and of each event that we follow as long as the program runs. */
const ours = new Map<string, Listener>();
const permanent = new Map<string, Listener>();
/** Signals whose listener is not removed. */
const stays = new Set<string>();
/** Signals that the runtime itself listens to, through the same handler; their default action is to do nothing. */
const lived = new Set<string>();
let onOther = (): void => {};

/** Registers a listener of ours for good. It is never counted among other code's. */
export function keepListener(event: string, listener: Listener): void {
  permanent.set(event, listener);
  add(event, listener);
}

function add(event: string, listener: Listener): void {
  if (isSignal(event)) noteKept(event, listener);
  emitter().on(event, listener);
}

export function onExit(ending: () => void, idle: () => boolean): void {
  emitter().on("exit", ending);
  keepListener("beforeExit", idle);
}

const isOurs = (event: string, listener: Listener): boolean =>
  ours.get(event) === listener || permanent.get(event) === listener;

const isSignal = (event: string): boolean => event.startsWith("SIG");

const count = (name: string): number =>
  emitter().listeners(name).filter((listener) => !isKept(name, listener)).length + Number(lived.has(name));

/** A signal counts as listened to from now on, with or without other listeners. */
export function livesOn(name: string): void {
  lived.add(name);
}

/** Calls `tell` once other code listens to a signal that we do not handle. */
export function onFirstOther(tell: () => void): void {
  if (emitter().eventNames().some((event) => isSignal(String(event)) && count(String(event)) > 0)) tell();
  else onOther = tell;
}

/** Both runtimes report a listener before it is added; Bun does not report a removed one. */
function follow(): void {
  const process = emitter();
  keepListener("newListener", (event: string, listener: Listener) => {
    if (!isSignal(String(event))) return;
    const name = canonical(String(event));
    if (isKept(name, listener)) return;
    if (!ours.has(name)) onOther();
    events?.changed(name, count(name) + 1);
  });
  const { off: remove, removeAllListeners: removeAll } = process;
  process.off = process.removeListener = function removeListener(event, listener) {
    remove.call(process, event, listener);
    const name = canonical(String(event));
    if (ours.has(name) && isSignal(name)) events?.changed(name, count(name));
    return process;
  };
  process.removeAllListeners = function removeAllListeners(event) {
    for (const name of event === undefined ? process.eventNames() : [event]) {
      const key = canonical(String(name));
      if (!ours.has(key) && !permanent.has(key)) removeAll.call(process, name);
      else for (const listener of process.listeners(name)) if (!isOurs(key, listener)) process.off(name, listener);
    }
    return process;
  };
}

export const processListeners: Omit<RuntimeListeners, "dropsFlags"> = {
  installsOnce: false,
  hasInstalled: (name) => ours.has(name) || permanent.has(name),
  connect(to) {
    events = to;
    if (!permanent.has("newListener")) follow();
    return [];
  },
  keep(name, forGood = false) {
    if (forGood) stays.add(name);
    if (ours.has(name)) return;
    const listener = (): void => {
      events?.delivered(name);
      queueMicrotask(() => ours.has(name) && events?.changed(name, count(name))); // a `once` listener is removed now
    };
    ours.set(name, listener);
    add(name, listener);
  },
  release(name) {
    const listener = ours.get(name);
    if (!listener || stays.has(name)) return;
    ours.delete(name);
    if (count(name) > 0) onOther();
    emitter().off(name, listener);
    noteReleased(name, listener);
  },
  count,
  keptByAnother: (name) => keptByAnother(name, ours.get(name)),
  // Both have handlers of their own for these two (Bun at a terminal) that restore the terminal's modes and terminate
  // the process.
  actsByDefault: (name) =>
    lived.has(name) ? count(name) === 1 : (name === "SIGINT" || name === "SIGTERM") && count(name) === 0,
};
