/** Compiled by `deno check`, never run: what ffi/deno.ts says of Deno must be what Deno says of itself. */
import type { DenoRuntime } from "../../../ffi/deno.ts";

export const runtime: DenoRuntime = Deno;
