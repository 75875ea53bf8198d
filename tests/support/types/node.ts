/** Compiled by `tsc` with the types of Node, never run: the declarations in ffi/node/ must match Node's own. Deno's
 * compiler does not know node:ffi. */
import * as nodeFfi from "node:ffi";
import type { NodeFfi, NodeProcess } from "../../../ffi/node/library.ts";

/** The two declarations differ in the type of names: here a name is any string. */
export const dlopen = (...[path, definitions]: Parameters<NodeFfi["dlopen"]>): ReturnType<NodeFfi["dlopen"]> =>
  nodeFfi.dlopen(path, definitions);
export const version: NodeProcess["version"] = process.version;
