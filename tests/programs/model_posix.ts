/** A process with one thread and its signals, by the rules of POSIX and CPython: pure, and small enough to review.
 * Comments name the points in which this module promises less. */

export interface Action {
  readonly kind: "default" | "ignore" | "handler";
  /** The handler's number. */
  readonly id: number;
  /** The signal that it sends to its own process. */
  readonly sends: number;
  readonly restart: boolean;
  readonly resetHand: boolean;
  readonly mask: readonly number[];
}

const plain = { id: 0, sends: 0, restart: true, resetHand: false, mask: [] };
export const DEFAULT: Action = { kind: "default", ...plain };
export const IGNORE: Action = { kind: "ignore", ...plain };

interface Pending {
  readonly signum: number;
  readonly value: number | null;
  order: number;
  /** Released with others: the kernel has built the frame of its handler, and nothing discards it any more. */
  caught: boolean;
}

export interface Signals {
  /** Ignored by default. */
  readonly ignored: readonly number[];
  readonly stops: readonly number[];
  readonly continues: number;
}

/** The limit of signals that handlers send in one command: two handlers may signal each other for ever. */
const SENDS = 4;

export class Model {
  actions = new Map<number, Action>();
  blocked = new Set<number>();
  /** The sections of `hold` that have not ended. */
  sections: number[][] = [];
  pending: Pending[] = [];
  /** Signals whose handlers run, and those of their masks. */
  deferred: number[] = [];
  /** The arguments of each handler call. */
  log: string[] = [];
  sends = SENDS;
  /** A default action has terminated or stopped it. */
  struck = false;
  #order = 0;

  constructor(readonly signals: Signals) {}

  clone(): Model {
    const copy = new Model(this.signals);
    copy.actions = new Map(this.actions);
    copy.blocked = new Set(this.blocked);
    copy.sections = this.sections.map((section) => [...section]);
    copy.pending = this.pending.map((each) => ({ ...each }));
    copy.log = [...this.log];
    copy.#order = this.#order;
    return copy;
  }

  action(signum: number): Action {
    return this.actions.get(signum) ?? DEFAULT;
  }

  isHeld(signum: number): boolean {
    return this.blocked.has(signum) || this.sections.some((section) => section.includes(signum));
  }

  begin(): void {
    this.sends = SENDS;
  }

  // ---- calls of a program ----

  send(signum: number, value: number | null): void {
    const { stops, continues } = this.signals;
    const waits = this.isHeld(signum) || this.#isDeferred(signum);
    if (signum === continues) this.#drop((each) => stops.includes(each));
    // an ignored stop signal discards no SIGCONT: it has no visible effect
    if (!waits && this.#isIgnored(signum)) {
      if (this.#isObserved(signum)) this.#deliver(); // what is due runs before a call that sent a caught signal returns
      return;
    }
    if (stops.includes(signum)) this.#drop((each) => each === continues);
    if (signum < 32 && this.pending.some((each) => each.signum === signum && !each.caught)) return;
    this.pending.push({ signum, value, order: this.#order++, caught: false });
    this.#deliver();
  }

  /** @returns the action before */
  install(signum: number, action: Action): Action {
    const before = this.action(signum);
    this.actions.set(signum, action);
    if (this.#isIgnored(signum)) this.#drop((each) => each === signum);
    return before;
  }

  interrupt(signum: number, flag: boolean): void {
    const action = this.action(signum);
    if (action.kind === "handler") this.actions.set(signum, { ...action, restart: !flag });
    if (this.#isIgnored(signum)) this.#drop((each) => each === signum);
  }

  /** @returns the set before */
  setMask(how: "block" | "unblock" | "set", signals: readonly number[]): number[] {
    const before = [...this.blocked].sort((a, b) => a - b);
    this.#change(() => {
      if (how === "set") this.blocked = new Set(signals);
      for (const signum of signals) {
        if (how === "block") this.blocked.add(signum);
        if (how === "unblock") this.blocked.delete(signum);
      }
    });
    return before;
  }

  enter(signals: readonly number[]): void {
    this.sections.push([...signals]);
  }

  leave(index: number): void {
    this.#change(() => this.sections.splice(index, 1));
  }

  /** Lowest number first. */
  take(signals: readonly number[]): Pending | null {
    const found = this.pending.filter(({ signum }) => signals.includes(signum))
      .sort((a, b) => a.signum - b.signum || a.order - b.order)[0];
    if (!found) return null;
    this.pending.splice(this.pending.indexOf(found), 1);
    return found;
  }

  waiting(): number[] {
    const waiting = this.pending.map(({ signum }) => signum)
      .filter((signum) => this.isHeld(signum) || this.#isDeferred(signum));
    return [...new Set(waiting)].sort((a, b) => a - b);
  }

  // ---- actions of the kernel ----

  #isIgnored(signum: number): boolean {
    const { kind } = this.action(signum);
    return kind === "ignore" || (kind === "default" && this.signals.ignored.includes(signum));
  }

  /** SIGCONT has a handler of this module's while a stop signal is held. */
  #isObserved(signum: number): boolean {
    const { stops, continues } = this.signals;
    return signum === continues && stops.some((stop) => this.isHeld(stop));
  }

  /** A mask defers handlers, and no default action, which acts at once. */
  #isDeferred(signum: number): boolean {
    const hasHandler = this.action(signum).kind === "handler" || this.#isObserved(signum);
    return this.deferred.includes(signum) && hasHandler;
  }

  #drop(which: (signum: number) => boolean): void {
    this.pending = this.pending.filter(({ signum, caught }) => caught || !which(signum));
  }

  /** Signals released together are delivered lowest number first, before this returns. */
  #change(change: () => void): void {
    const before = this.pending.filter(({ signum }) => this.isHeld(signum));
    change();
    const released = before.filter(({ signum }) => !this.isHeld(signum));
    // A default action acts before the first handler runs: for that the kernel has only built the frame.
    this.struck ||= released.some(({ signum }) => this.action(signum).kind === "default" && !this.#isIgnored(signum));
    for (const each of released) each.caught = true;
    const orders = released.map(({ order }) => order).sort((a, b) => a - b);
    released.sort((a, b) => a.signum - b.signum || a.order - b.order).forEach((each, i) => each.order = orders[i]);
    this.#deliver();
  }

  #deliver(): void {
    for (;;) {
      const next = this.pending.filter(({ signum }) => !this.isHeld(signum) && !this.#isDeferred(signum))
        .sort((a, b) => a.order - b.order)[0];
      if (!next || this.struck) return;
      this.pending.splice(this.pending.indexOf(next), 1);
      this.#act(next);
    }
  }

  #act({ signum, value }: Pending): void {
    const action = this.action(signum);
    if (this.#isIgnored(signum)) return;
    if (action.kind === "default") {
      this.struck = true;
      return;
    }
    if (action.resetHand) this.actions.set(signum, DEFAULT);
    this.log.push(`${action.id} ${signum} ${value}`);
    const outer = this.deferred;
    this.deferred = [...outer, signum, ...action.mask];
    if (action.sends > 0 && this.sends-- > 0) this.send(action.sends, null);
    this.log.push(`${action.id} ends, pending ${this.waiting()}`);
    this.deferred = outer;
  }
}
