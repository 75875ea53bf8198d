/** The backend of the runtime that runs this. */
import type { Backend } from "../../ffi/backend.ts";
import { backend as bun } from "../../ffi/bun.ts";
import { backend as deno } from "../../ffi/deno.ts";
import { backend as node } from "../../ffi/node.ts";

export const backend: Backend = "Bun" in globalThis ? bun : "Deno" in globalThis ? deno : node;
