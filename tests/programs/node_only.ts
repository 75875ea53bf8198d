/** Behaviour of Node alone. The first argument picks the case. */
import { spawn } from "node:child_process";
import * as signal from "../../mod.ts";
import { type Cases, runCase, turn } from "./posix_cases.ts";

/** The exit status of a child as Node reports it. */
const status = (code: number): Promise<unknown> =>
  new Promise((resolve) => spawn("sh", ["-c", `exit ${code}`]).on("close", resolve));

/** The owner of SIGUSR1's action: Node's own handler starts its debugger. */
const owner = () => signal.inspect().signals.find(({ name }) => name === "SIGUSR1")!.owner;

const cases: Cases = {
  /** Exit statuses of children while we handle SIGCHLD and after that, with other listeners added and removed. */
  async children() {
    const ends: unknown[] = [await status(1)];
    let heard = 0;
    const ours = signal.on("SIGCHLD", () => void heard++);
    ends.push(await status(2));
    const theirs = () => {};
    process.on("SIGCHLD", theirs).off("SIGCHLD", theirs);
    ends.push(await status(3));
    process.removeAllListeners("SIGCHLD");
    ends.push(await status(4));
    ours.off();
    ends.push(await status(5));
    signal.signal("SIGCHLD", signal.SIG_DFL);
    ends.push(await status(6));
    await turn();
    return { ends, heard, left: signal.getsignal("SIGCHLD") };
  },

  /** SIGUSR1 while we handle it, and its owner after that. */
  async debugger() {
    const before = owner();
    let heard = 0;
    const ours = signal.on("SIGUSR1", () => void heard++);
    signal.kill(process.pid, "SIGUSR1");
    await turn();
    ours.off();
    return { before, heard, after: owner() };
  },

  refused() {
    try {
      signal.check();
      signal.signal("SIGINT", () => {});
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  },
};

await runCase(cases);
process.exit(0);
