/** The library loader of the runtime that runs this. */
import type { Library } from "../../ffi/backend.ts";
import { backend as bun } from "../../ffi/bun/mod.ts";
import { backend as deno } from "../../ffi/deno/mod.ts";
import { backend as node } from "../../ffi/node/mod.ts";

export const loader: Library = ("Bun" in globalThis ? bun : "Deno" in globalThis ? deno : node).library;
