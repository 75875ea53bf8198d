/** Other copies of this module in the same program: two versions of the package, or one under two URLs. Each
 * has a C handler of its own, and the one that came last stands over the other and calls it. What they must
 * know of each other is shared here. */

/** One copy, as the others see it. */
export interface Copy {
  /** Whether it listens to a signal, or holds it. */
  has(signum: number): boolean;
  /** Another copy has put its handler over whatever stood there, or has put that back. */
  changed(signum: number): void;
}

interface Shared {
  readonly copies: Set<Copy>;
  /** Listeners at the runtime that are no other code's. */
  readonly listeners: WeakSet<object>;
  /** Signals for which the runtime has installed its handler already. */
  readonly joined: Set<string>;
}

const KEY = Symbol.for("@posix/signal copies");
const shared = (): Shared =>
  (globalThis as { [KEY]?: Shared })[KEY] ??= {
    copies: new Set(),
    listeners: new WeakSet(),
    joined: new Set(),
  };

let self: Copy | undefined;

/** Lets the others see this copy, as soon as it has something to tell. */
export function announce(copy: Copy): void {
  self = copy;
}

/** This copy has been replaced, and has nothing any more. */
export function withdraw(): void {
  if (self) shared().copies.delete(self);
  self = undefined;
}

const others = (): Copy[] => [...shared().copies].filter((copy) => copy !== self);

export function othersHave(signum: number): boolean {
  return others().some((copy) => copy.has(signum));
}

/** This copy has put its handler over whatever stood there, or has put that back. */
export function tellOthers(signum: number): void {
  if (self) shared().copies.add(self);
  for (const copy of others()) copy.changed(signum);
}

export function markOwn(listener: object): void {
  shared().listeners.add(listener);
}

/** Notes that the runtime has its handler for a signal. @returns whether it had it before */
export function noteJoined(name: string): boolean {
  const { joined } = shared();
  return joined.has(name) || !joined.add(name);
}

/** Whether a listener at the runtime belongs to a copy of this module. */
export function isOwn(listener: object): boolean {
  return shared().listeners.has(listener);
}
