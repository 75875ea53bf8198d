/** Loaded in Node before each program of the tests, which expect the default action for SIGUSR1 and the `Worker` of the
 * web platform.
 *
 * Node starts its debugger on SIGUSR1 until a listener has been added once; with `--disable-sigusr1` it blocks the
 * signal. */
import { isMainThread, parentPort, Worker as Thread } from "node:worker_threads";

if (isMainThread) {
  const noop = () => {};
  process.on("SIGUSR1", noop).off("SIGUSR1", noop);
}

type Listener = (event: { data: unknown }) => void;

/** The part of `Worker` that those programs use. */
class WebWorker {
  readonly #thread: Thread;

  constructor(url: string | URL) {
    this.#thread = new Thread(new URL(url));
  }

  set onmessage(listener: Listener) {
    this.#thread.removeAllListeners("message").on("message", (data) => listener({ data }));
  }

  set onerror(listener: (error: unknown) => void) {
    this.#thread.removeAllListeners("error").on("error", listener);
  }

  postMessage(message: unknown): void {
    this.#thread.postMessage(message);
  }

  terminate(): void {
    void this.#thread.terminate();
  }
}

Object.assign(globalThis, { Worker: WebWorker });
if (parentPort) {
  const port = parentPort;
  Object.assign(globalThis, { self: globalThis, postMessage: (message: unknown) => port.postMessage(message) });
  Object.defineProperty(globalThis, "onmessage", {
    set: (listener: Listener) => port.removeAllListeners("message").on("message", (data) => listener({ data })),
  });
}
