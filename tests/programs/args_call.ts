/** Evaluates each argument, a call of this module, and prints the exception or the result, and whether the process's
 * signal state changed. */
import { readFileSync } from "node:fs";
import * as signal from "../../mod.ts";

// Deno installs handlers for these half a second after its start, which would look like a change of ours.
for (const name of ["SIGHUP", "SIGUSR1"]) process.on(name, () => {});

function dispositionsAndTimers(): string {
  const lines = readFileSync("/proc/self/status", "utf8").split("\n").filter((line) =>
    /^(Sig|Shd)(Cgt|Ign|Blk|Pnd)/.test(line)
  );
  const handlers = [...signal.validSignals()].map((signum) => signal.getsignal(signum));
  const [left, interval] = signal.getitimer(signal.ITIMER_REAL);
  const armed = left > 990 && left <= 1000 && interval === 7;
  const others = [signal.getitimer(signal.ITIMER_VIRTUAL), signal.getitimer(signal.ITIMER_PROF)];
  return JSON.stringify([lines, handlers, armed, others]);
}

const handler = (): void => {};
signal.setitimer(signal.ITIMER_REAL, 1000, 7);

for (const source of process.argv.slice(2)) {
  const call = new Function("signal", "handler", "self", `return ${source}`);
  const before = dispositionsAndTimers();
  let result: Record<string, unknown>;
  try {
    result = { returned: await call(signal, handler, process.pid) ?? null };
  } catch (error) {
    const { name, message, code, errno, syscall } = error as signal.PosixError;
    result = { name, message, code, errno, syscall };
  }
  console.log(JSON.stringify({ ...result, unchanged: before === dispositionsAndTimers() }));
}
