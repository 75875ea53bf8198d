/** Cases of inspect(); the first argument picks the case. Each changes the state of some signals, prints the result of
 * inspect() as the last line before `ready`, and lives until its input ends. */
import { readSync } from "node:fs";
import * as signal from "../../mod.ts";

const [, , name, ...args] = process.argv;

const cases: Record<string, () => unknown> = {
  self() {
    signal.signal("SIGHUP", () => {});
    signal.on("SIGTERM", () => {});
    signal.signal("SIGUSR2", signal.SIG_IGN);
    process.on("SIGWINCH", () => {});
    signal.signal("SIGXCPU", () => {});
    signal.signal("SIGXCPU", signal.SIG_DFL);
    signal.pthreadSigmask(signal.SIG_BLOCK, "SIGALRM");
    signal.sigprocmask(signal.SIG_BLOCK, ["SIGUSR1", "SIGTERM"]);
    signal.raise("SIGUSR1");
    signal.raise("SIGALRM");
    return signal.inspect();
  },

  other: () => args.map((pid) => signal.inspect(Number(pid))),

  refusals() {
    const pids: unknown[] = [0, -1, 1.5, "1", 2 ** 32 + 1, 4194305];
    return pids.map((pid) => {
      try {
        signal.inspect(pid as number);
        return "none";
      } catch (error) {
        const { name, code } = error as signal.PosixError;
        return name === "PosixError" ? `${name} ${code}` : name;
      }
    });
  },
};

console.log(JSON.stringify(cases[name]()));
console.log("ready");
readSync(0, new Uint8Array(1));
