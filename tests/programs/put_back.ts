/** The action that `signal` returns, and the action after that was restored. The first argument names the case. */
import process from "node:process";
import * as signal from "../../mod.ts";

const handler = (_signum: number, info: signal.SigInfo): void => console.log(`handler: ${info.name}`);
const listener = (): void => console.log("listener");
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

const cases: Record<string, () => void | Promise<void>> = {
  /** As `old = signal.signal(...)` ... `signal.signal(..., old)` in Python, after other calls. */
  async previous() {
    signal.signal("SIGUSR2", handler);
    await new Promise((resolve) => setTimeout(resolve, 700)); // Deno has installed its handlers
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      const previous = signal.signal(name, handler);
      signal.raise(name);
      signal.signal(name, previous!);
      console.log(previous, signal.getsignal(name));
    }
    signal.raise("SIGTERM");
  },

  /** Our handler is installed last, after a call for another signal. */
  async listenerFirst() {
    process.on("SIGTERM", listener);
    signal.signal("SIGUSR2", handler);
    console.log(signal.signal("SIGTERM", handler));
    signal.raise("SIGTERM");
    await turn();
    process.off("SIGTERM", listener);
    signal.signal("SIGTERM", signal.SIG_DFL);
    signal.raise("SIGTERM");
  },

  listenerElsewhere() {
    process.on("SIGINT", listener);
    signal.signal("SIGTERM", handler);
    signal.raise("SIGTERM");
    signal.signal("SIGTERM", signal.SIG_DFL);
    signal.raise("SIGTERM");
  },
};

await cases[process.argv[2]]();
setTimeout(() => console.log("survived"), 1000);
