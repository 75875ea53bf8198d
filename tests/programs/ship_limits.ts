/** Cases of programs that have exhausted a limit of the process or of the user. */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import * as signal from "../../mod.ts";
import { type Cases, failure, runCase, until } from "./posix_cases.ts";

/** Opens as many descriptors as possible. */
function fillDescriptors(): number[] {
  const fds: number[] = [];
  try {
    for (;;) fds.push(openSync("/dev/null", "r"));
  } catch {
    return fds;
  }
}

const cases: Cases = {
  /** The first call without a free descriptor, repeated with one more each time until it succeeds. */
  descriptors() {
    const fds = fillDescriptors();
    const errors: string[] = [];
    let caught = "";
    for (; caught === ""; closeSync(fds.pop()!)) {
      try {
        signal.signal("SIGUSR2", (_signum, info) => void (caught = info.name));
        signal.raise("SIGUSR2");
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    return { caught, errors };
  },

  /** The descriptors run out after the first call. */
  async descriptorsLater() {
    const got: string[] = [];
    signal.signal("SIGUSR1", (_signum, info) => void got.push(info.name));
    const fds = fillDescriptors();
    signal.on("SIGUSR2", (_signum, info) => void got.push(info.name));
    signal.raise("SIGUSR2");
    signal.on("SIGALRM", (_signum, info) => void got.push(info.name));
    signal.setitimer(signal.ITIMER_REAL, 0.05);
    await until(() => got.length === 2);
    signal.shutdown().cancel();
    const refused = [failure(() => signal.inspect()), failure(() => signal.pidfdOpen(process.pid))];
    for (const fd of fds) closeSync(fd);
    return { got, refused };
  },

  /** With RLIMIT_SIGPENDING exhausted; the graceful end prints the last lines. */
  queue() {
    const got: [string, number?][] = [];
    for (const name of ["SIGUSR1", "SIGRTMIN", "SIGALRM"] as const) {
      signal.signal(name, (_signum, info) => void got.push([`${info.name} ${info.codeName}`, info.pid]));
    }
    signal.kill(process.pid, "SIGUSR1");
    signal.kill(process.pid, "SIGRTMIN");
    signal.setitimer(signal.ITIMER_REAL, 0.01);
    signal.pause();
    const message = (call: () => unknown) => {
      try {
        call();
        return "none";
      } catch (error) {
        return String(error);
      }
    };
    return {
      got,
      self: process.pid,
      sigqueue: message(() => signal.sigqueue(process.pid, "SIGRTMIN", 1)),
      shutdown: message(() => signal.shutdown()),
      endless: message(() => signal.shutdown({ deadline: Infinity }).cancel()),
    };
  },
};

await runCase(cases);
process.exit(0);
