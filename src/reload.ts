/** Reloading a service. */
import { native, program } from "./program.ts";
import { options as checkOptions, requireFunction, someSignals } from "./arguments.ts";
import { tellManager } from "./notify.ts";
import { type Listener, on, type SignalsLike, withOff } from "./on.ts";
import type { SigInfo } from "./siginfo.ts";

/** Options of `reload`: the signals that request it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const options: signal.ReloadOptions = { signals: ["SIGHUP", "SIGUSR1"] };
 * using _reload = signal.reload((info) => console.log(info.name), options);
 * signal.raise("SIGUSR1"); // => SIGUSR1
 * ```
 * @see systemd.service(5), ReloadSignal= */
export interface ReloadOptions {
  /** Default: SIGHUP. */
  readonly signals?: SignalsLike;
}

const ACTION = "reload on a signal";

/** Runs `fn(info)` for each of `signals`, one run at a time. However many signals arrive during a run, a single run
 * follows it, with the newest of them. If `fn` throws or rejects, the error is reported, and the next signal starts
 * another run.
 *
 * The service manager is notified: `RELOADING=1` with `MONOTONIC_USEC` when a run begins, `READY=1` when no run is
 * left, whether the runs succeeded or not. After `off()` a current run completes, and no other follows. From the
 * `STOPPING=1` of a shutdown on no run begins, and the manager is told nothing more.
 *
 * @throws {TypeError} `fn` is no function.
 * @throws {RangeError} No signal is given.
 * @throws {PosixError} `EINVAL`: a signal that cannot be caught.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import { setTimeout as delay } from "node:timers/promises";
 * import * as signal from "@posix/signal";
 *
 * let runs = 0;
 * signal.reload(async () => {
 *   await delay(20); // reads the configuration
 *   console.log(`reloaded ${++runs}`);
 * });
 * for (let i = 0; i < 3; i++) signal.raise("SIGHUP");
 * // => reloaded 1
 * // => reloaded 2
 * ```
 * @see sd_notify(3), RELOADING=1; systemd.service(5), Type=notify-reload */
export function reload(fn: (info: SigInfo) => unknown, options?: ReloadOptions): Listener {
  requireFunction(fn, ACTION, "fn");
  const { signals: sigs = "SIGHUP" } = checkOptions<ReloadOptions>(options, ACTION, ["signals"]);
  const signals = someSignals(sigs, ACTION);

  const isStopping = (): boolean => program().end?.isStopping ?? false;
  let running = false;
  let next: SigInfo | undefined;
  const run = async () => {
    running = true;
    for (let info; (info = next) && !isStopping();) {
      next = undefined;
      tellManager(`RELOADING=1\nMONOTONIC_USEC=${Math.floor(native().ps_now_ms() * 1000)}`);
      try {
        await fn(info);
      } catch (error) {
        console.error("Reload failed:", error);
      }
    }
    running = false;
    if (!isStopping()) tellManager("READY=1");
  };

  const listener = on(signals, (_signum, info) => {
    next = info;
    if (!running && !isStopping()) void run();
  });
  return withOff(listener, () => {
    next = undefined;
    return listener.off();
  });
}
