/** The backend for Deno: `Deno.dlopen`, `Deno.addSignalListener`, `node:net` on a descriptor.
 *
 * Deno installs a handler for a signal when it is first listened to, over whatever stands there, and
 * never again; `deno run` does so half a second after start for SIGHUP, SIGINT, SIGTERM and SIGUSR1.
 * A signal that reaches it without a listener takes its default action on a thread of its own. So:
 * every signal is registered once before we take it (`claim`), and passed on to Deno only while other
 * code listens, which `count` knows because it sees each `Deno.addSignalListener`. */
import { canonical } from "./backend.ts";
import type { Backend, Functions, NativeType, OutputStream, Prototypes, Wake } from "./backend.ts";
import { followEvents } from "./uncaught.ts";
import { isOwn, markOwn, noteJoined } from "./copies.ts";
import { sha256 } from "./sha256.ts";

/** What is used of the `Deno` namespace. */
export interface DenoRuntime {
  readonly build: { readonly os: string; readonly arch: string };
  readonly errors: { readonly NotCapable: new (message: string, options?: ErrorOptions) => Error };
  readonly permissions: { requestSync(of: { name: "ffi" }): { readonly state: string } };
  dlopen(
    path: string,
    symbols: Record<string, { parameters: Exclude<NativeType, "void">[]; result: NativeType }>,
    // deno-lint-ignore no-explicit-any
  ): { symbols: any };
  addSignalListener(name: string, listener: () => void): void;
  removeSignalListener(name: string, listener: () => void): void;
}

const runtime = (): DenoRuntime => (globalThis as unknown as { Deno: DenoRuntime }).Deno;

/** Deno compiles a call for each function it opens, 0.1 ms each, and takes as long again for the opening: of a
 * library that stays where it is, `first` is opened now, and what is rarely wanted when it is first used. */
function open<T extends Prototypes>(path: string, prototypes: T, first?: readonly (keyof T)[]): Functions<T> {
  const dlopen = (names: string[]) =>
    runtime().dlopen(
      path,
      Object.fromEntries(names.map((name) => {
        const { args, result } = prototypes[name];
        return [name, { parameters: [...args], result }];
      })),
    ).symbols;
  const names = Object.keys(prototypes);
  if (!first) return dlopen(names);
  const functions = {};
  const opened = dlopen(first as string[]);
  for (const name of names) {
    if (first.includes(name)) {
      Object.defineProperty(functions, name, { value: opened[name] });
      continue;
    }
    Object.defineProperty(functions, name, {
      configurable: true,
      get() {
        const { [name]: value } = dlopen([name]);
        Object.defineProperty(functions, name, { value });
        return value;
      },
    });
  }
  return functions as Functions<T>;
}

/** "" opens the process itself, as `dlopen(NULL)` does in C, but on macOS nothing. Without the permission
 * Deno would only complain of the empty path, so it is asked for first. */
function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  const { build, errors, permissions } = runtime();
  if (permissions.requestSync({ name: "ffi" }).state !== "granted") throw new errors.NotCapable("FFI is not permitted");
  return open(build.os === "darwin" ? "/usr/lib/libSystem.B.dylib" : "", prototypes);
}

/** Has `then` called on the event loop, which that does not keep alive: the timer of an AbortSignal counts only
 * for listeners that came through its own method. `setTimeout` takes Deno 5 ms to load. */
function later(ms: number, then: () => void): void {
  EventTarget.prototype.addEventListener.call(AbortSignal.timeout(ms), "abort", then);
}

/** `node:net` takes 18 ms to load, so a program that ends at once does not: it joins the event loop when that
 * has turned once, and until it is there, looks at each turn. Closed by nobody: it lives as long as the process.
 * Without /proc Deno's Node layer aborts the process as it loads: there Deno's own listener wakes. */
function watch(wake: Wake, wakened: () => void): void {
  claim(wake.carrier, true); // the first signal brings Deno's other handlers with it: now, not later
  let joined = false;
  const look = (): void => {
    wakened();
    if (!joined) later(0, look);
  };
  later(0, () => {
    wakened();
    later(0, () => {
      if (wake.hasProc()) {
        void import("node:net").then(({ Socket }) => {
          const socket = new Socket({ fd: wake.fd, readable: true, writable: false });
          socket.on("data", wakened);
          socket.unref();
          later(0, () => later(0, () => joined = true)); // it reads from the second turn on
        });
      } else {
        markOwn(wakened);
        follow().addSignalListener(wake.carrier, wakened);
        wake.carry(true);
        joined = true;
      }
      look();
    });
  });
}

function onExit(ending: () => void, idle: () => void): void {
  addEventListener("unload", ending);
  addEventListener("beforeunload", idle);
}

/** `end` would never call back for a stream that the program has ended itself. */
function finish(stream: OutputStream, done: () => void): void {
  if (stream.writable) stream.write("", done);
  else done();
}

/** `node:async_hooks` takes 30 ms to load. */
function outside<T>(fn: () => T): T {
  // deno-lint-ignore no-explicit-any
  const deno = runtime() as any;
  const { core } = deno[deno.internal];
  if (!core?.getAsyncContext || !core.setAsyncContext) return fn();
  const context = core.getAsyncContext();
  core.setAsyncContext(undefined);
  try {
    return fn();
  } finally {
    core.setAsyncContext(context);
  }
}

/** `null` is what Deno tells of an error in a Worker, which it has printed already. */
function printUncaught(error: unknown, isRejection: boolean): void {
  if (error === null) return;
  console.error(
    `error: Uncaught${isRejection ? " (in promise)" : ""}`,
    typeof error === "string" ? JSON.stringify(error) : error,
  );
}

function explain(error: unknown): unknown {
  if (!(error instanceof runtime().errors.NotCapable)) return error;
  return new (runtime().errors.NotCapable)(
    "Cannot load the native part of @posix/signal: run again with --allow-ffi " +
      "(or grant one file, --allow-ffi=./libsignal.so, and call open({ library: './libsignal.so' }) first)",
    { cause: error },
  );
}

const noop = (): void => {};
const registered = new Set<string>();
const shielded = new Set<string>();
const guards = new Map<string, () => void>();
/** Signals with listeners that were there before we could see them come. */
const unseen = new Set<string>();
const seen = new Map<string, Set<() => void>>();
let original: Pick<DenoRuntime, "addSignalListener" | "removeSignalListener"> | undefined;
let notify: (name: string, count: number) => void = noop;
let heard: (name: string, byOthers: boolean) => boolean = () => true;
/** Nobody listened to anything when we began to follow. */
let noneBefore = false;

/** Those for which Deno installs a handler together with the first one it is asked for. */
const OWN = new Set(["SIGHUP", "SIGINT", "SIGTERM"]);

const count = (name: string): number => (seen.get(name)?.size ?? 0) + (unseen.has(name) ? 1 : 0);

/** Follows other code's listeners, by standing in for the two functions that add and remove them;
 * `process.on` comes through them as well. */
function follow(): NonNullable<typeof original> {
  if (original) return original;
  const deno = runtime();
  const { addSignalListener: add, removeSignalListener: remove } = deno;
  original = { addSignalListener: add, removeSignalListener: remove };
  markOwn(noop);
  noneBefore = listenedTo() === 0;
  deno.addSignalListener = function addSignalListener(name, listener) {
    if (isOwn(listener)) return add(name, listener);
    const key = canonical(name);
    const hadOne = hadListener(() => add(name, listener));
    if (hadOne && !registered.has(key)) unseen.add(key);
    registered.add(key);
    if (!seen.has(key)) seen.set(key, new Set());
    seen.get(key)!.add(listener);
    notify(key, count(key));
  };
  deno.removeSignalListener = function removeSignalListener(name, listener) {
    remove(name, listener);
    const key = canonical(name);
    const before = count(key);
    seen.get(key)?.delete(listener);
    if (unseen.has(key) && count(key) === 1 && !stillListenedTo(name)) unseen.delete(key);
    if (count(key) !== before) notify(key, count(key));
  };
  return original;
}

/** How many signals are listened to: each holds one resource in Deno's table, however many listen.
 * `undefined` where the table cannot be read. */
function listenedTo(): number | undefined {
  try {
    // deno-lint-ignore no-explicit-any
    const deno = runtime() as any;
    return Object.values(deno[deno.internal].core.resources()).filter((kind) => kind === "signal").length;
  } catch {
    return undefined;
  }
}

/** Whether the signal to which `add` adds a listener had one already. */
function hadListener(add: () => void): boolean | undefined {
  const before = listenedTo();
  add();
  return before === undefined ? undefined : listenedTo() === before;
}

/** Whether other code listens to a signal still, besides the listeners that we saw come.
 *
 * Race: for the moment between the two calls nobody listens, and a signal that Deno's thread takes up
 * just then takes its default action, as it would without us when the last listener leaves. */
function stillListenedTo(name: string): boolean {
  unguard(canonical(name));
  original!.removeSignalListener(name, noop);
  const had = hadListener(() => original!.addSignalListener(name, noop));
  if (!shielded.has(canonical(name))) original!.removeSignalListener(name, noop);
  return had ?? true;
}

/** Race: from Deno's sigaction(2) until ours, Deno's handler stands alone. What comes just then comes to
 * nobody but the guard, which tells, and stays until Deno's thread has surely handed everything on: it would
 * take the default action for what nobody listens to. Provoked by tests/programs/claim_window.ts.
 *
 * Race: the three that Deno takes along with the first have no guard, until what stood there is back. */
function claim(name: string, found: boolean): void {
  if (registered.has(name)) return;
  const { addSignalListener } = follow();
  registered.add(name);
  const guard = () => {
    if (!heard(name, count(name) > 0 || shielded.has(name))) unguard(name);
  };
  markOwn(guard);
  try {
    const hadOne = hadListener(() => addSignalListener(name, guard)); // unknown: the careful answer
    guards.set(name, guard);
    if (found && hadOne !== false) unseen.add(name);
    const before = noteJoined(name);
    // Found without a listener, it stands there again when we leave, and must act by default.
    if (found ? hadOne === false : before) unguard(name);
    else later(GUARD_MS, () => unguard(name));
  } catch {
    // SIGKILL, SIGSTOP, SIGILL, SIGFPE, SIGSEGV and the nameless: Deno never takes those.
  }
}

const GUARD_MS = 1000;

function unguard(name: string): void {
  const guard = guards.get(name);
  if (guard && guards.delete(name)) original!.removeSignalListener(name, guard);
}

/** Stays for good: once signals have been passed on, one may still be on its way to Deno's thread. */
function shield(name: string): void {
  if (shielded.has(name)) return;
  shielded.add(name);
  original?.addSignalListener(name, noop);
}

export const backend: Backend = {
  name: "Deno",
  get os() {
    const { os } = runtime().build;
    return os === "darwin" ? "macos" : os;
  },
  get arch() {
    return runtime().build.arch;
  },
  engineSignals: {},
  watchesPipes: true,
  opensLate: true,
  // In Deno both kinds of Worker are one, and of `node:worker_threads` each is told that it is the main thread.
  isWorker: () => "DedicatedWorkerGlobalScope" in globalThis,
  open,
  libc,
  sha256,
  watch,
  startHelpers: noop,
  leave: noop, // a newer program starts in a world of its own
  onExit,
  outside,
  followErrors: followEvents,
  printUncaught,
  finish,
  explain,
  listeners: {
    callsPrevious: true,
    reinstalls: () => false,
    collateral: ["SIGHUP", "SIGINT", "SIGTERM"],
    claim,
    count,
    actsByDefault(name) {
      if (!OWN.has(name) || count(name) > 0) return false;
      return registered.has(name) || (original ? noneBefore : listenedTo() === 0);
    },
    shield,
    onJoined: noop, // never
    onChange(changed) {
      notify = changed;
    },
    onHeard(tell) {
      heard = tell;
    },
  },
};
