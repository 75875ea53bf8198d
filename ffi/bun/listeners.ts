/** Bun's signal listeners: `process.on`. When the last listener of a signal is removed, Bun restores the handler that
 * it displaced through signal(3), which drops its flags. */
import type { RuntimeListeners } from "../backend.ts";
import { processListeners } from "../process_listeners.ts";

export const listeners: RuntimeListeners = { ...processListeners, dropsFlags: true };
