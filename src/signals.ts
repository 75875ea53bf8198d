/** The signals: numbers, names, default actions, descriptions. */
import { os } from "../ffi/mod.ts";

/** What happens to a process that has set nothing: signal(7). */
export type DefaultAction = "terminate" | "core" | "stop" | "continue" | "ignore";

type Row = readonly [
  name: string,
  linux: number | undefined,
  macos: number | undefined,
  action: DefaultAction,
  description: string,
  source: string,
];

/** Linux numbers: signal(7), x86 and ARM. macOS numbers: bsd/sys/signal.h of xnu. Actions: POSIX.1-2024
 * <signal.h>, and signal(7) for the signals that POSIX leaves open. Descriptions: as glibc's
 * strsignal(3) in the C locale. */
const TABLE = [
  ["SIGHUP", 1, 1, "terminate", "Hangup", "POSIX"],
  ["SIGINT", 2, 2, "terminate", "Interrupt", "POSIX"],
  ["SIGQUIT", 3, 3, "core", "Quit", "POSIX"],
  ["SIGILL", 4, 4, "core", "Illegal instruction", "POSIX"],
  ["SIGTRAP", 5, 5, "core", "Trace/breakpoint trap", "POSIX"],
  ["SIGABRT", 6, 6, "core", "Aborted", "POSIX"],
  ["SIGEMT", undefined, 7, "core", "EMT trap", "xnu"],
  ["SIGBUS", 7, 10, "core", "Bus error", "POSIX"],
  ["SIGFPE", 8, 8, "core", "Floating point exception", "POSIX"],
  ["SIGKILL", 9, 9, "terminate", "Killed", "POSIX"],
  ["SIGUSR1", 10, 30, "terminate", "User defined signal 1", "POSIX"],
  ["SIGSEGV", 11, 11, "core", "Segmentation fault", "POSIX"],
  ["SIGUSR2", 12, 31, "terminate", "User defined signal 2", "POSIX"],
  ["SIGPIPE", 13, 13, "terminate", "Broken pipe", "POSIX"],
  ["SIGALRM", 14, 14, "terminate", "Alarm clock", "POSIX"],
  ["SIGTERM", 15, 15, "terminate", "Terminated", "POSIX"],
  ["SIGSTKFLT", 16, undefined, "terminate", "Stack fault", "signal(7)"],
  ["SIGCHLD", 17, 20, "ignore", "Child exited", "POSIX"],
  ["SIGCONT", 18, 19, "continue", "Continued", "POSIX"],
  ["SIGSTOP", 19, 17, "stop", "Stopped (signal)", "POSIX"],
  ["SIGTSTP", 20, 18, "stop", "Stopped", "POSIX"],
  ["SIGTTIN", 21, 21, "stop", "Stopped (tty input)", "POSIX"],
  ["SIGTTOU", 22, 22, "stop", "Stopped (tty output)", "POSIX"],
  ["SIGURG", 23, 16, "ignore", "Urgent I/O condition", "POSIX"],
  ["SIGXCPU", 24, 24, "core", "CPU time limit exceeded", "POSIX"],
  ["SIGXFSZ", 25, 25, "core", "File size limit exceeded", "POSIX"],
  ["SIGVTALRM", 26, 26, "terminate", "Virtual timer expired", "POSIX"],
  ["SIGPROF", 27, 27, "terminate", "Profiling timer expired", "POSIX"],
  ["SIGWINCH", 28, 28, "ignore", "Window changed", "POSIX.1-2024"],
  ["SIGIO", 29, 23, os === "macos" ? "ignore" : "terminate", "I/O possible", "signal(7), xnu"],
  ["SIGPWR", 30, undefined, "terminate", "Power failure", "signal(7)"],
  ["SIGINFO", undefined, 29, "ignore", "Information request", "xnu"],
  ["SIGSYS", 31, 12, "core", "Bad system call", "POSIX"],
] as const satisfies readonly Row[];

/** Second names of the same numbers: signal(7). */
const ALIASES = { SIGIOT: "SIGABRT", SIGPOLL: "SIGIO", SIGCLD: "SIGCHLD", SIGUNUSED: "SIGSYS" } as const;

type StandardName = (typeof TABLE)[number][0];

/** The name of a signal: of the table, a second name, or a real-time one counted from either end. */
export type SignalName =
  | StandardName
  | keyof typeof ALIASES
  | "SIGRTMIN"
  | "SIGRTMAX"
  | `SIGRTMIN+${number}`
  | `SIGRTMAX-${number}`;

/** A signal as every function takes it. */
export type SignalLike = number | SignalName;

const column = os === "macos" ? 2 : 1;
const byName = new Map<string, number>();
const byNumber = new Map<number, Row>();
for (const row of TABLE as readonly Row[]) {
  const number = row[column];
  if (number === undefined) continue;
  byName.set(row[0], number);
  byNumber.set(number, row);
}

/** One more than the highest number. */
export const NSIG: number = os === "macos" ? 32 : 65;
/** The first real-time signal; the C library keeps the two before it. `undefined` on macOS. */
export const SIGRTMIN: number | undefined = os === "macos" ? undefined : 34;
/** The last real-time signal. `undefined` on macOS. */
export const SIGRTMAX: number | undefined = os === "macos" ? undefined : 64;

/** Whether `number` names a signal that a program may use: 32 and 33 are the C library's. */
export function isSignal(number: number): boolean {
  return byNumber.has(number) || isRealtime(number);
}

export function isRealtime(number: number): boolean {
  if (SIGRTMIN === undefined || SIGRTMAX === undefined) return false;
  return Number.isInteger(number) && number >= SIGRTMIN && number <= SIGRTMAX;
}

/** Number -> name: 15 is `"SIGTERM"`, 40 is `"SIGRTMIN+6"`; `null` where there is no such signal. */
export function nameOf(number: number): SignalName | null {
  const row = byNumber.get(number);
  if (row) return row[0] as SignalName;
  if (!isRealtime(number)) return null;
  const fromMin = number - SIGRTMIN!;
  const fromMax = SIGRTMAX! - number;
  if (fromMax < fromMin) return fromMax ? `SIGRTMAX-${fromMax}` : "SIGRTMAX";
  return fromMin ? `SIGRTMIN+${fromMin}` : "SIGRTMIN";
}

/** Name -> number: `undefined` where this platform has no such signal. */
export function numberOf(name: string): number | undefined {
  const number = byName.get(name) ?? byName.get((ALIASES as Record<string, string>)[name]);
  if (number !== undefined) return number;
  const realtime = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!realtime || SIGRTMIN === undefined) return undefined;
  const [, end, sign, offset = "0"] = realtime;
  if (sign && (sign === "+") !== (end === "MIN")) return undefined;
  const result = end === "MIN" ? SIGRTMIN + Number(offset) : SIGRTMAX! - Number(offset);
  return isRealtime(result) ? result : undefined;
}

export function describe(number: number): string | null {
  const row = byNumber.get(number);
  if (row) return row[4];
  return isRealtime(number) ? `Real-time signal ${number - SIGRTMIN!}` : null;
}

export function defaultAction(number: number): DefaultAction {
  return byNumber.get(number)?.[3] ?? "terminate";
}

/** Every number that a program may use, lowest first. */
export function allSignals(): number[] {
  return Array.from({ length: NSIG - 1 }, (_, i) => i + 1).filter(isSignal);
}

/** Name -> number of every signal of this platform, real-time ones by their ends. Frozen. */
export const Signals: Readonly<Record<string, number>> = Object.freeze(
  Object.fromEntries([...byName, ...(SIGRTMIN ? [["SIGRTMIN", SIGRTMIN], ["SIGRTMAX", SIGRTMAX!]] : [])] as [
    string,
    number,
  ][]),
);

// The constants of <signal.h>: the platform's number, `undefined` where it has no such signal.
// deno-fmt-ignore
export const SIGHUP: number = Signals.SIGHUP, SIGINT: number = Signals.SIGINT, SIGQUIT: number = Signals.SIGQUIT,
  SIGILL: number = Signals.SIGILL, SIGTRAP: number = Signals.SIGTRAP, SIGABRT: number = Signals.SIGABRT,
  SIGBUS: number = Signals.SIGBUS, SIGFPE: number = Signals.SIGFPE, SIGKILL: number = Signals.SIGKILL,
  SIGUSR1: number = Signals.SIGUSR1, SIGSEGV: number = Signals.SIGSEGV, SIGUSR2: number = Signals.SIGUSR2,
  SIGPIPE: number = Signals.SIGPIPE, SIGALRM: number = Signals.SIGALRM, SIGTERM: number = Signals.SIGTERM,
  SIGCHLD: number = Signals.SIGCHLD, SIGCONT: number = Signals.SIGCONT, SIGSTOP: number = Signals.SIGSTOP,
  SIGTSTP: number = Signals.SIGTSTP, SIGTTIN: number = Signals.SIGTTIN, SIGTTOU: number = Signals.SIGTTOU,
  SIGURG: number = Signals.SIGURG, SIGXCPU: number = Signals.SIGXCPU, SIGXFSZ: number = Signals.SIGXFSZ,
  SIGVTALRM: number = Signals.SIGVTALRM, SIGPROF: number = Signals.SIGPROF, SIGWINCH: number = Signals.SIGWINCH,
  SIGIO: number = Signals.SIGIO, SIGSYS: number = Signals.SIGSYS;
// deno-fmt-ignore
export const SIGSTKFLT: number | undefined = Signals.SIGSTKFLT, SIGPWR: number | undefined = Signals.SIGPWR,
  SIGEMT: number | undefined = Signals.SIGEMT, SIGINFO: number | undefined = Signals.SIGINFO,
  SIGIOT: number = Signals.SIGABRT, SIGPOLL: number | undefined = os === "macos" ? undefined : Signals.SIGIO,
  SIGCLD: number | undefined = os === "macos" ? undefined : Signals.SIGCHLD;
