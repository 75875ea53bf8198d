/** The errors of this module. A bad number is a `RangeError` and a bad shape a `TypeError`; a failed system call is a
 * `PosixError`. */
import { os } from "../ffi/mod.ts";
import type { SigInfo } from "./siginfo.ts";

/** Name, number on Linux, number on macOS, text. Source: POSIX.1-2024 <errno.h>. */
const ERRORS: readonly (readonly [code: string, linux: number, macos: number, text: string])[] = [
  ["EPERM", 1, 1, "Operation not permitted"],
  ["ENOENT", 2, 2, "No such file or directory"],
  ["ESRCH", 3, 3, "No such process"],
  ["EINTR", 4, 4, "Interrupted function call"],
  ["EBADF", 9, 9, "Bad file descriptor"],
  ["ECHILD", 10, 10, "No child processes"],
  ["EAGAIN", 11, 35, "Resource temporarily unavailable"],
  ["ENOMEM", 12, 12, "Not enough space"],
  ["EACCES", 13, 13, "Permission denied"],
  ["EFAULT", 14, 14, "Bad address"],
  ["ENOTDIR", 20, 20, "Not a directory"],
  ["EINVAL", 22, 22, "Invalid argument"],
  ["ENFILE", 23, 23, "Too many files open in system"],
  ["EMFILE", 24, 24, "Too many open files"],
  ["ENAMETOOLONG", 36, 63, "Filename too long"],
  ["ENOSYS", 38, 78, "Functionality not supported"],
  ["EPROTOTYPE", 91, 41, "Protocol wrong type for socket"],
  ["ENOBUFS", 105, 55, "No buffer space available"],
  ["ECONNREFUSED", 111, 61, "Connection refused"],
];

const numberOf = os === "macos" ? 2 : 1;

function describe(errno: number): { code: string; text: string } {
  const row = ERRORS.find((row) => row[numberOf] === errno);
  return row ? { code: row[0], text: row[3] } : { code: `errno ${errno}`, text: "Unknown error" };
}

/** A system call that failed.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * try {
 *   signal.kill(2 ** 30, "SIGTERM");
 * } catch (error) {
 *   const { syscall, code } = error as signal.PosixError;
 *   console.log(syscall, code); // => kill ESRCH
 * }
 * ```
 * @see POSIX.1-2024 <errno.h> */
export class PosixError extends Error {
  /** `"PosixError"`. */
  override name = "PosixError";
  /** The call that failed: `"kill"`. */
  readonly syscall: string;
  /** The platform's number of the error: 3. */
  readonly errno: number;
  /** Its POSIX name: `"ESRCH"`. */
  readonly code: string;

  /** For tests of error handling; this module throws them itself.
   * @param syscall The call that failed.
   * @param errno The platform's number of the error, or its POSIX name.
   * @param detail An explanation to add to the system's own text. */
  constructor(syscall: string, errno: number | string, detail?: string) {
    const number = typeof errno === "number" ? errno : ERRORS.find((row) => row[0] === errno)?.[numberOf] ?? 0;
    const { code, text } = describe(number);
    super(`${syscall}: ${text} (${code})${detail ? `: ${detail}` : ""}`);
    this.syscall = syscall;
    this.errno = number;
    this.code = code;
  }
}

/** A failure of `setitimer` or `getitimer`, as Python names it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * try {
 *   signal.setitimer(signal.ITIMER_REAL, -1);
 * } catch (error) {
 *   console.log(error instanceof signal.ItimerError, error instanceof signal.PosixError); // => true true
 * }
 * ```
 * @see Python signal.ItimerError */
export class ItimerError extends PosixError {
  /** `"ItimerError"`. */
  override name = "ItimerError";
}

/** Thrown by `defaultIntHandler` when SIGINT is delivered; its `cause` is the `SigInfo`.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGINT", signal.defaultIntHandler);
 * try {
 *   signal.raise("SIGINT");
 * } catch (error) {
 *   console.log(error instanceof signal.KeyboardInterrupt); // => true
 * }
 * ```
 * @see Python KeyboardInterrupt */
export class KeyboardInterrupt extends Error {
  /** `"KeyboardInterrupt"`. */
  override name = "KeyboardInterrupt";

  /** For custom handlers.
   * @param options `cause`: the underlying error or `SigInfo`. */
  constructor(message = "Interrupted by SIGINT", options?: ErrorOptions) {
    super(message, options);
  }
}

/** The `DOMException` of this name, as `AbortSignal.timeout` throws it; `instanceof` accepts those too.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * try {
 *   await signal.once("SIGUSR1", { timeout: 0.05 });
 * } catch (error) {
 *   if (error instanceof signal.TimeoutError) console.log(error.message); // => No signal came in 0.05 seconds
 * }
 * ```
 * @see Python TimeoutError, Web IDL DOMException */
export class TimeoutError extends DOMException {
  /** For custom handlers.
   * @param message What took too long. */
  constructor(message = "The time ran out") {
    super(message, "TimeoutError");
  }

  /** Accepts every `DOMException` named `"TimeoutError"`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof DOMException && value.name === "TimeoutError";
  }
}

/** Why an `AbortSignal` of `abortOn` or `shutdown` was aborted.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * using interrupted = signal.abortOn("SIGINT");
 * signal.raise("SIGINT");
 * const { message, info } = interrupted.signal.reason as signal.SignalError;
 * console.log(message.replace(/ from .*$/, "")); // => Received SIGINT
 * console.log(info.pid === process.pid); // => true
 * ```
 * @see DOM AbortSignal, `reason` */
export class SignalError extends Error {
  /** `"SignalError"`. */
  override name = "SignalError";
  /** The signal that caused the abort; with signum 0, the null signal, if the program began its `shutdown` by
   * itself. */
  readonly info: SigInfo;

  /** The message names the signal and its sender.
   * @param info The signal. */
  constructor(info: SigInfo) {
    const sender = info.pid ? ` from process ${info.pid} of user ${info.uid}` : "";
    super(info.signum === 0 ? "The program ends by itself" : `Received ${info.name}${sender}`);
    this.info = info;
  }
}

/** Returns a native result, or throws -errno as a `PosixError` with the explanation that `detail` gives. */
export function checked(result: number, syscall: string, detail?: (code: string) => string | undefined): number {
  if (result >= 0) return result;
  throw new PosixError(syscall, -result, detail?.(describe(-result).code));
}
