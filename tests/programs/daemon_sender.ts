/** A thread that sends signals to its own process on request, as fast as it can. */
import * as signal from "../../mod.ts";

interface Scope {
  onmessage: (event: { data: { shared: Int32Array; signum: number } }) => void;
  postMessage(message: string): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data: { shared, signum } }) => {
  signal.kill(process.pid, 0);
  scope.postMessage("ready");
  for (;;) {
    while (Atomics.compareExchange(shared, 0, 1, 0) !== 1);
    signal.kill(process.pid, signum);
    Atomics.store(shared, 1, 1);
  }
};
