/** Dispositions: sigaction(2), signal(3), siginterrupt(3), strsignal(3). */
import { os } from "../../ffi/mod.ts";
import {
  isFunction,
  options as checkOptions,
  requireBoolean,
  requireTakeable,
  show,
  signalNumber,
  signalSet,
} from "../arguments.ts";
import { KeyboardInterrupt } from "../errors.ts";
import { stateOf } from "../program.ts";
import type { SigInfo } from "../siginfo.ts";
import {
  allSignals,
  defaultAction,
  describe,
  isReserved,
  ownerOf,
  SIGCHLD,
  SIGCONT,
  type SignalLike,
} from "../signals.ts";
import { type ActionFlags, DEFAULT_FLAGS, type Handler, SIG_DFL, SIG_IGN, type SignalState } from "../signal_state.ts";

/** A disposition with its flags, as `sigaction` takes and returns it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const action: signal.SigAction = { handler: () => console.log("once"), resetHand: true, mask: ["SIGTERM"] };
 * signal.sigaction("SIGUSR1", action);
 * signal.raise("SIGUSR1"); // => once
 * console.log(signal.getsignal("SIGUSR1") === signal.SIG_DFL); // => true
 * ```
 * @see POSIX.1-2024 <signal.h> */
export interface SigAction {
  /** `null` in a result: other code installed it. */
  readonly handler: Handler | null;
  /** SA_RESTART: system calls that the signal interrupts are restarted. Default: true. */
  readonly restart?: boolean;
  /** SA_RESETHAND: the first delivery restores the default action. macOS does not report it for handlers of other
   * code. */
  readonly resetHand?: boolean;
  /** SA_NOCLDSTOP: SIGCHLD only for children that ended. */
  readonly noChildStop?: boolean;
  /** SA_NOCLDWAIT: children leave no zombie, and cannot be waited for. */
  readonly noChildWait?: boolean;
  /** sa_mask: signals whose handlers are deferred while this one runs. */
  readonly mask?: Iterable<SignalLike>;
}

function handlerOf(value: unknown, action: string): Handler {
  if (isFunction(value) || value === SIG_DFL || value === SIG_IGN) return value as Handler;
  throw new TypeError(`Cannot ${action}: the handler must be a function, SIG_DFL or SIG_IGN, got ${show(value)}`);
}

function set(state: SignalState, handler: Handler, flags: ActionFlags): void {
  if (typeof handler === "function") return state.setHandler(handler, flags);
  if (handler === SIG_IGN && state.signum === SIGCHLD) {
    console.warn("SIGCHLD is ignored from now on: the exit status of a child process is lost, for the runtime too");
  }
  state.setPlain(handler, discardsPending(state.signum, handler), flags);
}

/** A pending signal whose default action is to do nothing is discarded with the handler: POSIX sigaction. SIGCONT too,
 * since it continued the process when it was sent. */
function discardsPending(signum: number, action: Handler | null): boolean {
  if (action === SIG_IGN) return true;
  return action === SIG_DFL && (defaultAction(signum) === "ignore" || signum === SIGCONT);
}

/** `signal(3)`: installs `handler` for `sig`, as Python's `signal.signal`.
 *
 * A function runs with `(signum, info)` on the event loop's next turn after the signal, or, while the thread is in a
 * blocking call of this module, before that call returns. System calls are restarted (SA_RESTART).
 *
 * @returns The previous handler: a function, `SIG_DFL` or `SIG_IGN`; `null` if other code had installed it.
 * @throws {TypeError} `handler` is something else.
 * @throws {RangeError} There is no such signal.
 * @throws {PosixError} `EINVAL`: the signal cannot be caught; the message names its owner.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const before = signal.signal("SIGHUP", (signum, info) => {
 *   console.log(`${info.name} (${signum}) from process ${info.pid}`);
 * });
 * signal.kill(process.pid, "SIGHUP"); // => SIGHUP (1) from process 4242
 * console.log(before === signal.SIG_DFL); // => true
 * ```
 * @see POSIX.1-2024 signal */
export function signal(sig: SignalLike, handler: Handler): Handler | null {
  const signum = signalNumber(sig, "set a handler", { reserved: true });
  const next = handlerOf(handler, "set a handler");
  requireTakeable(signum, "handle");
  const state = stateOf(signum);
  const previous = state.disposition;
  set(state, next, DEFAULT_FLAGS);
  return previous;
}

/** The present handler of `sig`, the same function that was given to `signal`; `null` for a handler that other code
 * installed, and for signals that belong to the C library.
 *
 * @throws {RangeError} There is no such signal.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const handler = () => {};
 * signal.signal("SIGHUP", handler);
 * console.log(signal.getsignal("SIGHUP") === handler); // => true
 * console.log(signal.getsignal("SIGPIPE") === signal.SIG_IGN); // => true
 * ```
 * @see Python signal.getsignal */
export function getsignal(sig: SignalLike): Handler | null {
  if (isReserved(sig)) return null;
  return stateOf(signalNumber(sig, "get a handler")).disposition;
}

/** XNU does not report SA_RESETHAND, so it is unknown for handlers of other code. */
function unreported(handler: Handler | null): Pick<SigAction, "resetHand"> {
  return os === "macos" && handler === null ? { resetHand: undefined } : {};
}

const SIGACTION_KEYS = ["handler", "restart", "resetHand", "noChildStop", "noChildWait", "mask"] as const;

/** `sigaction(2)`: as `signal`, with flags and mask; without `action` a query.
 *
 * @returns The disposition before the call.
 * @throws {TypeError} An invalid handler; an unknown option, or one that is not true or false.
 * @throws {RangeError} There is no such signal.
 * @throws {PosixError} `EINVAL`: the signal cannot be caught.
 * @throws {Error} In a Worker, unless it is a query.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.sigaction("SIGCHLD", { handler: () => console.log("a child ended"), noChildStop: true });
 * const { restart, noChildStop } = signal.sigaction("SIGCHLD");
 * console.log(restart, noChildStop); // => true true
 * ```
 * @see POSIX.1-2024 sigaction */
export function sigaction(sig: SignalLike, action?: SigAction): SigAction {
  const signum = signalNumber(sig, "set an action", { reserved: action !== undefined });
  let handler: Handler | undefined;
  let flags = DEFAULT_FLAGS;
  if (action !== undefined) {
    if (isFunction(action)) {
      throw new TypeError("Cannot set an action: it is an object, { handler }, got a function; signal() takes one");
    }
    const given = checkOptions<SigAction>(action, "set an action", SIGACTION_KEYS);
    handler = handlerOf(given.handler, "set an action");
    for (const key of ["restart", "resetHand", "noChildStop", "noChildWait"] as const) {
      if (given[key] !== undefined) requireBoolean(given[key], "set an action", key);
    }
    flags = {
      restart: given.restart ?? true,
      resetHand: given.resetHand ?? false,
      noChildStop: given.noChildStop ?? false,
      noChildWait: given.noChildWait ?? false,
      mask: given.mask === undefined ? new Set() : signalSet(given.mask, "set an action"),
    };
    requireTakeable(signum, "handle");
  }
  const state = stateOf(signum);
  const previous: SigAction = { handler: state.disposition, ...state.presentFlags, ...unreported(state.disposition) };
  if (handler !== undefined) set(state, handler, flags);
  return previous;
}

/** `siginterrupt(3)`: with `flag` true, system calls that `sig` interrupts fail with EINTR from now on; with false they
 * are restarted, the default of every handler. Bun restarts its own calls either way.
 *
 * @throws {PosixError} `EINVAL`: the signal cannot be caught.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGALRM", () => {});
 * signal.siginterrupt("SIGALRM", true);
 * console.log(signal.sigaction("SIGALRM").restart); // => false
 * ```
 * @see POSIX.1-2008 siginterrupt */
export function siginterrupt(sig: SignalLike, flag: boolean): void {
  const signum = signalNumber(sig, "set whether calls are interrupted", { reserved: true });
  requireBoolean(flag, "set whether calls are interrupted", "flag");
  requireTakeable(signum, "handle");
  const state = stateOf(signum);
  state.setRestart(!flag, discardsPending(signum, state.disposition));
}

/** `strsignal(3)`: what the signal means, in English: `"Terminated"`; `null` for the C library's own.
 *
 * @throws {RangeError} There is no such signal.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * console.log(signal.strsignal("SIGSEGV")); // => Segmentation fault
 * console.log(signal.strsignal(signal.SIGTERM)); // => Terminated
 * ```
 * @see POSIX.1-2024 strsignal */
export function strsignal(sig: SignalLike): string | null {
  if (isReserved(sig)) return null;
  return describe(signalNumber(sig, "describe a signal"));
}

/** The numbers of all signals that a program may use; those from 32 to `SIGRTMIN` are the C library's.
 *
 * @param options `catchable`: only signals that can have a handler or a listener: without SIGKILL, SIGSTOP, and those
 * that the JavaScript engine uses itself.
 * @throws {TypeError} An unknown option; `catchable` is not true or false.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const valid = signal.validSignals();
 * console.log(valid.has(signal.SIGTERM), valid.has(0)); // => true false
 *
 * signal.on(signal.validSignals({ catchable: true }), (_signum, info) => console.log(info.name));
 * signal.raise("SIGUSR1"); // => SIGUSR1
 * ```
 * @see Python signal.valid_signals */
export function validSignals(options?: { readonly catchable?: boolean }): Set<number> {
  const action = "list the signals";
  const { catchable = false } = checkOptions<{ catchable?: boolean }>(options, action, ["catchable"]);
  requireBoolean(catchable, action, "catchable");
  return new Set(catchable ? allSignals().filter((signum) => !ownerOf(signum)) : allSignals());
}

/** A handler that throws `KeyboardInterrupt`: `signal(SIGINT, defaultIntHandler)` is how Python starts.
 *
 * @throws {KeyboardInterrupt} Always.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal(signal.SIGINT, signal.defaultIntHandler);
 * try {
 *   signal.raise("SIGINT");
 * } catch (error) {
 *   console.log(String(error)); // => KeyboardInterrupt: Interrupted by SIGINT
 * }
 * ```
 * @see Python signal.default_int_handler */
export function defaultIntHandler(_signum: number, info?: SigInfo): void {
  throw new KeyboardInterrupt(undefined, { cause: info });
}
