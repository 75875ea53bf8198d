/** The signal state of a process. */
import { layout } from "../ffi/mod.ts";
import { INT_MAX, wholeNumber } from "./arguments.ts";
import { PosixError } from "./errors.ts";
import { sigpending } from "./posix/mask.ts";
import { isMainThread, native, stateOf } from "./program.ts";
import type { SignalState as State } from "./signal_state.ts";
import { allSignals, nameOf, type SignalName } from "./signals.ts";

const { constants } = layout;

/** The owner of a signal's handler in this process, as `inspect()` reports it.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.signal("SIGHUP", () => {});
 * const owner: signal.Owner | undefined = signal.inspect().signals[0].owner;
 * console.log(owner); // => this module
 * ```
 * @see sigaction(2), which each of them calls */
export type Owner = "this module" | "the runtime" | "someone else";

/** A process's state for one signal.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.sigprocmask(signal.SIG_BLOCK, "SIGHUP");
 * const hangup: signal.SignalState = signal.inspect().signals[0];
 * console.log(hangup.name, hangup.action, hangup.blocked); // => SIGHUP default true
 * ```
 * @see proc(5), /proc/PID/status */
export interface SignalState {
  /** The signal's number. */
  readonly signum: number;
  /** Its name. */
  readonly name: SignalName;
  /** The action of a delivery. */
  readonly action: "default" | "ignored" | "caught";
  /** Held back: by the mask of the process's main thread, or process-wide by this module. */
  readonly blocked: boolean;
  /** Sent and not yet delivered. */
  readonly pending: boolean;
  /** The owner of its handler. Known for this process only. */
  readonly owner?: Owner;
}

/** A process's state for every signal, one row a signal. `console.log` shows it as a table of the signals for which
 * anything is set.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const { pid, program, signals }: signal.Inspection = signal.inspect(1);
 * console.log(pid, program !== "", signals.length); // => 1 true 62
 * ```
 * @see proc(5), /proc/PID/status */
export interface Inspection {
  /** The process. */
  readonly pid: number;
  /** The name of its program, 15 characters at most. */
  readonly program: string;
  /** Every signal that a program may use, lowest number first. */
  readonly signals: SignalState[];
}

/** The state of each signal in a process: default, ignored, caught, blocked, pending, as /proc reports it. For this
 * process also the owner of its handler, except in a Worker. Linux.
 *
 * @param pid Default: this process.
 * @throws {PosixError} `ENOENT`: no such process. `ENOSYS`: not Linux.
 * @throws {RangeError} `pid` is no whole number from 1 up.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const pipe = signal.inspect().signals.find(({ name }) => name === "SIGPIPE");
 * console.log(pipe?.action); // => ignored
 * ```
 * @see proc(5), /proc/PID/status */
export function inspect(pid?: number): Inspection {
  const self = native().ps_getpid();
  const target = pid === undefined ? self : wholeNumber(pid, "inspect a process", "pid", 1, INT_MAX);
  const status = readStatus(target);
  const has = (key: string, signum: number): boolean =>
    (BigInt(`0x${status.get(key) ?? "0"}`) >> BigInt(signum - 1) & 1n) === 1n;
  const pendingHere = target === self ? sigpending() : new Set<number>();

  const signals = allSignals().map((signum): SignalState => {
    const state: SignalState = {
      signum,
      name: nameOf(signum)!,
      action: has("SigCgt", signum) ? "caught" : has("SigIgn", signum) ? "ignored" : "default",
      blocked: has("SigBlk", signum),
      pending: has("SigPnd", signum) || has("ShdPnd", signum) || pendingHere.has(signum),
    };
    if (target !== self || !isMainThread()) return state;
    const { action, owner } = ownerNow(stateOf(signum));
    return { ...state, action, blocked: state.blocked || stateOf(signum).isHeld, ...(owner && { owner }) };
  });
  const inspection: Inspection = { pid: target, program: status.get("Name") ?? "", signals };
  return Object.defineProperty(inspection, PRINTED, { value: () => asTable(inspection) });
}

/** This process's state for a signal. A handler of ours that only holds it back is disregarded. */
function ownerNow(state: State): { action: "default" | "ignored" | "caught"; owner?: Owner } {
  const present = state.presentOwner;
  if (state.installed && present === constants.PS_OWNER_OTHER) return { action: "caught", owner: "someone else" };
  if (state.handler || state.subscribers.length > 0) return { action: "caught", owner: "this module" };
  const owner = state.ownerOf(state.underlying);
  if (owner === constants.PS_OWNER_DEFAULT) return { action: "default" };
  if (owner === constants.PS_OWNER_IGNORED) return { action: "ignored" };
  return { action: "caught", owner: owner === constants.PS_OWNER_PROGRAM ? "the runtime" : "someone else" };
}

/** The method that `console.log` of Node, Deno and Bun calls to format an object. */
const PRINTED = Symbol.for("nodejs.util.inspect.custom");

const HEAD = ["no", "signal", "action", "blocked", "pending", "by"];

/** Columns are as wide as their widest word; an empty column is left out. */
function asTable({ pid, program, signals }: Inspection): string {
  const rows = signals
    .filter(({ action, blocked, pending }) => action !== "default" || blocked || pending)
    .map(({ signum, name, action, blocked, pending, owner = "" }) => [
      String(signum).padStart(2),
      name,
      action,
      blocked ? "blocked" : "",
      pending ? "pending" : "",
      owner,
    ]);
  const columns = HEAD
    .map((title, i) => ({ i, width: Math.max(title.length, ...rows.map((row) => row[i].length)) }))
    .filter(({ i }) => rows.some((row) => row[i] !== ""));
  const line = (row: string[]) => columns.map(({ i, width }) => row[i].padEnd(width)).join("  ").trimEnd();
  const rule = columns.map(({ width }) => "-".repeat(width)).join("  ");
  const table = rows.length > 0 ? [line(HEAD), rule, ...rows.map(line), ""] : [];
  const rest = signals.length - rows.length;
  return [`process ${pid} (${program})`, "", ...table, `${rest} others take their default action`].join("\n");
}

function readStatus(pid: number): Map<string, string> {
  const buffer = new Uint8Array(8192);
  const size = native().ps_read_status(pid, buffer, buffer.length);
  if (size < 0) throw new PosixError("open", -size, `/proc/${pid}/status; is there a process ${pid}?`);
  const text = new TextDecoder().decode(buffer.subarray(0, size));
  return new Map(
    text.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
