/** What becomes of a program whose child, to which it forwards, ends with status 5. The argument says what the program
 * does beside. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const cases: Record<string, (child: ChildProcess) => unknown> = {
  nothing: (child) => signal.forward(child),
  off: (child) => signal.forward(child).off(),
  "only the pid": ({ pid }) => signal.forward({ pid }),
  "process.exit"(child) {
    signal.forward(child);
    child.on("exit", () => process.exit(9));
  },
  /** The child ends first, in a deferred function. */
  shutdown(child) {
    signal.forward(child, "SIGUSR1");
    signal.shutdown().defer("the child", () => new Promise((resolve) => child.on("exit", resolve)));
    signal.raise("SIGTERM");
  },
};

process.on("exit", (code) => console.log(`exit ${code}`));
const child = spawn("sh", ["-c", "read line; exit 5"], { stdio: ["pipe", "inherit", "inherit"] });
cases[process.argv[2]](child);
child.stdin!.end();
