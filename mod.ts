/** POSIX signals for Deno and Bun: Python's `signal` module, and a layer for daemons above it.
 *
 * Meant to be imported whole. Importing has no effect; the first call that needs the native part loads it from the
 * package, for which Deno wants `--allow-ffi` and nothing else.
 *
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", (_signum, info) => console.log(`${info.name} from process ${info.pid}`));
 * signal.kill(process.pid, "SIGHUP"); // => SIGHUP from process 4242
 * ```
 *
 * Handlers run on the event loop's next turn after the signal, or, if the thread is inside a blocking call
 * of this module, before that returns: `check`, `pause`, `sleep`, `sigwait`, `kill`, `raise` and their like.
 * Their errors propagate from that call. They run on the main thread, in the order of arrival, and do not keep
 * the process alive. Every delivery by the kernel is queued; one that finds the queue full is counted in `stats`.
 *
 * Signals are given as numbers or names, several as an iterable; times are in seconds. A refusal by the system
 * is a `PosixError`, a bad number a `RangeError`, a bad type a `TypeError`; a failed call changes nothing. Where
 * the native part cannot be loaded, the first call that needs it throws an `Error` that says what to do.
 *
 * @module */
export {
  NSIG,
  SIGABRT,
  SIGALRM,
  SIGBREAK,
  SIGBUS,
  SIGCHLD,
  SIGCLD,
  SIGCONT,
  SIGEMT,
  SIGFPE,
  SIGHUP,
  SIGILL,
  SIGINFO,
  SIGINT,
  SIGIO,
  SIGIOT,
  SIGKILL,
  type SignalLike,
  type SignalName,
  Signals,
  SIGPIPE,
  SIGPOLL,
  SIGPROF,
  SIGPWR,
  SIGQUIT,
  SIGRTMAX,
  SIGRTMIN,
  SIGSEGV,
  SIGSTKFLT,
  SIGSTOP,
  SIGSYS,
  SIGTERM,
  SIGTRAP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGUSR1,
  SIGUSR2,
  SIGVTALRM,
  SIGWINCH,
  SIGXCPU,
  SIGXFSZ,
} from "./src/signals.ts";
export type { SigInfo, SigInfoMembers } from "./src/siginfo.ts";
export { ItimerError, KeyboardInterrupt, PosixError, SignalError, TimeoutError } from "./src/errors.ts";
export { type Handler, SIG_DFL, SIG_IGN, type SignalHandler } from "./src/signal_state.ts";
export {
  defaultIntHandler,
  getsignal,
  type SigAction,
  sigaction,
  siginterrupt,
  signal,
  strsignal,
  validSignals,
} from "./src/posix/disposition.ts";
export { alarm, getitimer, ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, setitimer } from "./src/posix/timers.ts";
export { kill, killpg, pidfdOpen, pidfdSendSignal, pthreadKill, raise, sigqueue } from "./src/posix/send.ts";
export { check, pause, sigtimedwait, sigwait, sigwaitinfo, sleep } from "./src/posix/wait.ts";
export { pthreadSigmask, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, sigpending, sigprocmask } from "./src/posix/mask.ts";
export { setWakeupFd } from "./src/posix/wakeup.ts";
export { type Listener, on, once, type OnceOptions, type OnOptions, type SignalsLike } from "./src/on.ts";
export { events, type EventsOptions, type SignalEvents } from "./src/events.ts";
export { abortOn, type SignalAbortSignal } from "./src/abort.ts";
export { hold } from "./src/hold.ts";
export { type Shutdown, shutdown, type ShutdownOptions } from "./src/shutdown.ts";
export { deadline } from "./src/deadline.ts";
export { type SignalStats, stats } from "./src/stats.ts";
export { inspect, type Inspection, type Owner, type SignalState } from "./src/inspect.ts";
export { open, type OpenOptions } from "./src/open.ts";
export { type Child } from "./src/child.ts";
export { forward } from "./src/forward.ts";
export { notify, type NotifyState } from "./src/notify.ts";
export { reap, type ReapOptions } from "./src/reap.ts";
export { reload, type ReloadOptions } from "./src/reload.ts";
export { stop, type StopOptions } from "./src/stop.ts";
export { watchdog } from "./src/watchdog.ts";
