/** The Worker of worker_looks.ts. */
import process from "node:process";
import * as signal from "../../mod.ts";

declare const self: Worker;

self.onmessage = ({ data: { library, turn } }) => {
  signal.open({ library });
  signal.kill(process.pid, "SIGUSR1");
  const { action, owner } = signal.inspect().signals.find(({ name }) => name === "SIGUSR1")!;
  const pending = [...signal.sigpending()];
  let refused = "";
  try {
    signal.stats("SIGUSR1");
  } catch (error) {
    refused = (error as Error).message;
  }
  Atomics.store(turn, 0, 1);
  Atomics.notify(turn, 0);
  self.postMessage({ action, owner: owner ?? null, pending, refused });
};
self.postMessage("ready");
