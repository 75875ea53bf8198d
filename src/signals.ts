/** The signals: numbers, names, default actions, descriptions, and the constants of <signal.h>. */
import { engineSignals, isMusl, os } from "../ffi/mod.ts";

/** The name of a signal: from the table, an alias, or of a real-time signal, counted from either end.
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
  | "SIGBREAK"
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

/** The action of the kernel where none is installed: signal(7). */
export type DefaultAction = "terminate" | "core" | "stop" | "continue" | "ignore";

type Row = readonly [
  linux: number | undefined,
  bsd: number | undefined,
  windows: number | undefined,
  action: DefaultAction,
  description: string,
  source: string,
];
const NONE = undefined;
const isBsd = os === "macos" || os === "freebsd";

/** Numbers: signal(7), x86 and ARM; bsd/sys/signal.h of xnu and sys/signal.h of FreeBSD, which agree; uv/win.h of
 * libuv. Actions: POSIX.1-2024 <signal.h>, and signal(7) for the signals that POSIX leaves open. Descriptions: as
 * glibc's strsignal(3) in the C locale. */
const TABLE: Readonly<Record<TableName, Row>> = {
  SIGHUP: [1, 1, 1, "terminate", "Hangup", "POSIX"],
  SIGINT: [2, 2, 2, "terminate", "Interrupt", "POSIX"],
  SIGQUIT: [3, 3, 3, "core", "Quit", "POSIX"],
  SIGILL: [4, 4, 4, "core", "Illegal instruction", "POSIX"],
  SIGTRAP: [5, 5, NONE, "core", "Trace/breakpoint trap", "POSIX"],
  SIGABRT: [6, 6, 22, "core", "Aborted", "POSIX"],
  SIGEMT: [NONE, 7, NONE, "core", "EMT trap", "xnu"],
  SIGBUS: [7, 10, NONE, "core", "Bus error", "POSIX"],
  SIGFPE: [8, 8, 8, "core", "Floating point exception", "POSIX"],
  SIGKILL: [9, 9, 9, "terminate", "Killed", "POSIX"],
  SIGUSR1: [10, 30, NONE, "terminate", "User defined signal 1", "POSIX"],
  SIGSEGV: [11, 11, 11, "core", "Segmentation fault", "POSIX"],
  SIGUSR2: [12, 31, NONE, "terminate", "User defined signal 2", "POSIX"],
  SIGPIPE: [13, 13, NONE, "terminate", "Broken pipe", "POSIX"],
  SIGALRM: [14, 14, NONE, "terminate", "Alarm clock", "POSIX"],
  SIGTERM: [15, 15, 15, "terminate", "Terminated", "POSIX"],
  SIGSTKFLT: [16, NONE, NONE, "terminate", "Stack fault", "signal(7)"],
  SIGCHLD: [17, 20, NONE, "ignore", "Child exited", "POSIX"],
  SIGCONT: [18, 19, NONE, "continue", "Continued", "POSIX"],
  SIGSTOP: [19, 17, NONE, "stop", "Stopped (signal)", "POSIX"],
  SIGTSTP: [20, 18, NONE, "stop", "Stopped", "POSIX"],
  SIGTTIN: [21, 21, NONE, "stop", "Stopped (tty input)", "POSIX"],
  SIGTTOU: [22, 22, NONE, "stop", "Stopped (tty output)", "POSIX"],
  SIGURG: [23, 16, NONE, "ignore", "Urgent I/O condition", "POSIX"],
  SIGXCPU: [24, 24, NONE, "core", "CPU time limit exceeded", "POSIX"],
  SIGXFSZ: [25, 25, NONE, "core", "File size limit exceeded", "POSIX"],
  SIGVTALRM: [26, 26, NONE, "terminate", "Virtual timer expired", "POSIX"],
  SIGPROF: [27, 27, NONE, "terminate", "Profiling timer expired", "POSIX"],
  SIGWINCH: [28, 28, 28, "ignore", "Window changed", "POSIX.1-2024"],
  SIGIO: [29, 23, NONE, isBsd ? "ignore" : "terminate", "I/O possible", "signal(7), xnu"],
  SIGPWR: [30, NONE, NONE, "terminate", "Power failure", "signal(7)"],
  SIGINFO: [NONE, 29, NONE, "ignore", "Information request", "xnu"],
  SIGSYS: [31, 12, NONE, "core", "Bad system call", "POSIX"],
  SIGBREAK: [NONE, NONE, 21, "terminate", "Break", "uv/win.h"],
};

interface Platform {
  /** The column of the table with this platform's numbers. */
  readonly column?: 0 | 1 | 2;
  readonly nsig?: number;
  /** The first and the last real-time signal. The C library reserves those between 31 and the first. */
  readonly realtime?: readonly [first: number, last: number];
}

/** glibc and musl: __libc_current_sigrtmin(3), which the native part checks when it is opened. Android:
 * reserved_signals.h of bionic; older versions reserve fewer. FreeBSD: sys/signal.h. Windows: uv/win.h. */
const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux: { column: 0, nsig: 65, realtime: [isMusl ? 35 : 34, 64] },
  android: { column: 0, nsig: 65, realtime: [42, 64] },
  macos: { column: 1, nsig: 32 },
  freebsd: { column: 1, nsig: 128, realtime: [65, 126] },
  windows: { column: 2, nsig: 29 },
};
const { column, nsig, realtime }: Platform = Object.hasOwn(PLATFORMS, os) ? PLATFORMS[os] : {};

/** Aliases of the same numbers: signal(7); sys/signal.h of the BSDs has only the first. */
const ALIASES: Readonly<Partial<Record<string, TableName>>> = column === 0
  ? { SIGIOT: "SIGABRT", SIGPOLL: "SIGIO", SIGCLD: "SIGCHLD", SIGUNUSED: "SIGSYS" }
  : isBsd
  ? { SIGIOT: "SIGABRT" }
  : {};

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

const numbers: Record<string, number> = {};
for (const name in TABLE) {
  const number = column === undefined ? undefined : TABLE[name as TableName][column];
  if (number !== undefined) numbers[name] = number;
}
if (realtime) [numbers.SIGRTMIN, numbers.SIGRTMAX] = realtime;

/** Name -> number of every signal of this platform; of the real-time signals only SIGRTMIN and SIGRTMAX. Frozen.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.Signals.SIGINT, "SIGINFO" in signal.Signals); // => 2 false
 * ```
 * @see Python signal.Signals */
export const Signals:
  & Readonly<Record<Exclude<SignalName, "SIGIOT" | "SIGPOLL" | "SIGCLD" | "SIGUNUSED" | `${string}${number}`>, number>>
  & Readonly<Record<string, number>> = Object.freeze(numbers as typeof Signals);

/** One more than the highest number: 65 on Linux, 32 on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(Math.max(...signal.validSignals()) === signal.NSIG - 1); // => true
 * ```
 * @see Python signal.NSIG */
export const NSIG: number = nsig as number;

/** The first real-time signal: 34 with glibc, 35 with musl, which reserve those below. `undefined` on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGRTMIN+1", (signum) => console.log(signum - signal.SIGRTMIN!));
 * signal.raise("SIGRTMIN+1"); // => 1
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIGRTMIN: number | undefined = realtime?.[0];

/** The last real-time signal. `undefined` on macOS.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.SIGRTMAX === signal.NSIG - 1); // => true
 * ```
 * @see POSIX.1-2024 <signal.h> */
export const SIGRTMAX: number | undefined = realtime?.[1];

/** Hangup: the terminal closed or disconnected; daemons reload their configuration. Default action: terminate. */
export const SIGHUP: number = Signals.SIGHUP;
/** Interrupt: Ctrl+C, sent by the terminal to its whole foreground process group. Default action: terminate. */
export const SIGINT: number = Signals.SIGINT;
/** Quit: Ctrl+\\, for programs that Ctrl+C does not terminate. Default action: terminate with a core dump. */
export const SIGQUIT: number = Signals.SIGQUIT;
/** Illegal instruction; a handler gets only those that a process sent. Default action: terminate with a core dump. */
export const SIGILL: number = Signals.SIGILL;
/** Breakpoint; a handler gets only those that a process sent. Default action: terminate with a core dump. */
export const SIGTRAP: number = Signals.SIGTRAP;
/** Aborted: `abort(3)`, or the watchdog of systemd. Default action: terminate with a core dump. */
export const SIGABRT: number = Signals.SIGABRT;
/** Emulator trap. macOS and FreeBSD. Default action: terminate with a core dump. */
export const SIGEMT: number | undefined = Signals.SIGEMT;
/** Bus error; a handler gets only those that a process sent. Default action: terminate with a core dump. */
export const SIGBUS: number = Signals.SIGBUS;
/** Arithmetic error; a handler gets only those that a process sent. Default action: terminate with a core dump. */
export const SIGFPE: number = Signals.SIGFPE;
/** Killed: no process can catch, ignore or block it. Default action: terminate. */
export const SIGKILL: number = Signals.SIGKILL;
/** User defined signal 1; Node starts its debugger on it unless a listener is installed. Default action: terminate. */
export const SIGUSR1: number = Signals.SIGUSR1;
/** Invalid memory access; a handler gets only those that a process sent. Default action: terminate with a core dump. */
export const SIGSEGV: number = Signals.SIGSEGV;
/** User defined signal 2. Default action: terminate. */
export const SIGUSR2: number = Signals.SIGUSR2;
/** Write to a pipe without readers; the runtimes ignore it, and the write fails. Default action: terminate. */
export const SIGPIPE: number = Signals.SIGPIPE;
/** Alarm clock: `alarm` or `setitimer(ITIMER_REAL)` expired. Default action: terminate. */
export const SIGALRM: number = Signals.SIGALRM;
/** Termination request, as `kill`, systemd and Docker send it. Default action: terminate. */
export const SIGTERM: number = Signals.SIGTERM;
/** Stack fault of a coprocessor; no kernel sends it. Linux. Default action: terminate. */
export const SIGSTKFLT: number | undefined = Signals.SIGSTKFLT;
/** A child process terminated, stopped or continued. Default action: ignore. */
export const SIGCHLD: number = Signals.SIGCHLD;
/** Continue: `fg` and `bg` of a shell; a stopped process continues in any case. Default action: continue. */
export const SIGCONT: number = Signals.SIGCONT;
/** Stop: no process can catch, ignore or block it. Default action: stop. */
export const SIGSTOP: number = Signals.SIGSTOP;
/** Stop from the terminal: Ctrl+Z. Default action: stop. */
export const SIGTSTP: number = Signals.SIGTSTP;
/** A background process read from its terminal. Default action: stop. */
export const SIGTTIN: number = Signals.SIGTTIN;
/** A background process wrote to its terminal, or changed its modes. Default action: stop. */
export const SIGTTOU: number = Signals.SIGTTOU;
/** Urgent data on a socket that has an owner, F_SETOWN of fcntl(2). Default action: ignore. */
export const SIGURG: number = Signals.SIGURG;
/** Processor time above RLIMIT_CPU. Default action: terminate with a core dump. */
export const SIGXCPU: number = Signals.SIGXCPU;
/** File size above RLIMIT_FSIZE. Default action: terminate with a core dump. */
export const SIGXFSZ: number = Signals.SIGXFSZ;
/** `setitimer(ITIMER_VIRTUAL)` expired. Default action: terminate. */
export const SIGVTALRM: number = Signals.SIGVTALRM;
/** `setitimer(ITIMER_PROF)` expired; profilers use it. Default action: terminate. */
export const SIGPROF: number = Signals.SIGPROF;
/** The terminal window changed its size. Default action: ignore. */
export const SIGWINCH: number = Signals.SIGWINCH;
/** A descriptor with O_ASYNC is ready. Default action: terminate; on macOS: ignore. */
export const SIGIO: number = Signals.SIGIO;
/** Power failure; on Bun the engine uses it. Linux. Default action: terminate. */
export const SIGPWR: number | undefined = Signals.SIGPWR;
/** Information request: Ctrl+T. macOS and FreeBSD. Default action: ignore. */
export const SIGINFO: number | undefined = Signals.SIGINFO;
/** Bad system call, refused by seccomp(2). Default action: terminate with a core dump. */
export const SIGSYS: number = Signals.SIGSYS;
/** Ctrl+Break. Windows. Default action: terminate. */
export const SIGBREAK: number | undefined = Signals.SIGBREAK;
/** Second name of `SIGABRT`. Default action: terminate with a core dump. */
export const SIGIOT: number = Signals[ALIASES.SIGIOT!];
/** Second name of `SIGIO`, from System V. Linux. Default action: terminate. */
export const SIGPOLL: number | undefined = Signals[ALIASES.SIGPOLL!];
/** Second name of `SIGCHLD`, from System V. Linux. Default action: ignore. */
export const SIGCLD: number | undefined = Signals[ALIASES.SIGCLD!];

/** Number -> name, filled at the first lookup. */
let names: (TableName | undefined)[] | undefined;

function nameInTable(number: number): TableName | undefined {
  return (names ?? allNames())[number];
}

function allNames(): (TableName | undefined)[] {
  names = [];
  for (const name in TABLE) if (name in Signals) names[Signals[name]] = name as TableName;
  return names;
}

/** Whether `number` names a signal that a program may use. */
export function isSignal(number: number): boolean {
  return (names ?? allNames())[number] !== undefined || isRealtime(number);
}

export function isRealtime(number: number): boolean {
  return realtime !== undefined && Number.isInteger(number) && number >= realtime[0] && number <= realtime[1];
}

/** Whether the C library reserves it for its threads; its sigaction(2) refuses it too. */
export function isReserved(number: unknown): number is number {
  return realtime !== undefined && Number.isInteger(number) && Number(number) > 31 && Number(number) < realtime[0];
}

/** Whether the signal can report a fault of the processor. */
export function isFault(number: number): boolean {
  return number === SIGILL || number === SIGFPE || number === SIGSEGV || number === SIGBUS || number === SIGTRAP;
}

/** Number -> name: 15 is `"SIGTERM"`, `SIGRTMIN` + 6 is `"SIGRTMIN+6"`; `null` where there is no such signal. */
export function nameOf(number: number): SignalName | null {
  const name = nameInTable(number);
  if (name) return name;
  if (!realtime || !isRealtime(number)) return null;
  const fromMin = number - realtime[0];
  const fromMax = realtime[1] - number;
  if (fromMax < fromMin) return fromMax ? `SIGRTMAX-${fromMax}` : "SIGRTMAX";
  return fromMin ? `SIGRTMIN+${fromMin}` : "SIGRTMIN";
}

/** The owner of a signal that this module cannot catch; `undefined` if it can. */
export function ownerOf(signum: number): string | undefined {
  const name = nameOf(signum);
  if (name === null) return "the C library";
  if (name === "SIGKILL" || name === "SIGSTOP") return "the kernel, which lets no process catch it";
  return engineSignals[name];
}

/** Name -> number: `undefined` where this platform has no such signal. */
export function numberOf(name: string): number | undefined {
  if (Object.hasOwn(Signals, name)) return Signals[name];
  const alias = Object.hasOwn(ALIASES, name) && ALIASES[name];
  return alias ? Signals[alias] : realtimeNumberOf(name);
}

function realtimeNumberOf(name: string): number | undefined {
  const parts = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!parts || !realtime) return undefined;
  const [, end, sign, offset = "0"] = parts;
  if (sign && (sign === "+") !== (end === "MIN")) return undefined;
  const result = end === "MIN" ? realtime[0] + Number(offset) : realtime[1] - Number(offset);
  return isRealtime(result) ? result : undefined;
}

/** Descriptions in which musl's strsignal(3) differs from glibc's: src/string/strsignal.c. */
const IN_MUSL: Readonly<Partial<Record<string, string>>> = {
  SIGFPE: "Arithmetic exception",
  SIGCHLD: "Child process status",
};

export function describe(number: number): string | null {
  const name = nameInTable(number);
  if (name) return (isMusl && IN_MUSL[name]) || TABLE[name][4];
  if (!realtime || !isRealtime(number)) return null;
  return isMusl ? `RT${number}` : `Real-time signal ${number - realtime[0]}`;
}

export function defaultAction(number: number): DefaultAction {
  const name = nameInTable(number);
  return name ? TABLE[name][3] : "terminate";
}

/** Every number that a program may use, lowest first. */
export function allSignals(): number[] {
  const all: number[] = [];
  for (let number = 1; number < NSIG; number++) if (isSignal(number)) all.push(number);
  return all;
}
