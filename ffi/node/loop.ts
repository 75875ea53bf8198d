/** Node's event loop: `node:net` on a descriptor. */
import type { Loop, Wake } from "../backend.ts";
import { finishByWriting, isLimited } from "../process.ts";
import { enterRoot, livesOn, onExit, outside, stdout } from "../process_listeners.ts";
import { followExceptions } from "../uncaught.ts";

/** The members used of `process`. */
export interface NodeProcess {
  getBuiltinModule(name: "node:worker_threads"): { readonly isMainThread: boolean };
  getBuiltinModule(name: "node:net"): {
    Socket: new (options: { fd: number; readable: boolean; writable: boolean }) => {
      on(event: "data", listener: () => void): unknown;
      unref(): unknown;
    };
  };
}

const node = (): NodeProcess => (globalThis as unknown as { process: NodeProcess }).process;

/** The descriptor is never closed: it is needed as long as the process runs. */
function watch(wake: Wake, woken: () => void): void {
  livesOn("SIGCHLD");
  enterRoot();
  const { Socket } = node().getBuiltinModule("node:net");
  const socket = new Socket({ fd: wake.fd, readable: true, writable: false });
  socket.on("data", () => outside(woken));
  socket.unref();
}

function printUncaught(error: unknown): void {
  console.error("Uncaught", error);
}

export const loop: Loop = {
  // The module takes 1.5 ms to load.
  isWorker: (isBeside) => isBeside && !node().getBuiltinModule("node:worker_threads").isMainThread,
  watchesPipes: true,
  watch,
  // Node aborts the process if code is stopped that has entered a snapshot's context, as it never leaves it.
  outside: (fn) => isLimited() ? fn() : outside(fn),
  restoring: (fn) => fn(),
  startHelpers: () => {},
  onExit,
  followErrors: followExceptions,
  printUncaught,
  finish: finishByWriting,
  terminal: stdout,
};
