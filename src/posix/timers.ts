/** Timers: alarm(2), setitimer(2), getitimer(2). */
import { Itimerval, layout, native } from "../../ffi/mod.ts";
import { seconds as checkSeconds, show, wholeNumber } from "../arguments.ts";
import { ItimerError } from "../errors.ts";

/** Counts real time and sends SIGALRM; shared with `alarm`. */
export const ITIMER_REAL = 0;
/** Counts the processor time that the program uses and sends SIGVTALRM. */
export const ITIMER_VIRTUAL = 1;
/** Counts that of the program and of the kernel on its behalf and sends SIGPROF. */
export const ITIMER_PROF = 2;

const value = new Itimerval(layout);
const old = new Itimerval(layout);

/** Seconds that a timer takes at most: 2^53 microseconds, what a number can say exactly (285 years). */
const MAX_SECONDS = 2 ** 53 / 1e6;

/** `alarm(2)`: SIGALRM comes in `seconds`; 0 cancels. One alarm at a time, shared with `ITIMER_REAL`.
 *
 * @param seconds Whole seconds, 0 to 4294967295; for fractions see `setitimer`.
 * @returns The whole seconds that were left of the last one, 0 if there was none.
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
  if (typeof which !== "number") {
    throw new TypeError(
      `Cannot use a timer: 'which' must be ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF, got ${show(which)}`,
    );
  }
  if (which === 0 || which === 1 || which === 2) return which;
  throw new ItimerError(
    syscall,
    "EINVAL",
    `there is no timer ${show(which)}; use ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF`,
  );
}

function time(value: unknown, argument: string): number {
  if (typeof value === "number" && value < 0) {
    throw new ItimerError("setitimer", "EINVAL", `'${argument}' must be 0 or more, got ${show(value)}`);
  }
  return checkSeconds(value, "set a timer", argument, MAX_SECONDS);
}

/** `setitimer(2)`: the timer's signal comes in `seconds`, then every `interval`; 0 seconds disarms it.
 *
 * @param seconds Fractions count to the microsecond, rounded up: a positive time is never 0. At most
 * 9,007,199,254 (285 years), as for `interval`.
 * @returns What the timer showed before: seconds left and interval.
 * @throws {ItimerError} `EINVAL`: a negative time, or no such timer.
 * @see POSIX.1-2024 setitimer */
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
 * @see POSIX.1-2024 getitimer */
export function getitimer(which: number): [seconds: number, interval: number] {
  const number = timer(which, "getitimer");
  const result = native().ps_getitimer(number, value.bytes);
  if (result < 0) throw new ItimerError("getitimer", -result);
  return value.get();
}
