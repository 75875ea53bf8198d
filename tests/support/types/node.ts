/** Compiled by `tsc` with the types of Node, never run: what ffi/node/ says of Node must be what Node says
 * of itself. Deno's compiler does not know node:ffi. */
import * as nodeFfi from "node:ffi";
import type { NodeFfi, NodeProcess } from "../../../ffi/node/library.ts";

/** The two differ in what they know of names: here they are any text. */
export const dlopen = (...[path, definitions]: Parameters<NodeFfi["dlopen"]>): ReturnType<NodeFfi["dlopen"]> =>
  nodeFfi.dlopen(path, definitions);
export const version: NodeProcess["version"] = process.version;
