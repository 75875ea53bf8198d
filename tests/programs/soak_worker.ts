/** A Worker that sends queued signals to its own process, as many as requested. */
import { queue } from "./soak_queue.ts";

interface Scope {
  onmessage: (event: { data: { signum: number; count: number } }) => void;
  postMessage(sent: number): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: { signum, count } }) => {
  for (let value = 0; value < count; value++) queue(signum, value);
  scope.postMessage(count);
};
