/** Deno's event loop: its own listener of the wake signal, or `node:net` on a descriptor. */
import { type Loop, type Wake, WAKE_SIGNAL } from "../backend.ts";
import { keepListener, onOther } from "./listeners.ts";
import { finishByWriting, restoringBySnapshot } from "../process.ts";
import { followEvents } from "../uncaught.ts";
import { internals, outside } from "./runtime.ts";

/** The members used of `node:net`. */
interface Net {
  Socket: new (options: { fd: number; readable: boolean; writable: boolean }) => {
    on(event: "data", listener: () => void): unknown;
    unref(): unknown;
  };
}

/** From this many wake-ups a second `node:net` pays off: it costs 18 ms and 6 MB to load, and takes a third of the time
 * for each wake-up. */
const THICK = 256;

/** Without /proc Deno's Node layer aborts the process as it loads. */
function watch(wake: Wake, woken: () => void): void {
  let count = 0;
  let since = performance.now();
  let joined = false;
  const join = (): void => {
    if (joined) return;
    joined = true;
    const { Socket } = (globalThis as unknown as { process: { getBuiltinModule(name: "node:net"): Net } }).process
      .getBuiltinModule("node:net");
    outside(() => {
      const socket = new Socket({ fd: wake.fd, readable: true, writable: false });
      socket.on("data", () => queueMicrotask(() => outside(woken))); // an error thrown inside the listener is reported as null
      socket.unref();
    });
    wake.bySignal(false);
  };
  keepListener(WAKE_SIGNAL, () => {
    if (!joined && ++count >= THICK) {
      const now = performance.now();
      if (now - since < 1000 && wake.hasProc()) join();
      count = 0;
      since = now;
    }
    outside(woken);
  });
  if (!wake.bySignal(true)) join(); // another copy of this module uses it
  else onOther(WAKE_SIGNAL, join); // other code's listeners would be called by our wake-ups
}

function onExit(ending: () => void, idle: () => boolean): void {
  addEventListener("unload", ending);
  addEventListener("beforeunload", (event) => {
    if (!idle()) return;
    event.preventDefault();
    setTimeout(() => {}, 1);
  });
}

/** Deno reports `null` for an error in a Worker, which it has printed already. */
function printUncaught(error: unknown, isRejection: boolean): void {
  if (error === null) return;
  console.error(
    `error: Uncaught${isRejection ? " (in promise)" : ""}`,
    typeof error === "string" ? JSON.stringify(error) : error,
  );
}

export const loop: Loop = {
  // In Deno both kinds of Worker are the same, and `node:worker_threads` reports each as the main thread.
  isWorker: () => "DedicatedWorkerGlobalScope" in globalThis,
  watchesPipes: true,
  watch,
  outside,
  restoring: restoringBySnapshot,
  startHelpers: () => {},
  onExit,
  followErrors: followEvents,
  printUncaught,
  finish: finishByWriting,
  terminal() {
    if (!internals().__nodeProcessBootstrapped) return undefined;
    return (globalThis as unknown as { process: { stdout: { _refreshSize?(): void } } }).process.stdout;
  },
};
