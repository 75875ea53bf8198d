/** The state that copies of this module with different ABIs share in one program: the listeners that each keeps
 * registered with the runtime, so that no copy counts another's as other code's; and the callbacks for an installed or
 * removed C handler. */

type Listener = (...args: never[]) => void;

interface Shared {
  readonly kept: Map<string, Set<Listener>>;
  readonly copies: Set<(name: string) => void>;
}

const KEY = Symbol.for("@posix/signal copies");
const shared = (): Shared => (globalThis as { [KEY]?: Shared })[KEY] ??= { kept: new Map(), copies: new Set() };

function keptFor(name: string): Set<Listener> {
  const { kept } = shared();
  if (!kept.has(name)) kept.set(name, new Set());
  return kept.get(name)!;
}

export function noteKept(name: string, listener: Listener): void {
  keptFor(name).add(listener);
}

export function noteReleased(name: string, listener: Listener): void {
  keptFor(name).delete(listener);
}

export function isKept(name: string, listener: Listener): boolean {
  return keptFor(name).has(listener);
}

/** Whether another copy registered a listener first: that copy calls the runtime's handler. */
export function keptByAnother(name: string, ours: Listener | undefined): boolean {
  for (const first of keptFor(name)) return first !== ours;
  return false;
}

/** Calls `changed` when another copy has installed or removed its handler for a signal. */
export function joinCopies(changed: (name: string) => void): void {
  shared().copies.add(changed);
}

export function tellCopies(self: (name: string) => void, name: string): void {
  for (const changed of shared().copies) if (changed !== self) changed(name);
}
