/** Forwarding signals to a child. */
import { endAs } from "../ffi/mod.ts";
import { native, program } from "./program.ts";
import { requireMainThread, show, someSignals } from "./arguments.ts";
import { type Child, hasEnded, onEnd, pidOf, Process, type Status } from "./child.ts";
import { PosixError } from "./errors.ts";
import { type Listener, on, type SignalsLike, withOff } from "./on.ts";
import { raise } from "./posix/send.ts";
import type { SigInfo } from "./siginfo.ts";
import {
  numberOf,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGINT,
  type SignalName,
  Signals,
  SIGQUIT,
  SIGSTOP,
  SIGTSTP,
  SIGWINCH,
} from "./signals.ts";

const ACTION = "forward signals";
/** Signals that other processes send to notify or control a program. */
const NAMES = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGWINCH", "SIGTSTP", "SIGCONT"],
  "SIGINFO",
] as const satisfies SignalName[];
/** Signals that a terminal sends to its whole foreground process group. */
const OF_TERMINALS = new Set([SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, numberOf("SIGINFO")]);

/** Forwards signals to a child until the child terminates, as if it ran in place of this process.
 *
 * - A keypress, a resize or a hang-up is not forwarded if the terminal sent it to the child as well: both are in the
 *   same process group.
 * - After SIGTSTP this process stops when the child does, so that a shell sees its job stopped.
 * - If this program exits by itself after the child, it exits as the child did: with its status, or by its signal (as
 *   process 1 with 128 + n). `process.exit` and `shutdown` take precedence, and `off()` before the child's exit turns
 *   this off. An object with only a pid does not report how the child terminated.
 * - A signal delivered after the child has terminated takes the action that it would take without `forward`.
 *
 * @param sigs Default: SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT, and
 * SIGINFO where it exists. A queued value is forwarded with its signal.
 * @throws {TypeError} `child` is no object with a pid.
 * @throws {RangeError} Its pid is -1, 0, 1 or this process's; no signal is given.
 * @throws {PosixError} `ECHILD`: it has ended, or is no child of this process. `EINVAL`: a signal that cannot be caught.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // needs --allow-run and --allow-env
 * import * as signal from "@posix/signal";
 *
 * const child = spawn("sleep", ["60"], { stdio: "inherit" });
 * signal.forward(child);
 * signal.raise("SIGTERM"); // the child ends by it, and this program as the child did
 * // => killed by SIGTERM
 * ```
 * @see setpgid(2); tty_ioctl(4); the package foreground-child */
export function forward(child: Child, sigs: SignalsLike = NAMES.filter((name) => name in Signals)): Listener {
  if (typeof child !== "object" || child === null) {
    throw new TypeError(`Cannot ${ACTION}: the child must be an object with its pid, got ${show(child)}`);
  }
  const signals = someSignals(sigs, ACTION);
  requireMainThread(ACTION);
  const pid = pidOf(child, ACTION);
  const target = hasEnded(child) ? undefined : Process.of(pid);
  if (!target) {
    throw new PosixError("waitid", "ECHILD", `process ${pid} has ended, or is no child of this one`);
  }

  const { ps_getpgid, ps_getsid, ps_getpid } = native();
  let group = ps_getpgid(pid);
  /** Whether the terminal sent it to the child too. A hang-up is sent to the session leader alone, and to its foreground
   * group only when that leader exits: tty_io.c, disassociate_ctty(). */
  const hadItself = ({ signum, codeName }: SigInfo): boolean => {
    if (codeName !== "SI_KERNEL" || !OF_TERMINALS.has(signum)) return false;
    if (!target.hasEnded) group = ps_getpgid(pid); // a child that was reaped has none, and got it before its end
    return group === ps_getpgid(0) && (signum !== SIGHUP || ps_getsid(0) !== ps_getpid());
  };

  let suspension: Listener | undefined;
  let suspended = false;
  const stopWithChild = () => {
    if (!suspension || !target.isStopped) return;
    suspension.off();
    suspension = undefined;
    suspended = true;
    raise(SIGSTOP); // returns when this process is continued, after its SIGCONT was handled
    suspended = false;
  };
  const deliver = (signum: number, info: SigInfo) => {
    // A shell continues the whole group, so the child may run already.
    const had = hadItself(info) || (signum === SIGCONT && suspended && !target.isStopped);
    if (!had && !target.send(signum, "value" in info ? info.value : undefined)) {
      if (handle.off()) raise(signum);
      return;
    }
    if (signum !== SIGTSTP) return;
    suspension ??= on(SIGCHLD, stopWithChild);
    stopWithChild();
  };

  let listener: Listener;
  try {
    listener = on(signals, deliver);
  } catch (error) {
    target[Symbol.dispose]();
    throw error;
  }
  const handle = withOff(listener, () => {
    suspension?.off();
    suspension = undefined;
    target[Symbol.dispose]();
    return listener.off();
  });
  onEnd(child, (status) => {
    program().deliverCaught(); // before `off`, after which a keypress that the child had as well would be fatal
    if (handle.off()) endLike(status);
  });
  return handle;
}

function endLike({ code, signal }: Status): void {
  const signum = signal === null ? undefined : numberOf(signal);
  if (signum === undefined) endAs(code ?? 1);
  else endAs(128 + signum, () => native().ps_die(signum));
}
