/** Compiled by `tsc` with bun-types, never run: what ffi/bun/ says of Bun must be what Bun says of
 * itself. Deno's compiler does not know Bun's modules, so deno.json leaves this directory out. */
import * as bunFfi from "bun:ffi";
import type { BunFfi } from "../../../ffi/bun/library.ts";
import type { BunRuntime } from "../../../ffi/bun/loop.ts";

type Connect = BunRuntime["connect"];

export const ffi: BunFfi = bunFfi;
export const runtime: Omit<BunRuntime, "connect"> = Bun;

/** Bun describes connecting a descriptor, but the declaration of `connect` leaves it out: the two ends
 * are compared instead. */
export const connectOptions = (options: Parameters<Connect>[0]): Bun.FdSocketOptions => options;
export const connected = (socket: Bun.Socket): Awaited<ReturnType<Connect>> => socket;
