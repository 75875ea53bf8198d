/** The signals: numbers, names, default actions, descriptions. */
import { os } from "../ffi/mod.ts";

/** The name of a signal: of the table, a second name, or a real-time one counted from either end.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const reload: signal.SignalName = "SIGHUP"; // editors complete it
 * console.log(signal.strsignal(reload)); // => Hangup
 * ```
 * @see POSIX.1-2024 <signal.h>, signal(7) */
export type SignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGILL"
  | "SIGTRAP"
  | "SIGABRT"
  | "SIGEMT"
  | "SIGBUS"
  | "SIGFPE"
  | "SIGKILL"
  | "SIGUSR1"
  | "SIGSEGV"
  | "SIGUSR2"
  | "SIGPIPE"
  | "SIGALRM"
  | "SIGTERM"
  | "SIGSTKFLT"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGSTOP"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGURG"
  | "SIGXCPU"
  | "SIGXFSZ"
  | "SIGVTALRM"
  | "SIGPROF"
  | "SIGWINCH"
  | "SIGIO"
  | "SIGPWR"
  | "SIGINFO"
  | "SIGSYS"
  | "SIGIOT"
  | "SIGPOLL"
  | "SIGCLD"
  | "SIGUNUSED"
  | "SIGRTMIN"
  | "SIGRTMAX"
  | `SIGRTMIN+${number}`
  | `SIGRTMAX-${number}`;

type Alias = "SIGIOT" | "SIGPOLL" | "SIGCLD" | "SIGUNUSED";
type TableName = Exclude<SignalName, Alias | `SIGRT${string}`>;

/** What happens to a process that has set nothing: signal(7). */
export type DefaultAction = "terminate" | "core" | "stop" | "continue" | "ignore";

type Row = readonly [
  linux: number | undefined,
  macos: number | undefined,
  action: DefaultAction,
  description: string,
  source: string,
];

/** Linux numbers: signal(7), x86 and ARM. macOS numbers: bsd/sys/signal.h of xnu. Actions: POSIX.1-2024
 * <signal.h>, and signal(7) for the signals that POSIX leaves open. Descriptions: as glibc's
 * strsignal(3) in the C locale. */
const TABLE: Readonly<Record<TableName, Row>> = {
  SIGHUP: [1, 1, "terminate", "Hangup", "POSIX"],
  SIGINT: [2, 2, "terminate", "Interrupt", "POSIX"],
  SIGQUIT: [3, 3, "core", "Quit", "POSIX"],
  SIGILL: [4, 4, "core", "Illegal instruction", "POSIX"],
  SIGTRAP: [5, 5, "core", "Trace/breakpoint trap", "POSIX"],
  SIGABRT: [6, 6, "core", "Aborted", "POSIX"],
  SIGEMT: [undefined, 7, "core", "EMT trap", "xnu"],
  SIGBUS: [7, 10, "core", "Bus error", "POSIX"],
  SIGFPE: [8, 8, "core", "Floating point exception", "POSIX"],
  SIGKILL: [9, 9, "terminate", "Killed", "POSIX"],
  SIGUSR1: [10, 30, "terminate", "User defined signal 1", "POSIX"],
  SIGSEGV: [11, 11, "core", "Segmentation fault", "POSIX"],
  SIGUSR2: [12, 31, "terminate", "User defined signal 2", "POSIX"],
  SIGPIPE: [13, 13, "terminate", "Broken pipe", "POSIX"],
  SIGALRM: [14, 14, "terminate", "Alarm clock", "POSIX"],
  SIGTERM: [15, 15, "terminate", "Terminated", "POSIX"],
  SIGSTKFLT: [16, undefined, "terminate", "Stack fault", "signal(7)"],
  SIGCHLD: [17, 20, "ignore", "Child exited", "POSIX"],
  SIGCONT: [18, 19, "continue", "Continued", "POSIX"],
  SIGSTOP: [19, 17, "stop", "Stopped (signal)", "POSIX"],
  SIGTSTP: [20, 18, "stop", "Stopped", "POSIX"],
  SIGTTIN: [21, 21, "stop", "Stopped (tty input)", "POSIX"],
  SIGTTOU: [22, 22, "stop", "Stopped (tty output)", "POSIX"],
  SIGURG: [23, 16, "ignore", "Urgent I/O condition", "POSIX"],
  SIGXCPU: [24, 24, "core", "CPU time limit exceeded", "POSIX"],
  SIGXFSZ: [25, 25, "core", "File size limit exceeded", "POSIX"],
  SIGVTALRM: [26, 26, "terminate", "Virtual timer expired", "POSIX"],
  SIGPROF: [27, 27, "terminate", "Profiling timer expired", "POSIX"],
  SIGWINCH: [28, 28, "ignore", "Window changed", "POSIX.1-2024"],
  SIGIO: [29, 23, os === "macos" ? "ignore" : "terminate", "I/O possible", "signal(7), xnu"],
  SIGPWR: [30, undefined, "terminate", "Power failure", "signal(7)"],
  SIGINFO: [undefined, 29, "ignore", "Information request", "xnu"],
  SIGSYS: [31, 12, "core", "Bad system call", "POSIX"],
};

/** Second names of the same numbers: signal(7). */
const ALIASES: Readonly<Record<Alias, TableName>> = {
  SIGIOT: "SIGABRT",
  SIGPOLL: "SIGIO",
  SIGCLD: "SIGCHLD",
  SIGUNUSED: "SIGSYS",
};

/** A signal as every function takes it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const same: signal.SignalLike[] = [15, "SIGTERM", signal.SIGTERM, signal.Signals.SIGTERM];
 * console.log(new Set(same.map((sig) => signal.strsignal(sig))).size); // => 1
 * ```
 * @see Python signal, whose functions take numbers and members of `signal.Signals` */
export type SignalLike = number | SignalName;

const column = os === "macos" ? 1 : 0;
const byName = new Map<string, number>();
const byNumber = new Map<number, { readonly name: TableName; readonly row: Row }>();
for (const [name, row] of Object.entries(TABLE) as [TableName, Row][]) {
  const number = row[column];
  if (number === undefined) continue;
  byName.set(name, number);
  byNumber.set(number, { name, row });
}

/** One more than the highest number: 65 on Linux, 32 on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(Math.max(...signal.validSignals()) === signal.NSIG - 1); // => true
 * ```
 * @see Python signal.NSIG */
export const NSIG: number = os === "macos" ? 32 : 65;
/** The first real-time signal; the C library keeps the two before it. `undefined` on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGRTMIN+1", (signum) => console.log(signum - signal.SIGRTMIN!));
 * signal.raise("SIGRTMIN+1"); // => 1
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIGRTMIN: number | undefined = os === "macos" ? undefined : 34;
/** The last real-time signal. `undefined` on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.SIGRTMAX === signal.NSIG - 1); // => true
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIGRTMAX: number | undefined = os === "macos" ? undefined : 64;

/** Whether `number` names a signal that a program may use: 32 and 33 are the C library's. */
export function isSignal(number: number): boolean {
  return byNumber.has(number) || isRealtime(number);
}

export function isRealtime(number: number): boolean {
  if (SIGRTMIN === undefined || SIGRTMAX === undefined) return false;
  return Number.isInteger(number) && number >= SIGRTMIN && number <= SIGRTMAX;
}

const FAULTS = new Set(["SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGTRAP"].map((name) => byName.get(name)));

/** Whether the processor may have raised it. */
export function isFault(number: number): boolean {
  return FAULTS.has(number);
}

/** Number -> name: 15 is `"SIGTERM"`, 40 is `"SIGRTMIN+6"`; `null` where there is no such signal. */
export function nameOf(number: number): SignalName | null {
  const found = byNumber.get(number);
  if (found) return found.name;
  if (!isRealtime(number)) return null;
  const fromMin = number - SIGRTMIN!;
  const fromMax = SIGRTMAX! - number;
  if (fromMax < fromMin) return fromMax ? `SIGRTMAX-${fromMax}` : "SIGRTMAX";
  return fromMin ? `SIGRTMIN+${fromMin}` : "SIGRTMIN";
}

/** Name -> number: `undefined` where this platform has no such signal. */
export function numberOf(name: string): number | undefined {
  return byName.get(name) ?? byName.get((ALIASES as Record<string, string>)[name]) ?? realtimeNumberOf(name);
}

function realtimeNumberOf(name: string): number | undefined {
  const realtime = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!realtime || SIGRTMIN === undefined) return undefined;
  const [, end, sign, offset = "0"] = realtime;
  if (sign && (sign === "+") !== (end === "MIN")) return undefined;
  const result = end === "MIN" ? SIGRTMIN + Number(offset) : SIGRTMAX! - Number(offset);
  return isRealtime(result) ? result : undefined;
}

export function describe(number: number): string | null {
  const [, , , description] = byNumber.get(number)?.row ?? [];
  if (description) return description;
  return isRealtime(number) ? `Real-time signal ${number - SIGRTMIN!}` : null;
}

export function defaultAction(number: number): DefaultAction {
  return byNumber.get(number)?.row[2] ?? "terminate";
}

/** Every number that a program may use, lowest first. */
export function allSignals(): number[] {
  return Array.from({ length: NSIG - 1 }, (_, i) => i + 1).filter(isSignal);
}

/** Name -> number of every signal of this platform, real-time ones by their ends. Frozen.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.Signals.SIGINT, "SIGSTKFLT" in signal.Signals); // => 2 true
 * ```
 * @see Python signal.Signals */
export const Signals:
  & Readonly<Record<Exclude<SignalName, "SIGIOT" | "SIGPOLL" | "SIGCLD" | "SIGUNUSED" | `${string}${number}`>, number>>
  & Readonly<Record<string, number>> = Object.freeze(
    Object.fromEntries([...byName, ...(SIGRTMIN ? [["SIGRTMIN", SIGRTMIN], ["SIGRTMAX", SIGRTMAX!]] : [])]),
  );
