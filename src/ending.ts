/** How a graceful end is carried out: what waits, what runs, and how the process ends. C has its part of it
 * (ffi/native/ending.c) for when JavaScript never runs again. */
import {
  exit as exitProgram,
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
import { isFunction, seconds as checkSeconds, show, wholeNumber } from "./arguments.ts";
import { checked, SignalError } from "./errors.ts";
import { on } from "./on.ts";
import { signal } from "./posix/disposition.ts";
import type { Shutdown } from "./shutdown.ts";
import type { SigInfo } from "./siginfo.ts";
import { native, program } from "./program.ts";
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

/** What began an end: a signal, the runtime by telling of one that no kernel delivered, the program with the status
 * that it wants, or the end of an `await using` scope. */
type Cause =
  | { readonly by: "signal" | "runtime"; readonly info: SigInfo }
  | { readonly by: "program"; readonly status: number }
  | { readonly by: "scope" };

/** More seconds do not fit into a 64-bit count of nanoseconds. */
export const MAX_SECONDS: number = 2 ** 53 / 1e9;
const NO_TIMER =
  "this user has as many signals queued as it may: see ulimit -i; a shutdown with { deadline: Infinity } needs none";
/** An end that no signal began: the null signal. */
const NO_SIGNAL = { signum: 0, name: "" as SignalName, code: 0, codeName: "unknown", sequence: 0 } as const;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const forever = new Promise<never>(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export class Ending implements Shutdown {
  readonly settings: Settings;
  readonly #controller = new AbortController();
  readonly #deferred: { readonly name: string; readonly fn: () => unknown }[] = [];
  readonly #done = Promise.withResolvers<SigInfo | null>();
  /** What to take back, newest last. */
  readonly #undo: (() => void)[] = [];
  #state: "ready" | "running" | "over" | "taken back" = "ready";
  /** C's part of it, unless a newer program has that. */
  #c: ReturnType<typeof native> | undefined = native();
  /** The signal that came while an `await using` scope ended. */
  #meanwhile: SigInfo | undefined;
  #failed = false;
  #awaited = false;

  constructor(settings: Settings) {
    this.settings = settings;
    try {
      this.#arm();
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    program().end = this;
    this.#undo.push(program().whenReplaced(() => this.#abandon()));
  }

  #arm(): void {
    const { signals, deadline, force, uncaught, resetTerminal } = this.settings;
    const wanted = withoutInherited(signals);
    // SIGWINCH does nothing by default: where every signal stays ignored, the deadline's timer sends it.
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
    return this.#state === "over" || this.#state === "taken back";
  }

  defer(name: string, fn: () => unknown): void {
    if (typeof name !== "string") {
      throw new TypeError(`Cannot defer: 'name' must be a string, got ${show(name)}; it is defer(name, fn)`);
    }
    if (!isFunction(fn)) throw new TypeError(`Cannot defer: 'fn' must be a function, got ${show(fn)}`);
    if (this.#isOver) throw new Error(`Cannot defer ${show(name)}: the end is over, or was taken back`);
    this.#deferred.push({ name, fn });
  }

  extend(seconds: number): void {
    const more = checkSeconds(seconds, "extend the deadline", "seconds", MAX_SECONDS);
    if (!this.#isOver) checked(this.#c?.ps_end_extend(more * 1000) ?? 0, "timer_settime");
  }

  begin(status = 0): void {
    wholeNumber(status, "begin the end", "status", 0, 255);
    if (this.#isOver) throw new Error("Cannot begin the end: it is over, or was taken back");
    if (this.#state === "ready") void this.#run({ by: "program", status: status + 0 });
  }

  cancel(): boolean {
    if (this.#state !== "ready" || native().ps_end_first() !== 0) return false;
    this.#takeBack();
    this.#done.resolve(null);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "taken back") return;
    await (this.#state === "ready" ? this.#run({ by: "scope" }) : forever);
  }

  /** A newer program takes this one's place in the process, and its part of C: the deferred functions run, and
   * nothing more. */
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

  /** As long as the deferred functions return no promises, all of them have run when this returns: `bun --watch`
   * replaces the program as soon as its listeners have returned. */
  async #run(cause: Cause): Promise<void> {
    this.#state = "running";
    if (cause.by !== "signal") this.#c?.ps_end_begin();
    this.#undo.push(program().stayAlive(), quieten((error) => this.#isNoise(error)));
    if (!this.settings.uncaught) this.#followErrors();
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
    while (this.#c && !this.#meanwhile && this.#c.ps_end_first() !== 0) await turn(); // caught, and not yet delivered
    if (this.#meanwhile) return this.#endProcess({ by: "signal", info: this.#meanwhile });
    this.#takeBack();
    this.#done.resolve(null);
  }

  async #endProcess(cause: Exclude<Cause, { by: "scope" }>): Promise<void> {
    const info = cause.by === "program" ? null : cause.info;
    const { exit } = this.settings;
    const wanted = cause.by === "program" ? cause.status : exit === "signal" ? 128 + cause.info.signum : exit;
    const status = wanted === 0 && this.#failed ? 1 : wanted;
    // A runtime that tells of a SIGTERM of its own reloads the program: this process goes on.
    const reloads = cause.by === "runtime" && cause.info.signum === SIGTERM;
    this.#state = "over";
    this.#done.resolve(info);
    await turn(); // those who await `done` come first
    await flushOutput();
    native().ps_end_finish(info && exit === "signal" && !reloads ? info.signum : 0);
    if (native().ps_end_others() > 0) {
      runExitListeners(status);
      await forever; // the last program ends the process
    }
    onLastExit(() => native().ps_end_left());
    try {
      exitProgram(status);
    } catch (error) { // of an exit listener: the others have lost their turn, as without us
      report(() => printUncaught(error, false));
      exitProgram(status);
    }
  }

  #takeBack(): void {
    this.#state = "taken back";
    this.#deferred.length = 0;
    if (program().end === this) program().end = undefined;
    for (let undo; (undo = this.#undo.pop());) undo();
  }

  #followErrors(): void {
    this.#undo.push(followErrors({
      isNoise: (error) => this.#isNoise(error),
      take: (error, isRejection) => {
        report(() => printUncaught(error, isRejection));
        // A child that died of the same Ctrl+C: the signal is on its way.
        if (this.#state === "ready" && native().ps_end_first() === 0) this.begin(1);
      },
    }));
  }

  /** Whether an error says only that `signal` was aborted: its reason, an `AbortError` for it, or one that does not
   * say for what, as `node:events` of Deno makes it. */
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

/** A standard error that cannot be written to must not stop an end. */
function report(print: () => void): void {
  try {
    print();
  } catch {
    // nobody can be told
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isFunction((value as { then?: unknown } | null | undefined)?.then);
}

/** The signals that were not ignored when the process started. The others are ignored on: without that, Deno would
 * install its own handler over them half a second after its start. */
function withoutInherited(signals: ReadonlySet<number>): ReadonlySet<number> {
  const ignored = new Uint8Array(8);
  native().ps_inherited_ignores(ignored);
  const inherited = signals.intersection(readMask(ignored));
  for (const signum of inherited) signal(signum, SIG_IGN);
  return signals.difference(inherited);
}
