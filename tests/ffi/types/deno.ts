/** Compiled by `deno check`, never run: the declarations in ffi/deno/runtime.ts must match Deno's own. */
import type { DenoRuntime } from "../../../ffi/deno/runtime.ts";

export const runtime: DenoRuntime = Deno;
