/** What a process does with its signals. */
import { native } from "../ffi/mod.ts";
import { INT_MAX, wholeNumber } from "./arguments.ts";
import { PosixError } from "./errors.ts";
import { sigpending } from "./posix/mask.ts";
import { isHeld, type Owner, ownerNow, slotOf } from "./registry.ts";
import { allSignals, nameOf, type SignalName } from "./signals.ts";

/** What a process does with one signal. */
export interface SignalState {
  readonly signum: number;
  readonly name: SignalName;
  readonly action: "default" | "ignored" | "caught";
  /** Held back: by the mask of the process's main thread, or process-wide by this module. */
  readonly blocked: boolean;
  /** Sent, and waiting. */
  readonly pending: boolean;
  /** Who catches it. Known for this process only. */
  readonly owner?: Owner;
}

/** What a process does with its signals, one row a signal. */
export interface Inspection {
  readonly pid: number;
  /** The name of its program, 15 characters at most. */
  readonly program: string;
  readonly signals: SignalState[];
}

/** What a process does with each signal: default, ignored, caught, blocked, pending, as /proc tells it;
 * for this process also who catches it. `console.table(inspect().signals)` prints well. Linux.
 *
 * @param pid Default: this process.
 * @throws {PosixError} `ENOENT`: there is none. `ENOSYS`: not Linux. */
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
    if (target !== self) return state;
    const { action, owner } = ownerNow(slotOf(signum));
    return { ...state, action, blocked: state.blocked || isHeld(slotOf(signum)), ...(owner && { owner }) };
  });
  return { pid: target, program: status.get("Name") ?? "", signals };
}

function readStatus(pid: number): Map<string, string> {
  const buffer = new Uint8Array(8192);
  const size = native().ps_read_status(pid, buffer, buffer.length);
  if (size < 0) throw new PosixError("open", -size, `the status of process ${pid}`);
  const text = new TextDecoder().decode(buffer.subarray(0, size));
  return new Map(
    text.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
