/** Terminating a child for certain. */
import { native } from "./program.ts";
import { options as checkOptions, requireBoolean, seconds, signalNumber } from "./arguments.ts";
import { type Child, hasEnded, onEnd, pidOf, Process } from "./child.ts";
import { checked, PosixError } from "./errors.ts";
import { SIGCONT, SIGKILL, type SignalLike } from "./signals.ts";

/** Options of `stop`: the signal, the time until SIGKILL, and whether it applies to the child's process group.
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // needs --allow-run and --allow-env
 * import * as signal from "@posix/signal";
 *
 * const options: signal.StopOptions = { signal: "SIGHUP", after: 5, group: true };
 * const child = spawn("sh", ["-c", "sleep 60 & sleep 60"], { detached: true }); // leads a group of its own
 * console.log(await signal.stop(child, options)); // => ended
 * ```
 * @see systemd.kill(5), KillSignal=; systemd.service(5), TimeoutStopSec= */
export interface StopOptions {
  /** The signal that requests termination. Default: SIGTERM. */
  readonly signal?: SignalLike;
  /** Seconds until SIGKILL; Infinity: it is never sent. Default: 10. */
  readonly after?: number;
  /** The child's process group instead of the child alone. Default: false. */
  readonly group?: boolean;
}

const ACTION = "stop a child";
const LONGEST_LOOK_MS = 25;
const LONGEST_REAPING_MS = 1000;

/** Terminates a child: sends `signal`, and SIGKILL if the child still runs after `after` seconds. Resolves when it has
 * terminated, and keeps the process alive until then. Like systemd it sends SIGCONT after the signal, on which a
 * stopped process would not act otherwise.
 *
 * No signal is sent to a process that has reused the pid: the child is held by a pidfd, and a pid that is no child's is
 * refused. With `group` the child must lead its group (spawned with `detached: true`), and `stop` waits for every
 * process in the group, also after the leader has terminated.
 *
 * @param target A child, as `forward` takes it, or its pid.
 * @returns `"killed"` if SIGKILL was sent.
 * @throws {RangeError} -1, 0, 1, this process; a negative `after`; no such signal. Nothing has been sent.
 * @throws {PosixError} `ECHILD`: the process is no child of this one. `EINVAL`: with `group`, it leads no group.
 * `EPERM`: it belongs to another user now.
 * @example
 * ```ts
 * import { spawn } from "node:child_process"; // needs --allow-run and --allow-env
 * import * as signal from "@posix/signal";
 *
 * const stubborn = spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
 * stubborn.stdout.once("data", async () => {
 *   console.log(await signal.stop(stubborn, { after: 0.1 })); // => killed
 * });
 * ```
 * @see pidfd_open(2); systemd.kill(5) */
export async function stop(target: Child | number, options?: StopOptions): Promise<"ended" | "killed"> {
  const { signal = "SIGTERM", after = 10, group = false } = checkOptions<StopOptions>(options, ACTION, [
    "signal",
    "after",
    "group",
  ]);
  const signum = signalNumber(signal, ACTION);
  const limitMs = after === Infinity ? after : seconds(after, ACTION, "after", Number.MAX_VALUE) * 1000;
  requireBoolean(group, ACTION, "group");
  const pid = pidOf(target, ACTION);
  const isOver = typeof target === "object" && (hasEnded(target) || await hasSettled(target));
  using child = isOver ? undefined : Process.of(pid);
  if (!child && !isOver && native().ps_kill(pid, 0) !== -ESRCH) {
    throw new PosixError("waitid", "ECHILD", `process ${pid} is no child of this one`);
  }
  const all = group ? groupOf(pid, child, isOver) : child;
  if (!all || all.hasEnded) return "ended";

  all.send(signum);
  const ended = signum !== SIGKILL && (all.send(SIGCONT), await endsWithin(all, limitMs));
  if (!ended) {
    all.send(SIGKILL);
    await endsWithin(all, Infinity);
  }
  if (typeof target === "object") await runtimeKnows(target);
  return ended ? "ended" : "killed";
}

/** On Linux and on macOS. */
const ESRCH = 3;

/** Whether Deno has reported the exit, which only its promise shows. */
function hasSettled({ status }: Child & { status?: unknown }): Promise<boolean> {
  return Promise.race([
    Promise.resolve(status).then(() => status !== undefined, () => false),
    new Promise<boolean>((resolve) => setTimeout(resolve, 0, false)),
  ]);
}

/** Waits until the runtime has reaped the child as well, so that `child.exitCode` and its like are set. */
async function runtimeKnows(child: Child): Promise<void> {
  if (hasEnded(child)) return;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  if (!onEnd(child, resolve)) return;
  const timer = setTimeout(resolve, LONGEST_REAPING_MS); // the exit event may be delayed
  await promise;
  clearTimeout(timer);
}

interface Ending {
  readonly hasEnded: boolean;
  send(signum: number): void;
}

/** The group that a child leads. Its number is not reused while the group has members: if another process has that pid,
 * the group has ended. */
function groupOf(pid: number, leader: Process | undefined, isOver: boolean): Ending | undefined {
  if (!leader && !isOver) return undefined;
  const pgid = leader ? native().ps_getpgid(pid) : pid;
  if (pgid !== pid) {
    const detail = `process ${pid} is in group ${pgid} and does not lead it; spawn it with detached: true`;
    throw new PosixError("killpg", "EINVAL", detail);
  }
  const isOurs = () => leader?.send(0) || native().ps_kill(pid, 0) === -ESRCH;
  return {
    get hasEnded() {
      return !isOurs() || native().ps_group_runs(pid) === 0; // unknown without free descriptors: asked again
    },
    send(signum) {
      if (this.hasEnded) return;
      const result = native().ps_killpg(pid, signum);
      if (result !== -ESRCH) checked(result, "killpg", () => `process group ${pid}`);
    },
  };
}

async function endsWithin(target: Ending, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let pause = 1; !target.hasEnded; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const left = end - performance.now();
    if (left <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  return true;
}
