/** Bytes <-> plain values, by the offsets of layout.ts. Pure: nothing here calls native code. */
import { layouts } from "./layout.ts";

export type Layout = (typeof layouts)[keyof typeof layouts];
/** The offset and type of a member of a struct. */
export interface Field {
  readonly at: number;
  readonly type: string;
}

/** The members of siginfo_t; macOS lacks some. */
export type SiginfoFields = {
  readonly [name in Exclude<keyof (typeof layouts)["linux-x86_64"]["siginfo"], "size">]?: Field;
};

/** A record of the ring in words of 32 bits, on every target. */
export const RECORD_WORDS = layouts["linux-x86_64"].record.size / 4;

/** A struct as 32-bit words: every target is little-endian, and every member is aligned to a word. */
function wordsOf(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Reads a member of the struct that begins at words[base]. */
export function readField(words: Int32Array, { at, type }: Field, base = 0): number {
  const low = base + at / 4;
  switch (type) {
    case "i32":
      return words[low];
    case "u32":
      return words[low] >>> 0;
    case "i64":
      return words[low + 1] * 2 ** 32 + (words[low] >>> 0);
    case "u64":
      return (words[low + 1] >>> 0) * 2 ** 32 + (words[low] >>> 0);
    default:
      throw new TypeError(`no number of type ${type}`);
  }
}

function write(words: Int32Array, { at, type }: Field, value: number): void {
  words[at >> 2] = value;
  if (type === "i64") words[(at >> 2) + 1] = Math.floor(value / 2 ** 32);
}

/** The two halves in which a set of signals is passed to C: bit n - 1 for signal n. */
export function toMask(signals: Iterable<number>): [low: number, high: number] {
  let low = 0;
  let high = 0;
  for (const signal of signals) {
    if (signal <= 32) low |= 1 << (signal - 1);
    else high |= 1 << (signal - 33);
  }
  return [low >>> 0, high >>> 0];
}

export function fromMask(low: number, high: number): Set<number> {
  const signals = new Set<number>();
  for (let bit = 0; bit < 32; bit++) if (low >>> bit & 1) signals.add(bit + 1);
  for (let bit = 0; bit < 32; bit++) if (high >>> bit & 1) signals.add(bit + 33);
  return signals;
}

/** A mask as C writes it: uint64_t. */
export function readMask(bytes: Uint8Array<ArrayBuffer>): Set<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return fromMask(view.getUint32(0, true), view.getUint32(4, true));
}

/** struct sigaction with SIG_DFL (0) or SIG_IGN (1). */
export function plainAction(handler: 0 | 1, layout: Layout, flags = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.sigaction.size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(layout.sigaction.sa_handler.at, BigInt(handler), true);
  view.setInt32(layout.sigaction.sa_flags.at, flags, true);
  return bytes;
}

/** sa_flags of a struct sigaction. */
export function actionFlags(action: Uint8Array<ArrayBuffer>, layout: Layout): number {
  return readField(wordsOf(action), layout.sigaction.sa_flags);
}

/** sa_mask of a struct sigaction. */
export function actionMask(action: Uint8Array<ArrayBuffer>, layout: Layout): Set<number> {
  const view = new DataView(action.buffer, action.byteOffset + layout.sigaction.sa_mask.at);
  return fromMask(view.getUint32(0, true), layout.sigset.size > 4 ? view.getUint32(4, true) : 0);
}

/** Seconds -> struct timeval, rounded up to the microsecond: 1e-7 is 1 µs and 0.9999996 is 1 s, so that a positive time
 * never disarms and tv_usec never reaches a million. */
function writeTime(words: Int32Array, seconds: Field, micros: Field, value: number): void {
  let whole = Math.floor(value);
  let usec = Math.ceil((value - whole) * 1e6 - 1e-4); // 0.1 + 0.2 is not 300,001 µs
  if (usec <= 0) usec = value > 0 && whole === 0 ? 1 : 0;
  if (usec >= 1e6) {
    whole += 1;
    usec = 0;
  }
  write(words, seconds, whole);
  write(words, micros, usec);
}

/** A reusable struct itimerval. */
export class Itimerval {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;
  readonly #fields: Layout["itimerval"];

  constructor({ itimerval }: Layout) {
    this.bytes = new Uint8Array(itimerval.size);
    this.#words = wordsOf(this.bytes);
    this.#fields = itimerval;
  }

  set(seconds: number, interval: number): void {
    const fields = this.#fields;
    writeTime(this.#words, fields["it_value.tv_sec"], fields["it_value.tv_usec"], seconds);
    writeTime(this.#words, fields["it_interval.tv_sec"], fields["it_interval.tv_usec"], interval);
  }

  get(): [seconds: number, interval: number] {
    const fields = this.#fields;
    return [
      readField(this.#words, fields["it_value.tv_sec"]) + readField(this.#words, fields["it_value.tv_usec"]) / 1e6,
      readField(this.#words, fields["it_interval.tv_sec"]) +
      readField(this.#words, fields["it_interval.tv_usec"]) / 1e6,
    ];
  }
}

/** uint64_t[]. */
export function readCounters(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, i) => Number(view.getBigUint64(i * 8, true)));
}
