/** Functions of the C library that the module under test does not offer, for the programs that look at
 * a process from within. */
import type { Functions, Prototypes } from "../../ffi/backend.ts";
import { backend as bun } from "../../ffi/bun.ts";
import { backend as deno } from "../../ffi/deno.ts";

export function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  return ("Bun" in globalThis ? bun : deno).libc(prototypes);
}

/** A null pointer where a buffer is expected. */
export const NULL = null as unknown as Uint8Array<ArrayBuffer>;
