/** POSIX signals for Deno and Bun: Python's `signal` module, and the daemon layer above it.
 *
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", (signum, info) => console.log(`${info.name} from process ${info.pid}`));
 * ```
 *
 * @module */
export {
  NSIG,
  SIGABRT,
  SIGALRM,
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
export { type Handler, type Owner, SIG_DFL, SIG_IGN, type SignalHandler } from "./src/registry.ts";
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
export { abortOn } from "./src/abort.ts";
export { hold } from "./src/hold.ts";
export { type Shutdown, shutdown, type ShutdownOptions } from "./src/shutdown.ts";
export { deadline } from "./src/deadline.ts";
export { type SignalStats, stats } from "./src/stats.ts";
export { inspect, type Inspection, type SignalState } from "./src/inspect.ts";
export { open, type OpenOptions } from "./src/open.ts";
