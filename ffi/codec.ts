/** Bytes <-> plain values, by the offsets of layout.ts. Pure: nothing here calls native code. */
import type { layouts } from "./layout.ts";

export type Layout = (typeof layouts)[keyof typeof layouts];
interface Field {
  readonly at: number;
  readonly type: string;
}

/** Little-endian on every target. */
function read(view: DataView, { at, type }: Field, base = 0): number {
  at += base;
  switch (type) {
    case "i32":
      return view.getInt32(at, true);
    case "u32":
      return view.getUint32(at, true);
    case "i64":
      return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    case "u64":
      return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    default:
      throw new TypeError(`no number of type ${type}`);
  }
}

function write(view: DataView, { at, type }: Field, value: number): void {
  view.setInt32(at, value, true);
  if (type === "i64") view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** One record of the ring, seen where it lies in a drained buffer. */
export class RecordView {
  readonly #view: DataView;
  readonly #layout: Layout;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, layout: Layout) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#layout = layout;
  }

  moveTo(index: number): this {
    this.#at = index * this.#layout.record.size;
    return this;
  }

  get signum(): number {
    return read(this.#view, this.#layout.siginfo.si_signo, this.#at + this.#layout.record.info.at);
  }

  get flags(): number {
    return read(this.#view, this.#layout.record.flags, this.#at);
  }

  /** CLOCK_MONOTONIC in milliseconds. */
  get timeMs(): number {
    return read(this.#view, this.#layout.record.time_ns, this.#at) / 1e6;
  }

  /** A member of siginfo_t, or `undefined` where the platform has none of that name. */
  field(name: string): number | undefined {
    const field = (this.#layout.siginfo as unknown as Record<string, Field | undefined>)[name];
    return field && read(this.#view, field, this.#at + this.#layout.record.info.at);
  }
}

/** The two halves in which a set of signals crosses: bit n - 1 for signal n. */
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
export function plainAction(handler: 0 | 1, layout: Layout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.sigaction.size);
  new DataView(bytes.buffer).setBigUint64(layout.sigaction.sa_handler.at, BigInt(handler), true);
  return bytes;
}

/** sa_flags of a struct sigaction. */
export function actionFlags(action: Uint8Array<ArrayBuffer>, layout: Layout): number {
  return read(new DataView(action.buffer, action.byteOffset), layout.sigaction.sa_flags);
}

/** sa_mask of a struct sigaction. */
export function actionMask(action: Uint8Array<ArrayBuffer>, layout: Layout): Set<number> {
  const view = new DataView(action.buffer, action.byteOffset + layout.sigaction.sa_mask.at);
  return fromMask(view.getUint32(0, true), layout.sigset.size > 4 ? view.getUint32(4, true) : 0);
}

/** Seconds -> struct timeval, to the microsecond above: 1e-7 is 1 µs and 0.9999996 is 1 s, so that a
 * positive time never disarms and tv_usec never reaches a million. */
function writeTime(view: DataView, seconds: Field, micros: Field, value: number): void {
  let whole = Math.floor(value);
  let usec = Math.ceil((value - whole) * 1e6 - 1e-4); // 0.1 + 0.2 is not 300,001 µs
  if (usec <= 0) usec = value > 0 && whole === 0 ? 1 : 0;
  if (usec >= 1e6) {
    whole += 1;
    usec = 0;
  }
  write(view, seconds, whole);
  write(view, micros, usec);
}

/** A struct itimerval to be used again and again. */
export class Itimerval {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #fields: Layout["itimerval"];

  constructor({ itimerval }: Layout) {
    this.bytes = new Uint8Array(itimerval.size);
    this.#view = new DataView(this.bytes.buffer);
    this.#fields = itimerval;
  }

  set(seconds: number, interval: number): void {
    const fields = this.#fields;
    writeTime(this.#view, fields["it_value.tv_sec"], fields["it_value.tv_usec"], seconds);
    writeTime(this.#view, fields["it_interval.tv_sec"], fields["it_interval.tv_usec"], interval);
  }

  get(): [seconds: number, interval: number] {
    const fields = this.#fields;
    return [
      read(this.#view, fields["it_value.tv_sec"]) + read(this.#view, fields["it_value.tv_usec"]) / 1e6,
      read(this.#view, fields["it_interval.tv_sec"]) + read(this.#view, fields["it_interval.tv_usec"]) / 1e6,
    ];
  }
}

/** uint64_t[]. */
export function readCounters(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, i) => Number(view.getBigUint64(i * 8, true)));
}
