const SMALL = 16; // a power of two, as every size of the ring
const LARGE = 1024;

const empty = <T>(size: number): (T | undefined)[] => new Array<T | undefined>(size).fill(undefined);

/** A first-in, first-out queue at constant cost: a ring buffer that grows when it is full and keeps no reference to an
 * item that was removed. */
export class Queue<T> {
  #ring = empty<T>(SMALL);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): T | undefined {
    return index < this.#length ? this.#ring[this.#place(index)] : undefined;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[this.#place(this.#length)] = item;
    this.#length++;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const next = this.#place(1);
    const item = this.#ring[this.#head];
    // No call from here on, where a `deadline` could stop it half done.
    this.#ring[this.#head] = undefined;
    this.#head = next;
    this.#length--;
    if (this.#length === 0 && this.#ring.length > LARGE) this.clear();
    return item;
  }

  /** Removes the second item. */
  removeSecond(): void {
    const second = this.#place(1);
    // No call here either: the first item would be in the ring twice.
    this.#ring[second] = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = second;
    this.#length--;
  }

  clear(): void {
    this.#ring = empty<T>(SMALL);
    this.#head = this.#length = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i)!;
  }

  #place(index: number): number {
    return (this.#head + index) & (this.#ring.length - 1);
  }

  #grow(): void {
    const all = [...this];
    this.#ring = [...all, ...empty<T>(all.length)];
    this.#head = 0;
  }
}
