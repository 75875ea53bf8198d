/** Compiled by `deno check`, never run: what ffi/deno/runtime.ts says of Deno must be what Deno says of itself. */
import type { DenoRuntime } from "../../../ffi/deno/runtime.ts";

export const runtime: DenoRuntime = Deno;
