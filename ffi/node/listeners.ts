/** Node's signal listeners: `process.on`. libuv installs the default action when the last listener of a signal is
 * removed, and learns by SIGCHLD that a child has ended. */
import type { RuntimeListeners } from "../backend.ts";
import { processListeners } from "../process_listeners.ts";

export const listeners: RuntimeListeners = { ...processListeners, dropsFlags: false };
