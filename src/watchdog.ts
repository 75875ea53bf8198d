/** The service manager's watchdog: sd_watchdog_enabled(3). */
import { every } from "../ffi/mod.ts";
import { native } from "./program.ts";
import { requireFunction, show } from "./arguments.ts";
import { PosixError } from "./errors.ts";
import { environment, tellManager } from "./notify.ts";

const always = (): boolean => true;
/** The checks of all watchdogs: a passing check must not hide a failing one. */
const checks = new Set<{ check: () => boolean | Promise<boolean> }>();
let stopTimer: (() => void) | undefined;

/** Sends `WATCHDOG=1` to the service manager twice in each `WATCHDOG_USEC`, as long as the event loop turns and
 * `check()` is true. While the loop hangs, or the check is false, rejects or throws, nothing is sent, and the manager
 * terminates the service and restarts it. An error of `check` is reported.
 *
 * It never keeps the process alive, and does nothing if `WATCHDOG_USEC` or `NOTIFY_SOCKET` is not set, or if
 * `WATCHDOG_PID` is another process, as it is under a task runner (there the unit runs
 * `env -u WATCHDOG_PID deno task start`). Of several watchdogs every check must be true.
 *
 * @param check Whether the service works; it may be asynchronous. Default: the event loop turns.
 * @throws {TypeError} `check` is no function.
 * @throws {PosixError} `EINVAL`: WATCHDOG_USEC or WATCHDOG_PID is no number.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let lastRow = performance.now();
 * setTimeout(() => lastRow = performance.now(), 10); // whenever the work goes on
 * signal.watchdog(() => performance.now() - lastRow < 30_000);
 * ```
 * @see sd_watchdog_enabled(3); systemd.service(5), WatchdogSec= */
export function watchdog(check: () => boolean | Promise<boolean> = always): Disposable {
  requireFunction(check, "start the watchdog", "check");
  const ms = interval();
  const entry = { check };
  if (ms !== undefined) {
    checks.add(entry);
    stopTimer ??= every(ms, () => void look());
    void look();
  }
  return {
    [Symbol.dispose]() {
      checks.delete(entry);
      if (checks.size > 0) return;
      stopTimer?.();
      stopTimer = undefined;
    },
  };
}

/** Half of the manager's timeout, in milliseconds, if the manager watches this process. */
function interval(): number | undefined {
  const micros = numberIn("WATCHDOG_USEC");
  if (micros === undefined || !environment("NOTIFY_SOCKET")) return undefined;
  if ((numberIn("WATCHDOG_PID") ?? native().ps_getpid()) !== native().ps_getpid()) return undefined;
  return Math.min(Math.max(micros / 2000, 1), 2 ** 31 - 1); // the limit of setInterval
}

function numberIn(name: string): number | undefined {
  const text = environment(name);
  if (text === undefined) return undefined;
  if (/^\d{1,19}$/.test(text) && Number(text) > 0) return Number(text);
  throw new PosixError("sd_watchdog_enabled", "EINVAL", `${name} must be a number above 0, got ${show(text)}`);
}

async function look(): Promise<void> {
  try {
    if (await areWell()) tellManager("WATCHDOG=1");
  } catch (error) {
    console.error("Watchdog check failed:", error);
  }
}

async function areWell(): Promise<boolean> {
  for (const { check } of checks) {
    const well = await check();
    if (typeof well !== "boolean") throw new TypeError(`'check' must return true or false, got ${show(well)}`);
    if (!well) return false;
  }
  return checks.size > 0; // disposed meanwhile
}
