/** Functions of the C library that the module under test does not offer, for programs that inspect a process from
 * within. */
import type { Functions, Prototypes } from "../../ffi/backend.ts";
import { loader } from "./posix_backend.ts";

export function libc<T extends Prototypes>(prototypes: T): Functions<T> {
  return loader.libc(prototypes);
}

/** A library of the test's own. */
export function load<T extends Prototypes>(path: string, prototypes: T): Functions<T> {
  return loader.open(path, prototypes);
}

/** A null pointer where a buffer is expected. */
export const NULL = null as unknown as Uint8Array<ArrayBuffer>;
