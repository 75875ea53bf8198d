/** The wake-up descriptor: Python's `signal.set_wakeup_fd`. */
import { INT_MAX, options as checkOptions, requireBoolean, requireMainThread, wholeNumber } from "../arguments.ts";
import { checked, PosixError } from "../errors.ts";
import { native, program } from "../program.ts";

const ACTION = "set the wake-up descriptor";

/** The C handler writes one byte to `fd` for each delivery from now on, the signal's number; -1 turns it off. The
 * caller keeps the descriptor, reads the other end and closes both.
 *
 * @param fd A pipe or socket in non-blocking mode.
 * @param options `warnOnFullBuffer`: warn on standard error when a byte did not fit. Default: true.
 * @returns The previous descriptor, or -1.
 * @throws {PosixError} `EBADF`: no such descriptor. `EINVAL`: it is in blocking mode.
 * @throws {RangeError} `fd` is no whole number from -1 up.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.setWakeupFd(-1)); // => -1
 * try {
 *   signal.setWakeupFd(1_000_000);
 * } catch (error) {
 *   console.log((error as signal.PosixError).code); // => EBADF
 * }
 * ```
 * @see Python signal.set_wakeup_fd */
export function setWakeupFd(fd: number, options?: { warnOnFullBuffer?: boolean }): number {
  const descriptor = wholeNumber(fd, ACTION, "fd", -1, INT_MAX);
  const { warnOnFullBuffer = true } = checkOptions<{ warnOnFullBuffer?: boolean }>(options, ACTION, [
    "warnOnFullBuffer",
  ]);
  requireBoolean(warnOnFullBuffer, ACTION, "warnOnFullBuffer");
  requireMainThread(ACTION);
  if (descriptor >= 0 && nonBlocking(descriptor) === 0) {
    throw new PosixError("fcntl", "EINVAL", `fd ${descriptor} must be in non-blocking mode`);
  }
  program().deliveries.drained = descriptor < 0 ? undefined : () => reportFullBuffer(warnOnFullBuffer);
  return native().ps_wakeup_fd(descriptor);
}

const nonBlocking = (fd: number): number =>
  checked(native().ps_is_nonblocking(fd), "fcntl", () => `fd ${fd} must be an open pipe or socket`);

function reportFullBuffer(warns: boolean): void {
  const failed = native().ps_wakeup_failed();
  if (failed === 0 || !warns) return;
  const numbers = `${failed} signal number${failed > 1 ? "s" : ""}`;
  console.warn(`The wake-up descriptor is full, or its other end is closed: ${numbers} did not fit`);
}
