/** The process's action for SIGUSR2, as a Worker sees it. */
import { inspect, SIGUSR2 } from "../../mod.ts";

declare const self: Worker;
const { action } = inspect().signals.find(({ signum }) => signum === SIGUSR2)!;
self.postMessage(action);
