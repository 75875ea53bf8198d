/** Compiled by `tsc` with bun-types, never run: the declarations in ffi/bun/ must match Bun's own. Deno's compiler does
 * not know Bun's modules, so deno.json excludes this directory. */
import * as bunFfi from "bun:ffi";
import type { BunFfi } from "../../../ffi/bun/library.ts";
import type { BunRuntime } from "../../../ffi/bun/loop.ts";

type Connect = BunRuntime["connect"];

export const ffi: BunFfi = bunFfi;
export const runtime: Omit<BunRuntime, "connect"> = Bun;

/** Bun has types for connecting a descriptor, but its declaration of `connect` omits them: argument and result are
 * compared separately. */
export const connectOptions = (options: Parameters<Connect>[0]): Bun.FdSocketOptions => options;
export const connected = (socket: Bun.Socket): Awaited<ReturnType<Connect>> => socket;
