/** The errors of this module. A bad number is a `RangeError` and a bad shape a `TypeError`; what the
 * system refuses is a `PosixError`. */
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
  ["EINVAL", 22, 22, "Invalid argument"],
  ["ENFILE", 23, 23, "Too many files open in system"],
  ["EMFILE", 24, 24, "Too many open files"],
  ["ENOSYS", 38, 78, "Functionality not supported"],
];

const numberOf = os === "macos" ? 2 : 1;

function describe(errno: number): { code: string; text: string } {
  const row = ERRORS.find((row) => row[numberOf] === errno);
  return row ? { code: row[0], text: row[3] } : { code: `errno ${errno}`, text: "Unknown error" };
}

/** A system call that failed. */
export class PosixError extends Error {
  override name = "PosixError";
  /** The call that failed: `"kill"`. */
  readonly syscall: string;
  /** The platform's number of the error: 3. */
  readonly errno: number;
  /** Its POSIX name: `"ESRCH"`. */
  readonly code: string;

  constructor(syscall: string, errno: number | string, detail?: string) {
    const number = typeof errno === "number" ? errno : ERRORS.find((row) => row[0] === errno)?.[numberOf] ?? 0;
    const { code, text } = describe(number);
    super(`${syscall}: ${text} (${code})${detail ? `: ${detail}` : ""}`);
    this.syscall = syscall;
    this.errno = number;
    this.code = code;
  }
}

/** A failure of `setitimer` or `getitimer`, as Python names it. */
export class ItimerError extends PosixError {
  override name = "ItimerError";
}

/** Thrown by `defaultIntHandler` when SIGINT comes. */
export class KeyboardInterrupt extends Error {
  override name = "KeyboardInterrupt";

  constructor(message = "Interrupted by SIGINT", options?: ErrorOptions) {
    super(message, options);
  }
}

/** The `DOMException` of this name, as `AbortSignal.timeout` throws it; `instanceof` knows those too. */
export class TimeoutError extends DOMException {
  constructor(message = "The time ran out") {
    super(message, "TimeoutError");
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof DOMException && value.name === "TimeoutError";
  }
}

/** Why an `AbortSignal` of `abortOn` or `shutdown` was aborted. */
export class SignalError extends Error {
  override name = "SignalError";
  /** The signal that did it. */
  readonly info: SigInfo;

  constructor(info: SigInfo) {
    const sender = info.pid ? ` from process ${info.pid} of user ${info.uid}` : "";
    super(`Received ${info.name}${sender}`);
    this.info = info;
  }
}

/** A native result: the value, or -errno thrown. */
export function checked(result: number, syscall: string, detail?: string): number {
  if (result < 0) throw new PosixError(syscall, -result, detail);
  return result;
}
