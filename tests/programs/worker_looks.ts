/** A Worker that shares the library with the main thread sends the process a signal and inspects its state, while the
 * main thread waits. Its argument is the library. */
import process from "node:process";
import * as signal from "../../mod.ts";

const [library] = process.argv.slice(2);
signal.open({ library });
let handled = 0;
signal.signal("SIGUSR1", () => {
  handled++;
});

const turn = new Int32Array(new SharedArrayBuffer(4));
const worker = new Worker(new URL("./worker_looks_thread.ts", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  if (data === "ready") {
    worker.postMessage({ library, turn });
    Atomics.wait(turn, 0, 0);
    return;
  }
  signal.check();
  console.log(JSON.stringify({ handled, caught: signal.stats("SIGUSR1").caught, seen: data }));
  worker.terminate();
};
