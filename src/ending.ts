/** Carries out a graceful shutdown: deferred functions, exit listeners, the exit itself. ffi/native/ending.c acts when
 * JavaScript never runs again. */
import {
  exit as exitProgram,
  failAtExit,
  flushOutput,
  followErrors,
  layout,
  onLastExit,
  outside,
  printUncaught,
  quieten,
  readMask,
  runExitListeners,
  runMicrotasks,
  toMask,
} from "../ffi/mod.ts";
import type { SignalAbortSignal } from "./abort.ts";
import { isThenable, requireFunction, seconds as checkSeconds, show, wholeNumber } from "./arguments.ts";
import { checked, SignalError } from "./errors.ts";
import { on } from "./on.ts";
import { signal } from "./posix/disposition.ts";
import { tellManager } from "./notify.ts";
import type { Shutdown } from "./shutdown.ts";
import type { SigInfo } from "./siginfo.ts";
import { native, program, stateOf } from "./program.ts";
import { SIG_IGN } from "./signal_state.ts";
import { type SignalName, SIGTERM, SIGWINCH } from "./signals.ts";

/** The options of `shutdown`, checked and complete. */
export interface Settings {
  readonly signals: ReadonlySet<number>;
  readonly deadline: number;
  readonly force: "second" | "never";
  readonly exit: "signal" | number;
  readonly uncaught: boolean;
  readonly resetTerminal: string;
}

/** The cause of a shutdown: a signal, a signal that the runtime emitted by itself, the program with an exit status, or
 * the end of an `await using` scope. */
type Cause =
  | { readonly by: "signal" | "runtime"; readonly info: SigInfo }
  | { readonly by: "program"; readonly status: number }
  | { readonly by: "scope" };

/** 2^53 nanoseconds, the largest count that a number holds exactly. */
export const MAX_SECONDS: number = 2 ** 53 / 1e9;
const NO_TIMER =
  "this user has reached the limit of queued signals: see ulimit -i; a shutdown with { deadline: Infinity } needs none";
/** The `info` of a shutdown that no signal began: the null signal. */
const NO_SIGNAL = { signum: 0, name: "" as SignalName, code: 0, codeName: "unknown", sequence: 0 } as const;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const forever = new Promise<never>(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export class Ending implements Shutdown {
  readonly settings: Settings;
  readonly #controller = new AbortController();
  readonly #deferred: { readonly name: string; readonly fn: () => unknown }[] = [];
  readonly #done = Promise.withResolvers<SigInfo | null>();
  /** Undo functions, newest last. */
  readonly #undo: (() => void)[] = [];
  #state: "ready" | "running" | "over" | "cancelled" = "ready";
  /** The native functions; `undefined` once a newer program owns the native shutdown. */
  #c: ReturnType<typeof native> | undefined = native();
  #cause: Cause | undefined;
  /** A signal delivered while an `await using` scope was ending. */
  #meanwhile: SigInfo | undefined;
  #failed = false;
  /** An uncaught error was reported while the shutdown ran. */
  #hadUncaught = false;
  /** The end of an `await using` scope. */
  #scopeEnd: Promise<void> | undefined;
  #extendedBy = 0;
  /** When the service manager was notified of the shutdown, on the `performance.now()` clock. */
  #stoppingSince: number | undefined;
  #awaited = false;

  constructor(settings: Settings) {
    this.settings = settings;
    try {
      this.#arm();
    } catch (error) {
      this.#clear();
      throw error;
    }
    program().end = this;
    this.#undo.push(program().whenReplaced(() => this.#abandon()));
  }

  #arm(): void {
    const { signals, deadline, force, uncaught, resetTerminal } = this.settings;
    const wanted = withoutInherited(signals);
    // If every signal stays ignored, the deadline's timer sends SIGWINCH, which does nothing by default.
    const [timerSignal] = wanted.size > 0 ? wanted : [SIGWINCH!];
    const listener = on(wanted.size > 0 ? wanted : timerSignal, (signum, info) => {
      if (wanted.has(signum)) this.#received(info);
    });
    this.#undo.push(() => listener.off());
    const reset = new Uint8Array(layout.constants.PS_RESET_BYTES);
    const { written } = new TextEncoder().encodeInto(resetTerminal, reset);
    const limitMs = deadline === Infinity ? 0 : Math.max(1e-6, deadline * 1000);
    checked(
      native().ps_end_arm(...toMask(wanted), limitMs, Number(force === "second"), timerSignal, reset, written),
      "timer_create",
      (code) => code === "EAGAIN" ? NO_TIMER : undefined,
    );
    this.#undo.push(() => this.#c?.ps_end_disarm());
    if (uncaught) this.#followErrors();
  }

  get signal(): SignalAbortSignal {
    return this.#controller.signal as SignalAbortSignal;
  }

  get done(): Promise<SigInfo | null> {
    if (!this.#awaited && !this.#isOver) {
      this.#awaited = true;
      this.#undo.push(program().stayAlive());
    }
    return this.#done.promise;
  }

  get #isOver(): boolean {
    return this.#state === "over" || this.#state === "cancelled";
  }

  /** The service manager was notified of the shutdown. */
  get isStopping(): boolean {
    return this.#stoppingSince !== undefined;
  }

  defer(name: string, fn: () => unknown): void {
    if (typeof name !== "string") {
      throw new TypeError(`Cannot defer: 'name' must be a string, got ${show(name)}; it is defer(name, fn)`);
    }
    requireFunction(fn, "defer", "fn");
    if (this.#isOver) throw new Error(`Cannot defer ${show(name)}: the shutdown is over or was cancelled`);
    this.#deferred.push({ name, fn });
  }

  extend(seconds: number): void {
    const more = checkSeconds(seconds, "extend the deadline", "seconds", MAX_SECONDS);
    if (this.#isOver) return;
    checked(this.#c?.ps_end_extend(more * 1000) ?? 0, "timer_settime");
    this.#extendedBy += more;
    if (this.#stoppingSince !== undefined) this.#tellTimeLeft();
  }

  begin(status = 0): void {
    const checkedStatus = wholeNumber(status, "begin the end", "status", 0, 255);
    if (this.#isOver) throw new Error("Cannot begin the shutdown: it is over or was cancelled");
    if (this.#state === "ready") void this.#run({ by: "program", status: checkedStatus });
  }

  cancel(): boolean {
    if (this.#state !== "ready" || native().ps_end_first() !== 0) return false;
    this.#clear();
    this.#done.resolve(null);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "cancelled") return;
    if (this.#state === "ready") this.#scopeEnd = this.#run({ by: "scope" });
    await (this.#scopeEnd ?? forever);
  }

  /** sigwait() has consumed a signal of the shutdown: if none is left, the deadline that it started stops. */
  taken(signum: number): void {
    const { signals } = this.settings;
    const endsScope = this.#state === "running" && this.#cause?.by === "scope" && !this.#meanwhile;
    if (this.#state !== "ready" && !endsScope) return;
    if (!signals.has(signum) || program().deliveries.hasQueued(signals)) return;
    this.#c?.ps_end_taken();
    if (endsScope) this.#c?.ps_end_begin(); // restarts the deadline of the scope
  }

  /** A newer program replaced this one in the process and owns the native shutdown: only the deferred functions run. */
  #abandon(): void {
    program().end = undefined;
    native().ps_end_disarm();
    this.#c = undefined;
    if (this.#state === "ready") void this.#run({ by: "scope" });
  }

  #received(info: SigInfo): void {
    if (this.#state === "running") this.#meanwhile ??= info;
    if (this.#state !== "ready") return;
    const delivered = native().ps_end_first() !== 0;
    void this.#run({ by: delivered ? "signal" : "runtime", info });
    if (!delivered) runMicrotasks();
  }

  /** Deferred functions that return no promises have all run when this returns: `bun --watch` replaces the program as
   * soon as its listeners return. */
  async #run(cause: Cause): Promise<void> {
    this.#state = "running";
    this.#cause = cause;
    if (cause.by !== "signal") this.#c?.ps_end_begin();
    this.#undo.push(program().stayAlive(), quieten((error) => this.#isNoise(error)));
    if (!this.settings.uncaught) this.#followErrors();
    if (cause.by === "signal" || cause.by === "program") this.#tellStopping();
    const info = "info" in cause ? cause.info : null;
    outside(() => this.#controller.abort(new SignalError(info ?? { ...NO_SIGNAL, time: performance.now() })));
    for (let next; (next = this.#deferred.pop());) {
      const { name, fn } = next;
      const bytes = bytesOf(name);
      this.#c?.ps_end_running(bytes, bytes.length);
      try {
        const result = outside(fn);
        if (isThenable(result)) await result;
      } catch (error) {
        if (this.#isNoise(error)) continue;
        this.#failed = true;
        report(() => console.error(`Shutdown: ${name} failed:`, error));
      }
    }
    this.#c?.ps_end_running(bytesOf(""), 0);
    if (cause.by !== "scope") return this.#endProcess(cause);
    do await turn(); while (!this.#meanwhile && this.#isDue); // earlier errors and signals arrive on a turn
    if (this.#meanwhile) return this.#endProcess({ by: "signal", info: this.#meanwhile });
    if (this.#c && this.#hadUncaught) return this.#endProcess({ by: "program", status: 1 });
    if (this.#c && this.#failed) failAtExit();
    this.#clear();
    this.#done.resolve(null);
  }

  /** A signal was caught and not delivered yet; one that is held takes its default action once it is released. */
  get #isDue(): boolean {
    const first = this.#c?.ps_end_first() ?? 0;
    return first !== 0 && !stateOf(first).isHeld;
  }

  async #endProcess(cause: Exclude<Cause, { by: "scope" }>): Promise<void> {
    const info = cause.by === "program" ? null : cause.info;
    const { exit } = this.settings;
    const wanted = cause.by === "program" ? cause.status : exit === "signal" ? 128 + cause.info.signum : exit;
    const status = wanted === 0 && this.#failed ? 1 : wanted;
    // A runtime that emits SIGTERM by itself reloads the program: this process continues.
    const reloads = cause.by === "runtime" && cause.info.signum === SIGTERM;
    this.#state = "over";
    this.#done.resolve(info);
    await turn(); // code that awaits `done` runs first
    await flushOutput();
    native().ps_end_finish(info && exit === "signal" && !reloads ? info.signum : 0);
    if (native().ps_end_others() > 0) {
      runExitListeners(status);
      await forever; // the last program terminates the process
    }
    onLastExit(() => native().ps_end_left());
    try {
      exitProgram(status);
    } catch (error) { // of an exit listener: the remaining listeners are skipped, as without us
      report(() => printUncaught(error, false));
      exitProgram(status);
    }
  }

  #tellStopping(): void {
    this.#stoppingSince = performance.now();
    tellManager("STOPPING=1");
    if (this.#extendedBy > 0) this.#tellTimeLeft();
  }

  /** The manager waits this long from now on, if that exceeds its own limit. */
  #tellTimeLeft(): void {
    const { deadline } = this.settings;
    const seconds = (deadline === Infinity ? 0 : deadline) + this.#extendedBy;
    const leftMs = seconds * 1000 - (performance.now() - this.#stoppingSince!);
    tellManager(`EXTEND_TIMEOUT_USEC=${Math.max(1, Math.round(leftMs * 1000))}`);
  }

  #clear(): void {
    this.#state = "cancelled";
    this.#deferred.length = 0;
    if (program().end === this) program().end = undefined;
    for (let undo; (undo = this.#undo.pop());) undo();
  }

  #followErrors(): void {
    this.#undo.push(followErrors({
      isNoise: (error) => this.#isNoise(error),
      take: (error, isRejection) => {
        report(() => printUncaught(error, isRejection));
        this.#hadUncaught = true;
        // Not if a signal is about to be delivered: the error may report a child that the same Ctrl+C killed.
        if (this.#state === "ready" && !this.#isDue) this.begin(1);
      },
    }));
  }

  /** Whether an error only reports that `signal` was aborted: its reason, an `AbortError` caused by it, or an
   * `AbortError` without a cause, as Deno's `node:events` throws. */
  #isNoise(error: unknown): boolean {
    const { aborted, reason } = this.#controller.signal;
    if (!aborted) return false;
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause === reason) return true;
      if (cause.name !== "AbortError") return false;
      if (cause.cause === undefined) return (cause as { code?: unknown }).code === "ABORT_ERR";
    }
    return false;
  }
}

/** An unwritable standard error must not stop a shutdown. */
function report(print: () => void): void {
  try {
    print();
  } catch {
    // there is nowhere to report it
  }
}

/** The signals that were not ignored when the process started. The others are set to SIG_IGN explicitly, unless some code
 * of the program handles them: otherwise Deno installs its own handler over them half a second after its start. */
function withoutInherited(signals: ReadonlySet<number>): ReadonlySet<number> {
  const ignored = new Uint8Array(8);
  native().ps_inherited_ignores(ignored);
  const inherited = signals.intersection(readMask(ignored));
  for (const signum of inherited) {
    const { isWanted, disposition } = stateOf(signum);
    if (!isWanted && disposition !== null) signal(signum, SIG_IGN);
  }
  return signals.difference(inherited);
}
