/** The listeners that this module keeps registered with the runtime. Two copies of another ABI in one program each have
 * some: they are shared here, so that none takes another's for a listener of other code. */

type Listener = (...args: never[]) => void;

const KEY = Symbol.for("@posix/signal kept listeners");

function keptFor(name: string): Set<Listener> {
  const shared = globalThis as { [KEY]?: Map<string, Set<Listener>> };
  const all = shared[KEY] ??= new Map();
  if (!all.has(name)) all.set(name, new Set());
  return all.get(name)!;
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

/** Whether a copy of another ABI keeps one, and so has the runtime's handler called. */
export function keptByAnother(name: string, ours: Listener | undefined): boolean {
  const kept = keptFor(name);
  return kept.size > (ours && kept.has(ours) ? 1 : 0);
}
