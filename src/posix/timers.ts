/** Timers: alarm(2), setitimer(2), getitimer(2). */
import { Itimerval, layout } from "../../ffi/mod.ts";
import { native } from "../program.ts";
import { seconds as checkSeconds, show, wholeNumber } from "../arguments.ts";
import { ItimerError } from "../errors.ts";

/** Counts real time and sends SIGALRM; shared with `alarm`.
 * @see POSIX.1-2008 <sys/time.h> */
export const ITIMER_REAL = 0;
/** Counts the processor time that the program uses and sends SIGVTALRM.
 * @see POSIX.1-2008 <sys/time.h> */
export const ITIMER_VIRTUAL = 1;
/** Counts the processor time of the program, and of the kernel on its behalf, and sends SIGPROF.
 * @see POSIX.1-2008 <sys/time.h> */
export const ITIMER_PROF = 2;

const value = new Itimerval(layout);
const old = new Itimerval(layout);

/** The longest time of a timer: 2^53 microseconds, the limit of exact numbers (285 years). */
const MAX_SECONDS = 2 ** 53 / 1e6;

/** `alarm(2)`: sends SIGALRM in `seconds`; 0 cancels. One alarm at a time, shared with `ITIMER_REAL`.
 *
 * @param seconds Whole seconds, 0 to 4294967295; for fractions see `setitimer`.
 * @returns The whole seconds that the previous alarm had left, 0 if there was none. glibc rounds to the nearest, musl
 * and macOS round up.
 * @throws {RangeError} `seconds` is not whole, negative, or too large.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.alarm(60)); // => 0
 * console.log(signal.alarm(0)); // => 60
 * ```
 * @see POSIX.1-2024 alarm */
export function alarm(seconds: number): number {
  if (typeof seconds === "number" && seconds % 1 !== 0 && Number.isFinite(seconds)) {
    throw new RangeError(
      `Cannot set an alarm: 'seconds' must be whole, got ${
        show(seconds)
      }; setitimer(ITIMER_REAL, ${seconds}) takes fractions`,
    );
  }
  return native().ps_alarm(wholeNumber(seconds, "set an alarm", "seconds", 0, 2 ** 32 - 1));
}

function timer(which: unknown, syscall: string): number {
  if (which === 0 || which === 1 || which === 2) return which;
  if (typeof which !== "number") {
    throw new TypeError(
      `Cannot use a timer: 'which' must be ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF, got ${show(which)}`,
    );
  }
  throw new ItimerError(
    syscall,
    "EINVAL",
    `there is no timer ${show(which)}; use ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF`,
  );
}

function time(value: unknown, argument: string): number {
  if (typeof value === "number" && value >= 0 && value <= MAX_SECONDS) return value; // nearly always
  if (typeof value === "number" && value < 0) {
    throw new ItimerError("setitimer", "EINVAL", `'${argument}' must be 0 or more, got ${show(value)}`);
  }
  return checkSeconds(value, "set a timer", argument, MAX_SECONDS);
}

/** `setitimer(2)`: sends the timer's signal in `seconds`, then every `interval`; 0 seconds disarms the timer.
 *
 * @param seconds Fractions count to the microsecond, rounded up: a positive time is never 0. At most
 * 9,007,199,254 (285 years), as for `interval`.
 * @returns The previous setting: seconds left and interval.
 * @throws {ItimerError} `EINVAL`: a negative time, or no such timer.
 * @throws {RangeError} `NaN`, or a time that is too long.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let ticks = 0;
 * signal.signal("SIGALRM", () => console.log("tick", ++ticks));
 * signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2);
 * while (ticks < 2) signal.pause();
 * // => tick 1
 * // => tick 2
 * signal.setitimer(signal.ITIMER_REAL, 0);
 * ```
 * @see POSIX.1-2008 setitimer */
export function setitimer(which: number, seconds: number, interval = 0): [seconds: number, interval: number] {
  const number = timer(which, "setitimer");
  value.set(time(seconds, "seconds"), time(interval, "interval"));
  const result = native().ps_setitimer(number, value.bytes, old.bytes);
  if (result < 0) throw new ItimerError("setitimer", -result);
  return old.get();
}

/** `getitimer(2)`: the seconds left until the timer's signal, 0 if it is not armed, and its interval.
 *
 * @throws {ItimerError} `EINVAL`: no such timer.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.setitimer(signal.ITIMER_REAL, 60, 1);
 * const [seconds, interval] = signal.getitimer(signal.ITIMER_REAL);
 * console.log(seconds > 50, interval); // => true 1
 * ```
 * @see POSIX.1-2008 getitimer */
export function getitimer(which: number): [seconds: number, interval: number] {
  const number = timer(which, "getitimer");
  const result = native().ps_getitimer(number, value.bytes);
  if (result < 0) throw new ItimerError("getitimer", -result);
  return value.get();
}
