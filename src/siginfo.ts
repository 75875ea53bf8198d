/** A signal as it was delivered: siginfo_t as a plain object. */
import { type Field, layout, os, readField, type SiginfoFields } from "../ffi/mod.ts";
import { isFault, nameOf, type SignalName } from "./signals.ts";

/** The members of `SigInfo`. A member that the kernel did not fill is absent; `codeName` determines which are present,
 * and `SigInfo` expresses that in types.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * function sender({ pid, uid }: signal.SigInfoMembers): string {
 *   return pid ? `process ${pid} of user ${uid}` : "the kernel, or a terminal";
 * }
 * signal.signal("SIGALRM", (_signum, info) => console.log(sender(info)));
 * signal.setitimer(signal.ITIMER_REAL, 0.01);
 * signal.pause(); // => the kernel, or a terminal
 * ```
 * @see POSIX.1-2024 <signal.h>, siginfo_t */
export interface SigInfoMembers {
  /** The signal's number. */
  readonly signum: number;
  /** Its name: `"SIGTERM"`, `"SIGRTMIN+3"`. */
  readonly name: SignalName;
  /** Why it was sent: si_code. */
  readonly code: number;
  /** The same by name: `"SI_USER"`, `"CLD_EXITED"`; `"unknown"` where the handler had no siginfo_t. */
  readonly codeName: string;
  /** The sending process; the child, for SIGCHLD; 0 when the kernel or a terminal sent it. */
  readonly pid?: number;
  /** The real user ID of that process. */
  readonly uid?: number;
  /** The number given to `sigqueue`, or a timer's own. */
  readonly value?: number;
  /** SIGCHLD: the exit status, or the signal that killed, stopped or continued the child. */
  readonly status?: number;
  /** SIGCHLD: processor time of the child in user mode, in seconds. */
  readonly utime?: number;
  /** SIGCHLD: processor time of the child in the kernel, in seconds. */
  readonly stime?: number;
  /** SIGIO: the descriptor. */
  readonly fd?: number;
  /** SIGIO: the events, as poll(2) names them. */
  readonly band?: number;
  /** Faults: the address. */
  readonly address?: number;
  /** Interval timers of timer_create(2): the kernel's number of the timer. */
  readonly timerId?: number;
  /** Interval timers of timer_create(2): how many further expiries coalesced into this signal. */
  readonly overrun?: number;
  /** When the C handler ran, in milliseconds on the `performance.now()` clock. */
  readonly time: number;
  /** Counts deliveries to this program, from 1. */
  readonly sequence: number;
}

/** One delivered signal. `codeName` says why it was sent, and determines which members are present: a check of it
 * narrows the type.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * function answer(info: signal.SigInfo): void {
 *   if (info.codeName === "SI_QUEUE") console.log(info.value * 2); // `value` is present
 * }
 * signal.signal("SIGRTMIN", (_signum, info) => answer(info));
 * signal.sigqueue(process.pid, "SIGRTMIN", 21); // => 42
 * ```
 * @see POSIX.1-2024 <signal.h>, siginfo_t; sigaction(2) */
export type SigInfo =
  & SigInfoMembers
  & (
    | { readonly codeName: "SI_USER" | "SI_TKILL" | "SI_KERNEL"; readonly pid: number; readonly uid: number }
    | { readonly codeName: "SI_QUEUE"; readonly pid: number; readonly uid: number; readonly value: number }
    | {
      readonly codeName: "SI_TIMER"; // Linux
      readonly timerId: number;
      readonly overrun: number;
      readonly value: number;
    }
    | {
      readonly codeName:
        | "CLD_EXITED"
        | "CLD_KILLED"
        | "CLD_DUMPED"
        | "CLD_TRAPPED"
        | "CLD_STOPPED"
        | "CLD_CONTINUED";
      readonly pid: number;
      readonly uid: number;
      readonly status: number;
    }
    | {
      readonly codeName: "POLL_IN" | "POLL_OUT" | "POLL_MSG" | "POLL_ERR" | "POLL_PRI" | "POLL_HUP" | "SI_SIGIO";
      readonly band: number;
    }
    | {
      readonly codeName: `${"ILL" | "FPE" | "SEGV" | "BUS" | "TRAP"}_${string}` | "SYS_SECCOMP";
      readonly address: number;
    }
    | {
      readonly codeName: "SI_ASYNCIO" | "SI_MESGQ" | "SI_DETHREAD" | "SI_ASYNCNL";
      readonly pid: number;
      readonly uid: number;
    }
    | { readonly codeName: "unknown" | `code ${number}` }
  );

/** The meaning of si_code that is common to all signals: asm-generic/siginfo.h; sys/signal.h of xnu, whose kernel
 * however sets 0 for signals of kill(2) and of terminals: sendsig() in bsd/dev/arm/unix_signal.c. */
const COMMON: ReadonlyMap<number, string> = new Map(
  os === "macos"
    ? [
      [0, "SI_USER"],
      [0x10001, "SI_USER"],
      [0x10002, "SI_QUEUE"],
      [0x10003, "SI_TIMER"],
      [0x10004, "SI_ASYNCIO"],
      [0x10005, "SI_MESGQ"],
    ]
    : [
      [0, "SI_USER"],
      [0x80, "SI_KERNEL"],
      [-1, "SI_QUEUE"],
      [-2, "SI_TIMER"],
      [-3, "SI_MESGQ"],
      [-4, "SI_ASYNCIO"],
      [-5, "SI_SIGIO"],
      [-6, "SI_TKILL"],
      [-7, "SI_DETHREAD"],
      [-60, "SI_ASYNCNL"],
    ],
);

/** si_code from 1 up, by signal: the same sources, and POSIX.1-2024 <signal.h>. */
const SPECIFIC: Readonly<Record<string, readonly string[]>> = {
  SIGILL: os === "macos"
    ? [
      "ILL_ILLOPC",
      "ILL_ILLTRP",
      "ILL_PRVOPC",
      "ILL_ILLOPN",
      "ILL_ILLADR",
      "ILL_PRVREG",
      "ILL_COPROC",
      "ILL_BADSTK",
    ]
    : [
      "ILL_ILLOPC",
      "ILL_ILLOPN",
      "ILL_ILLADR",
      "ILL_ILLTRP",
      "ILL_PRVOPC",
      "ILL_PRVREG",
      "ILL_COPROC",
      "ILL_BADSTK",
    ],
  SIGFPE: os === "macos"
    ? [
      "FPE_FLTDIV",
      "FPE_FLTOVF",
      "FPE_FLTUND",
      "FPE_FLTRES",
      "FPE_FLTINV",
      "FPE_FLTSUB",
      "FPE_INTDIV",
      "FPE_INTOVF",
    ]
    : [
      "FPE_INTDIV",
      "FPE_INTOVF",
      "FPE_FLTDIV",
      "FPE_FLTOVF",
      "FPE_FLTUND",
      "FPE_FLTRES",
      "FPE_FLTINV",
      "FPE_FLTSUB",
    ],
  SIGSEGV: ["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"],
  SIGBUS: ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"],
  SIGTRAP: ["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"],
  SIGCHLD: ["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"],
  SIGIO: ["POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP"],
  SIGSYS: ["SYS_SECCOMP"],
};

/** The names of the codes from 1 up for this signal. Any signal can be made to report a descriptor (F_SETSIG of
 * fcntl(2)), with the codes of SIGIO unless it has its own: siginfo_layout() of Linux. */
function codesOf(name: string): readonly string[] {
  return SPECIFIC[name] ?? (os === "linux" ? SPECIFIC.SIGIO : []);
}

/** The members that a cause fills besides the common ones. */
type Filled = "sender" | "value" | "child" | "timer" | "descriptor" | "address";

/** The meaning of a `si_code` of a signal. */
interface Cause {
  readonly name: SignalName;
  readonly code: number;
  readonly codeName: string;
  readonly filled: Filled;
}

/** Cache: the last cause of each signal. */
const causes: (Cause | undefined)[] = [];

function newCause(signum: number, code: number): Cause {
  const name = nameOf(signum)!;
  const common = COMMON.get(code);
  const specific = code > 0 && !common ? codesOf(name)[code - 1] : undefined;
  const filled = filledBy(signum, name, code, specific);
  return causes[signum] = { name, code, codeName: common ?? specific ?? `code ${code}`, filled };
}

function filledBy(signum: number, name: string, code: number, specific: string | undefined): Filled {
  if (code === SI_TIMER && os === "linux") return "timer";
  if (code === SI_SIGIO || (specific && codesOf(name) === SPECIFIC.SIGIO)) return "descriptor";
  if (specific && (isFault(signum) || name === "SIGSYS")) return "address";
  if (specific && name === "SIGCHLD") return "child";
  const queued = os === "macos" ? code === SI_QUEUE : code < 0 && code !== SI_TKILL;
  return queued ? "value" : "sender";
}

const SI_QUEUE = os === "macos" ? 0x10002 : -1;
const SI_TIMER = os === "macos" ? 0x10003 : -2;
const SI_SIGIO = -5;
const SI_TKILL = -6;
/** sysconf(_SC_CLK_TCK) of every Linux. */
const TICKS_PER_SECOND = 100;

const { si_code, si_pid, si_uid, si_value, si_status, si_addr, si_band } = layout.siginfo;
/** Members that macOS lacks. */
const { si_fd, si_timerid, si_overrun, si_utime, si_stime }: SiginfoFields = layout.siginfo;

/** Places in a record, in words of 32 bits. */
const FLAGS = layout.record.flags.at / 4;
const INFO = layout.record.info.at / 4;
const CODE = INFO + si_code.at / 4;
const PID = INFO + si_pid.at / 4;
const UID = INFO + si_uid.at / 4;
const VALUE = INFO + si_value.at / 4;

/** Reads the record that begins at words[at]. The commonest kinds are one object literal each, which engines allocate
 * in one step. */
export function toSigInfo(words: Int32Array, at: number, signum: number, sequence: number, time: number): SigInfo {
  const code = words[at + CODE];
  let cause = causes[signum];
  if (cause?.code !== code) cause = newCause(signum, code);
  const { name, codeName, filled } = cause!;
  const pid = words[at + PID];
  const uid = words[at + UID] >>> 0;
  if (filled === "value") {
    return { signum, name, code, codeName, time, sequence, pid, uid, value: words[at + VALUE] } as SigInfo;
  }
  if (filled === "sender" && (words[at + FLAGS] & layout.constants.PS_NO_INFO) === 0) {
    return { signum, name, code, codeName, time, sequence, pid, uid } as SigInfo;
  }
  return { signum, name, code, codeName, time, sequence, ...rareMembers(words, at + INFO, filled) } as SigInfo;
}

function rareMembers(words: Int32Array, info: number, filled: Filled): Partial<SigInfoMembers> {
  const member = (place: Field): number => readField(words, place, info);
  const optional = (name: keyof SigInfoMembers, place: Field | undefined, unit = 1) =>
    place && { [name]: member(place) / unit };
  switch (filled) {
    case "timer":
      return { ...optional("timerId", si_timerid), ...optional("overrun", si_overrun), value: member(si_value) };
    case "descriptor":
      return { band: member(si_band), ...optional("fd", si_fd) };
    case "address":
      return { address: member(si_addr) };
    case "child":
      return {
        pid: member(si_pid),
        uid: member(si_uid),
        status: member(si_status),
        ...optional("utime", si_utime, TICKS_PER_SECOND),
        ...optional("stime", si_stime, TICKS_PER_SECOND),
      };
    default: // PS_NO_INFO
      return { codeName: "unknown" };
  }
}
