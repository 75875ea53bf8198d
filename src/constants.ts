/** The constants of <signal.h>: each signal's number on this platform, `undefined` where it has no such
 * signal. The numbers and default actions come from the table in signals.ts. */
import { os } from "../ffi/mod.ts";
import { Signals } from "./signals.ts";

/** Hangup: the terminal is gone, or the connection to it. A daemon has none; to it the signal says that its
 * configuration has changed. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const load = () => console.log("configuration loaded");
 * load(); // => configuration loaded
 * signal.on(signal.SIGHUP, load);
 * signal.kill(process.pid, signal.SIGHUP); // => configuration loaded
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGHUP */
export const SIGHUP: number = Signals.SIGHUP;

/** Interrupt: Ctrl+C, sent by the terminal to the whole job in its foreground. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let stop = false;
 * signal.on(signal.SIGINT, () => {
 *   stop = true; // and the file in hand is still finished
 * });
 * for (const file of ["a", "b", "c"]) {
 *   if (file === "b") signal.raise(signal.SIGINT); // as Ctrl+C would
 *   console.log("converted", file);
 *   if (stop) break;
 * }
 * // => converted a
 * // => converted b
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGINT */
export const SIGINT: number = Signals.SIGINT;

/** Quit: Ctrl+\, for programs that Ctrl+C does not end. Some tell where they are instead.
 * Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let done = 0;
 * signal.on(signal.SIGQUIT, () => console.log(`${done} of 40 files`));
 * for (; done < 12; done++);
 * signal.raise(signal.SIGQUIT); // => 12 of 40 files
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGQUIT */
export const SIGQUIT: number = Signals.SIGQUIT;

/** Illegal instruction, raised by the processor: damaged code, or code for a newer processor. A handler here
 * gets it only from another process. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import { spawnSync } from "node:child_process"; // Deno wants --allow-run --allow-env
 * import * as signal from "@posix/signal";
 *
 * const child = spawnSync("sh", ["-c", "kill -ILL $$"]); // in place of a program that this machine cannot run
 * if (child.signal && signal.Signals[child.signal] === signal.SIGILL) {
 *   console.log("built for another processor?"); // => built for another processor?
 * }
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGILL */
export const SIGILL: number = Signals.SIGILL;

/** Trap: the processor has met a breakpoint, for a debugger. A handler here gets it only from another
 * process, or from `raise`. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGTRAP, signal.SIG_IGN); // without a debugger nothing happens
 * signal.raise(signal.SIGTRAP); // one that is attached stops here
 * console.log("goes on"); // => goes on
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGTRAP */
export const SIGTRAP: number = Signals.SIGTRAP;

/** Aborted: `abort(3)`, by which C programs end when they find themselves in a state that cannot be; and what
 * systemd sends to a service that no longer answers its watchdog. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const jobs = new Map([[17, "a report"]]);
 * signal.on(signal.SIGABRT, () => console.log("what hangs:", ...jobs.values()));
 * signal.raise(signal.SIGABRT); // => what hangs: a report
 * ```
 * @see POSIX.1-2024 <signal.h>; systemd.service(5), WatchdogSignal; Python signal.SIGABRT */
export const SIGABRT: number = Signals.SIGABRT;

/** Emulator trap. macOS only, where nothing sends it but another process.
 * Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * if (signal.SIGEMT === undefined) console.log("not on Linux"); // => not on Linux
 * ```
 * @see bsd/sys/signal.h of xnu */
export const SIGEMT: number | undefined = Signals.SIGEMT;

/** Bus error: memory that is not there behind its address, as beyond the end of a mapped file that was cut.
 * A handler here gets it only from another process. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * // The processor's own would say BUS_ADRERR, and goes to the runtime.
 * signal.on(signal.SIGBUS, (_signum, info) => console.log(info.codeName));
 * signal.kill(process.pid, signal.SIGBUS); // => SI_USER
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGBUS */
export const SIGBUS: number = Signals.SIGBUS;

/** Floating point exception, and above all a division of whole numbers by zero in native code: JavaScript's
 * own raises none. A handler here gets it only from another process.
 * Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(1 / 0); // => Infinity
 * const status = 136; // of a shell, when a native program has divided by zero
 * console.log(status - 128 === signal.SIGFPE); // => true
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGFPE */
export const SIGFPE: number = Signals.SIGFPE;

/** Killed: the end that no process can catch, ignore or hold; also sent by the kernel when memory is short,
 * and by systemd and Docker when SIGTERM has not helped in time. Default action: terminate.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // Deno wants --allow-run --allow-env
 * import * as signal from "@posix/signal";
 *
 * const ended = signal.once("SIGCHLD");
 * const child = spawn("sleep", ["60"]);
 * signal.kill(child.pid!, signal.SIGKILL); // the last resort: nothing is cleaned up
 * console.log((await ended).status === signal.SIGKILL); // => true
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGKILL */
export const SIGKILL: number = Signals.SIGKILL;

/** User defined signal 1: it means what the program says it means, and is often a request for a report or to
 * open the log anew. Node starts its debugger on it where nobody listens. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let requests = 0;
 * signal.on(signal.SIGUSR1, () => console.log(`${requests} requests so far`));
 * requests = 3;
 * signal.kill(process.pid, signal.SIGUSR1); // => 3 requests so far
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGUSR1 */
export const SIGUSR1: number = Signals.SIGUSR1;

/** Segmentation fault: native code used an address that the process may not use. A handler here gets it only
 * from another process. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // Deno wants --allow-run --allow-env
 * import * as signal from "@posix/signal";
 *
 * const ended = signal.once("SIGCHLD");
 * spawn("sh", ["-c", "kill -SEGV $$"]); // in place of a program with a bug
 * if ((await ended).status === signal.SIGSEGV) console.log("crashed"); // => crashed
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGSEGV */
export const SIGSEGV: number = Signals.SIGSEGV;

/** User defined signal 2: as `SIGUSR1`, for a second meaning. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let verbose = false;
 * signal.on(signal.SIGUSR2, () => {
 *   verbose = !verbose;
 *   console.log("verbose:", verbose);
 * });
 * signal.kill(process.pid, signal.SIGUSR2); // => verbose: true
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGUSR2 */
export const SIGUSR2: number = Signals.SIGUSR2;

/** Broken pipe: written to a pipe or socket that nobody reads. Deno and Bun ignore it from the start, so that
 * the write fails with EPIPE instead. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.getsignal(signal.SIGPIPE) === signal.SIG_IGN); // => true
 * signal.signal(signal.SIGPIPE, signal.SIG_DFL); // end in silence, as `cat` does when `head` has seen enough
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGPIPE */
export const SIGPIPE: number = Signals.SIGPIPE;

/** Alarm clock: the time of `alarm` or `setitimer(ITIMER_REAL)` is over. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGALRM, () => console.log("tea is ready"));
 * signal.setitimer(signal.ITIMER_REAL, 0.05); // seconds
 * signal.pause(); // => tea is ready
 * ```
 * @see POSIX.1-2024 <signal.h>, alarm; Python signal.SIGALRM */
export const SIGALRM: number = Signals.SIGALRM;

/** Terminated: the polite request to end, as `kill`, systemd and Docker send it; `shutdown` answers it.
 * Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const end = signal.shutdown({ signals: signal.SIGTERM });
 * end.defer("the database", () => console.log("closed"));
 * signal.kill(process.pid, signal.SIGTERM);
 * await end.done; // => closed
 * // => killed by SIGTERM
 * ```
 * @see POSIX.1-2024 <signal.h>; systemd.kill(5), KillSignal; Python signal.SIGTERM */
export const SIGTERM: number = Signals.SIGTERM;

/** Stack fault of a coprocessor: nothing sends it any more. Linux only. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const { SIGSTKFLT } = signal;
 * if (SIGSTKFLT) console.log(signal.strsignal(SIGSTKFLT)); // => Stack fault
 * ```
 * @see signal(7); Python signal.SIGSTKFLT */
export const SIGSTKFLT: number | undefined = Signals.SIGSTKFLT;

/** A child process has ended, stopped or gone on; which one, and how, is in the `SigInfo`. The kernel merges
 * the ends of several children that are close together. Default action: ignore.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // Deno wants --allow-run --allow-env
 * import * as signal from "@posix/signal";
 *
 * const ended = signal.once(signal.SIGCHLD);
 * const child = spawn("sh", ["-c", "exit 3"]);
 * const { pid, codeName, status } = await ended;
 * console.log(pid === child.pid, codeName, status); // => true CLD_EXITED 3
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGCHLD */
export const SIGCHLD: number = Signals.SIGCHLD;

/** Continued: a stopped process goes on when it is sent, whatever the process has set; `fg` and `bg` of a
 * shell send it. A handler runs after that. Default action: continue.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * // Others have written to the terminal since Ctrl+Z.
 * signal.on(signal.SIGCONT, () => console.log("drawn again"));
 * signal.raise(signal.SIGCONT); // => drawn again
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGCONT */
export const SIGCONT: number = Signals.SIGCONT;

/** Stopped, until SIGCONT: no process can catch, ignore or hold it. Default action: stop.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // Deno wants --allow-run --allow-env
 * import * as signal from "@posix/signal";
 *
 * const child = spawn("sleep", ["60"]);
 * await using told = signal.events("SIGCHLD");
 * for (const sent of [signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL]) {
 *   signal.kill(child.pid!, sent);
 *   console.log((await told.next()).value?.codeName);
 * }
 * // => CLD_STOPPED
 * // => CLD_CONTINUED
 * // => CLD_KILLED
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGSTOP */
export const SIGSTOP: number = Signals.SIGSTOP;

/** Stopped at the keyboard: Ctrl+Z. A program that has changed its terminal puts that right in a handler, and
 * stops by `raise("SIGSTOP")`. Default action: stop.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const before = signal.signal(signal.SIGTSTP, signal.SIG_IGN); // as long as the terminal does not echo
 * signal.raise(signal.SIGTSTP); // as Ctrl+Z would
 * console.log("password read"); // => password read
 * signal.signal(signal.SIGTSTP, before ?? signal.SIG_DFL);
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGTSTP */
export const SIGTSTP: number = Signals.SIGTSTP;

/** A job in the background wanted to read from its terminal. Ignored, the read fails with EIO instead.
 * Default action: stop.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.on(signal.SIGTTIN, () => console.log("asks a question: fg to answer it"));
 * signal.raise(signal.SIGTTIN); // => asks a question: fg to answer it
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGTTIN */
export const SIGTTIN: number = Signals.SIGTTIN;

/** A job in the background wanted to change its terminal, or, after `stty tostop`, to write to it.
 * Default action: stop.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGTTOU, signal.SIG_IGN); // write all the same, and do not stop
 * signal.raise(signal.SIGTTOU);
 * console.log("from the background"); // => from the background
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGTTOU */
export const SIGTTOU: number = Signals.SIGTTOU;

/** Urgent data at a socket that has an owner (F_SETOWN of fcntl(2)). Since it does nothing by default, some
 * runtimes wake their own threads by it. Default action: ignore.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.kill(process.pid, signal.SIGURG); // harms no program
 * signal.on(signal.SIGURG, () => console.log("out of turn"));
 * signal.kill(process.pid, signal.SIGURG); // => out of turn
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGURG */
export const SIGURG: number = Signals.SIGURG;

/** More processor time used than the soft RLIMIT_CPU allows (`ulimit -St`, in seconds). The kernel sends it
 * again each second, and SIGKILL at the hard limit. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * let step = 0;
 * signal.on(signal.SIGXCPU, () => console.log("saved at step", step));
 * for (; step < 1000; step++) {
 *   if (step === 500) signal.raise(signal.SIGXCPU); // => saved at step 500
 *   signal.check(); // so that the handler runs between two steps
 * }
 * ```
 * @see POSIX.1-2024 <signal.h>; setrlimit(2); Python signal.SIGXCPU */
export const SIGXCPU: number = Signals.SIGXCPU;

/** A file would have grown larger than RLIMIT_FSIZE allows. Ignored, as Bun does from the start, the write
 * fails with EFBIG instead. Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGXFSZ, signal.SIG_IGN); // an error that can be caught, in Deno as in Bun
 * signal.raise(signal.SIGXFSZ);
 * console.log("still here"); // => still here
 * ```
 * @see POSIX.1-2024 <signal.h>; setrlimit(2); Python signal.SIGXFSZ */
export const SIGXFSZ: number = Signals.SIGXFSZ;

/** The time of `setitimer(ITIMER_VIRTUAL)` is over: processor time of the program itself.
 * Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGVTALRM, () => {
 *   throw new signal.TimeoutError("30 ms of computing");
 * });
 * signal.setitimer(signal.ITIMER_VIRTUAL, 0.03);
 * try {
 *   while (true) signal.check();
 * } catch (error) {
 *   console.log((error as Error).message); // => 30 ms of computing
 * }
 * ```
 * @see POSIX.1-2008 <signal.h>; setitimer(2); Python signal.SIGVTALRM */
export const SIGVTALRM: number = Signals.SIGVTALRM;

/** The time of `setitimer(ITIMER_PROF)` is over: processor time of the program, and of the kernel on its
 * behalf. Profilers live on it, Deno's `--cpu-prof` among them. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const seen = new Set<string>();
 * let phase = "parse";
 * signal.signal(signal.SIGPROF, () => seen.add(phase));
 * signal.setitimer(signal.ITIMER_PROF, 0.01, 0.01); // a sample every 10 ms of work
 * for (phase of ["parse", "print"]) {
 *   while (!seen.has(phase)) signal.check();
 * }
 * console.log(...seen); // => parse print
 * ```
 * @see POSIX.1-2008 <signal.h>; setitimer(2); Python signal.SIGPROF */
export const SIGPROF: number = Signals.SIGPROF;

/** The terminal's window has another size. Default action: ignore.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const draw = () => console.log("-".repeat(process.stdout.columns ?? 8));
 * draw(); // => --------
 * signal.on(signal.SIGWINCH, draw);
 * signal.raise(signal.SIGWINCH); // => --------
 * ```
 * @see POSIX.1-2024 <signal.h>; Python signal.SIGWINCH */
export const SIGWINCH: number = Signals.SIGWINCH;

/** A descriptor is ready that was asked to tell so (O_ASYNC of fcntl(2)). `SIGPOLL` is the same.
 * Default action: terminate; on macOS: ignore.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.on(signal.SIGIO, (_signum, info) => {
 *   if (info.codeName === "POLL_IN") console.log(`read descriptor ${info.fd}`);
 *   else console.log("sent by process", info.pid);
 * });
 * signal.kill(process.pid, signal.SIGIO); // => sent by process 4242
 * ```
 * @see signal(7); bsd/sys/signal.h of xnu; Python signal.SIGIO */
export const SIGIO: number = Signals.SIGIO;

/** Power failure, as the daemon of an uninterruptible power supply tells it to process 1. Linux only; in Bun
 * the engine lives on it, and it cannot be taken. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const { SIGPWR } = signal;
 * if (SIGPWR) console.log(signal.strsignal(SIGPWR)); // => Power failure
 * ```
 * @see signal(7); Python signal.SIGPWR */
export const SIGPWR: number | undefined = Signals.SIGPWR;

/** Information request: Ctrl+T, to which programs answer with how far they are. macOS only.
 * Default action: ignore.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const ask = signal.SIGINFO ?? signal.SIGUSR1; // as dd does on Linux
 * signal.on(ask, () => console.log("12 of 40 files"));
 * signal.kill(process.pid, ask); // => 12 of 40 files
 * ```
 * @see bsd/sys/signal.h of xnu */
export const SIGINFO: number | undefined = Signals.SIGINFO;

/** Bad system call: a sandbox (seccomp(2)) has refused it. A handler here gets it only from another process.
 * Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const status = 128 + 31; // of a container that has ended
 * if (process.platform === "linux" && status - 128 === signal.SIGSYS) {
 *   console.log("stopped by its seccomp profile"); // => stopped by its seccomp profile
 * }
 * ```
 * @see POSIX.1-2024 <signal.h>; seccomp(2); Python signal.SIGSYS */
export const SIGSYS: number = Signals.SIGSYS;

/** Second name of `SIGABRT`, after the instruction of the PDP-11 that raised it.
 * Default action: terminate with a core dump.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.SIGIOT === signal.SIGABRT); // => true
 * ```
 * @see signal(7); Python signal.SIGIOT */
export const SIGIOT: number = SIGABRT;

/** Second name of `SIGIO`, from System V. Linux only. Default action: terminate.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.on("SIGPOLL", (_signum, info) => console.log(info.name));
 * signal.raise(signal.SIGPOLL!); // => SIGIO
 * ```
 * @see signal(7); Python signal.SIGPOLL */
export const SIGPOLL: number | undefined = os === "macos" ? undefined : SIGIO;

/** Second name of `SIGCHLD`, from System V. Linux only. Default action: ignore.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.on("SIGCLD", (_signum, info) => console.log(info.name));
 * signal.raise(signal.SIGCLD!); // => SIGCHLD
 * ```
 * @see signal(7); Python signal.SIGCLD */
export const SIGCLD: number | undefined = os === "macos" ? undefined : SIGCHLD;
