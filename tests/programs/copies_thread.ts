/** What the process does with SIGUSR2, seen from a Worker. */
import { inspect, SIGUSR2 } from "../../mod.ts";

declare const self: Worker;
const { action } = inspect().signals.find(({ signum }) => signum === SIGUSR2)!;
self.postMessage(action);
