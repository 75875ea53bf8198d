/** Bun's signal listeners: `process.on`. When the last listener of a signal is removed, Bun restores the handler that
 * its own replaced through signal(3), which drops the flags. */
import type { RuntimeListeners } from "../backend.ts";
import { processListeners } from "../process_listeners.ts";

export const listeners: RuntimeListeners = { ...processListeners, dropsFlags: true };
