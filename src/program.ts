/** The program: its native part, the states of its signals, and their deliveries. A second copy of this module with the
 * same ABI uses the program of the first. */
import {
  DEFAULT_RECORDS,
  keepAlive,
  layout,
  type NativePart,
  openNative,
  type OpenOptions,
  readMask,
  toMask,
} from "../ffi/mod.ts";
import { Deliveries } from "./delivery.ts";
import type { Ending } from "./ending.ts";
import { SignalState } from "./signal_state.ts";
import { isFault, numberOf, ownerOf, SIGRTMIN } from "./signals.ts";

/** Incremented with every change of `Program` that older copies cannot use. */
const ABI = 1;
const KEY = Symbol.for(`@posix/signal program, ABI ${ABI}`);
const shared = globalThis as { [KEY]?: Program };

export class Program {
  readonly #states = new Map<number, SignalState>();
  readonly #copies = new Set<string>();
  readonly #whenReplaced = new Set<() => void>();
  #part: NativePart | undefined;
  readonly #deliveries = new Deliveries((signum) => this.stateOf(signum));
  /** The number of reasons to keep the process alive. */
  #holders = 0;
  /** The signals that were blocked when the program started and that the main thread has not unblocked since. */
  readonly inherited = new Set<number>();
  /** The graceful end that `shutdown` prepared. */
  end: Ending | undefined;

  /** The native part; loads it at the first call. */
  open(options?: OpenOptions): NativePart {
    return this.#part ?? this.#open(options);
  }

  #open(options?: OpenOptions): NativePart {
    const part = openNative(options ?? { records: DEFAULT_RECORDS }, {
      woken: this.#deliveries.turn,
      idle: () => this.#idle(),
      delivered: (name) => this.#runtimeDelivered(name, false),
      emitted: (name) => this.#runtimeDelivered(name, true),
      copyChanged: (name) => this.#states.get(numberOf(name)!)?.copyChanged(),
      changed: (name, count) => {
        const signum = numberOf(name);
        if (signum === undefined) return;
        const known = this.#states.get(signum) ?? (part.overwrittenAtOpen.has(name) ? this.stateOf(signum) : undefined);
        known?.othersChanged(count);
      },
    }, SIGRTMIN);
    this.#deliveries.begin(part);
    this.#part = part;
    if (part.isMainThread) this.#adoptMask(part);
    return part;
  }

  /** A program may be started with signals blocked. All its threads inherit the mask, but Bun's event loop waits with
   * an empty one. So the first call moves these signals to the process-wide mask and unblocks them in the main
   * thread. */
  #adoptMask({ functions }: NativePart): void {
    const mask = new Uint8Array(8);
    functions.ps_sigmask(layout.constants.SIG_BLOCK, 0, 0, mask);
    if (mask.every((byte) => byte === 0)) return;
    for (const signum of holdable(readMask(mask))) if (!isFault(signum)) this.inherited.add(signum);
    if (this.inherited.size === 0) return;
    this.changeHeld(() => this.inherited.forEach((signum) => this.stateOf(signum).hold(this)));
    functions.ps_sigmask(layout.constants.SIG_UNBLOCK, ...toMask(this.inherited), mask);
  }

  get openedWith(): OpenOptions | undefined {
    return this.#part?.options;
  }

  get deliveries(): Deliveries {
    this.open();
    return this.#deliveries;
  }

  stateOf(signum: number): SignalState {
    return this.#states.get(signum) ?? this.#newState(signum);
  }

  #newState(signum: number): SignalState {
    const part = this.open();
    const state = new SignalState(signum, part, {
      flush: () => this.deliveries.flush(signum),
      discard: () => this.deliveries.discard(signum),
    }, this.#confining);
    this.#states.set(signum, state);
    return state;
  }

  /** The engine's helper threads are spawned before the first real-time signal, and confined with the others. */
  readonly #confining = (): void => {
    if (this.#deliveries.confinesThreads) return;
    this.#deliveries.confinesThreads = true;
    this.#part!.startHelpers();
  };

  get states(): Iterable<SignalState> {
    return this.#states.values();
  }

  /** The event loop has nothing left to do. @returns whether it has to wait for the runtime's report of a signal
   *
   * Race: Deno's signal thread receives chained signals too. If it reads one after the program's last listener was
   * removed, it takes the default action. Provoked by tests/examples/python_programs_test.ts on a busy machine. */
  #idle(): boolean {
    this.deliverCaught();
    for (const state of this.#states.values()) if (state.isInFlight) return true;
    return false;
  }

  /** Runs the handlers of all signals that were caught before, as a turn of the event loop does. */
  deliverCaught(): void {
    this.#part!.outside(this.#deliveries.longTurn);
  }

  /** The runtime called its listeners of a signal. A signal that no process sent (a watcher emits one before a reload,
   * other code with `process.emit`) is recorded like any other. */
  #runtimeDelivered(name: string, emitted: boolean): void {
    const state = this.#states.get(numberOf(name)!);
    if (!state) return;
    this.#deliveries.turn();
    if (!emitted ? !state.reportedByRuntime() : !state.isWanted) return;
    this.#part!.functions.ps_reported(state.signum);
    this.#deliveries.turn();
  }

  /** Applies a change of the held signals: to the C handler first, so that no delivery escapes the change; then to the
   * released signals, in the kernel's order, lowest number first. */
  changeHeld(change: () => void): void {
    const before = [...this.#states.values()].filter(({ isHeld }) => isHeld).sort((a, b) => a.signum - b.signum);
    change();
    this.#observeOpposites();
    const held = [...this.#states.values()].filter(({ isHeld }) => isHeld);
    this.open().functions.ps_hold(...toMask(held.map(({ signum }) => signum)));
    for (const state of held) state.maskChanged();
    const released = before.filter(({ isHeld }) => !isHeld);
    if (released.length === 0) return;
    this.deliveries.sortReleased(released);
    for (const state of released) state.maskChanged();
    this.#states.get(numberOf("SIGCONT")!)?.maskChanged();
  }

  /** SIGCONT discards a held stop signal, so SIGCONT is observed while one is held. An unheld stop signal stops the
   * process at once. */
  #observeOpposites(): void {
    const stops = [...this.#states.values()].some(({ isHeld, opposites, name }) =>
      isHeld && name !== "SIGCONT" && opposites.length > 0
    );
    const signum = numberOf("SIGCONT")!;
    const state = stops ? this.stateOf(signum) : this.#states.get(signum);
    state?.observe(stops);
    if (stops) state!.maskChanged();
  }

  /** Runs `fn` under a `deadline`; if it is stopped, ends the sections that it left open. */
  limited(fn: () => boolean, limit: number): boolean {
    if (!this.open().isMainThread) return fn();
    const outer = new Map([...this.#states.values()].map((state) => [state, state.holders]));
    if (this.deliveries.limited(fn, limit)) return true;
    this.changeHeld(() => {
      for (const state of this.#states.values()) state.keepHolders(new Set([...outer.get(state) ?? [], this]));
    });
    for (const state of this.#states.values()) state.complete();
    return false;
  }

  /** Adds a reason to keep the process alive. @returns the function that removes it, once */
  stayAlive(): () => void {
    if (this.#holders++ === 0) keepAlive(true);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      if (--this.#holders === 0) keepAlive(false);
    };
  }

  /** Calls `end` when a newer program replaces this one in the same process: `bun --hot`.
   * @returns the function that undoes this */
  whenReplaced(end: () => void): () => void {
    this.#whenReplaced.add(end);
    return () => this.#whenReplaced.delete(end);
  }

  /** A copy of this module was evaluated. If a copy with the same URL was evaluated before, the runtime runs a newer
   * version of the program in the same global object: the handlers and listeners of the previous version are
   * removed. */
  join(url: string): this {
    if (this.#copies.has(url)) {
      this.#copies.clear();
      this.#replace();
    }
    this.#copies.add(url);
    return this;
  }

  #replace(): void {
    if (!this.#part) return;
    this.deliverCaught();
    for (const end of [...this.#whenReplaced]) end();
    this.#whenReplaced.clear();
    for (const state of this.#states.values()) state.reset();
    this.#holders = 0;
    keepAlive(false);
    this.#part.functions.ps_hold(0, 0);
  }
}

/** Without the signals that cannot be held: SIGKILL and SIGSTOP, as in POSIX, and those that the engine uses itself. */
export function holdable(signals: Iterable<number>): Set<number> {
  const held = new Set<number>();
  for (const signum of signals) if (ownerOf(signum) === undefined) held.add(signum);
  return held;
}

let mine: Program | undefined;

/** The program of this process. */
export function program(): Program {
  return mine ?? findProgram();
}

function findProgram(): Program {
  return mine = (shared[KEY] ??= new Program()).join(import.meta.url);
}

let functions: NativePart["functions"] | undefined;

/** The C functions; opens the library at the first call. */
export function native(): NativePart["functions"] {
  return functions ??= program().open().functions;
}

/** Handlers run only on the thread that runs the process's main program. */
export function isMainThread(): boolean {
  return program().open().isMainThread;
}

export function stateOf(signum: number): SignalState {
  return program().stateOf(signum);
}

let deliveries: Deliveries | undefined;

/** Runs the handlers that are due, and returns the number of deliveries; 0 in a Worker. */
export function runHandlers(): number {
  return (deliveries ??= program().deliveries).run();
}
