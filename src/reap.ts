/** Reaping orphans. */
import { every } from "../ffi/mod.ts";
import { native } from "./program.ts";
import { options as checkOptions, requireBoolean, requireMainThread } from "./arguments.ts";
import { SIGCHLD } from "./signals.ts";
import { checked } from "./errors.ts";
import { type Listener, on } from "./on.ts";

/** Options of `reap`: whether this process becomes a subreaper.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const options: signal.ReapOptions = { subreaper: true };
 * signal.reap(options);
 * ```
 * @see prctl(2), PR_SET_CHILD_SUBREAPER */
export interface ReapOptions {
  /** The kernel reparents orphaned descendants to this process rather than to process 1, until disposal. Default:
   * false. */
  readonly subreaper?: boolean;
}

const ACTION = "reap orphans";
const LOOK_MS = 100;
/** A zombie is reaped after it was seen for this long and this often: the runtime has had that many turns of the event
 * loop to reap it first. */
const PATIENCE_MS = 500;
const LOOKS = 4;
const ROOM = 1024;

interface Zombie {
  readonly since: number;
  looks: number;
}

const reapers = new Set<{ subreaper: boolean }>();
let wasSubreaper = 0;
let listener: Listener | undefined;
let stopLooking: (() => void) | undefined;
let zombies = new Map<number, Zombie>();

/** Reaps orphans: processes that this one did not spawn, whose parents have terminated, and which the kernel has
 * reparented to it because it is process 1 or a subreaper. Otherwise they would stay zombies.
 *
 * The status of a child that the runtime or other code of this process waits for is never taken. A zombie is an orphan
 * if
 * 1. it is a child of the process's main thread: the kernel reparents orphans to that thread, and a Worker forks in its
 *    own;
 * 2. this process holds no pidfd of it: Deno and Bun open one for every child, and keep it until they have reaped the
 *    child;
 * 3. it has been a zombie for half a second and 4 turns of the event loop, time enough for code that waits for it.
 *
 * On a kernel before 5.3, which has no pidfds, and in Node, only the third rule tells a child of the main thread from
 * an orphan; there a library that spawns a process without the runtime and waits for it later than that loses its
 * status.
 *
 * It never keeps the process alive, and runs only after a child has terminated. Linux; needs a /proc of its own PID
 * namespace.
 *
 * @throws {PosixError} `ENOSYS`: not Linux. `ENOENT`: there is no such /proc.
 * @throws {TypeError} `subreaper` is neither true nor false.
 * @throws {Error} In a Worker.
 * @example
 * ```ts
 * import { execFileSync } from "node:child_process"; // needs --allow-run and --allow-env
 * import * as signal from "@posix/signal";
 *
 * signal.reap({ subreaper: true });
 * const orphan = execFileSync("sh", ["-c", "sleep 0.1 >&- & echo $!"], { encoding: "utf8" });
 * const gone = () => {
 *   try {
 *     signal.kill(Number(orphan), 0);
 *   } catch {
 *     clearInterval(timer);
 *     console.log("reaped"); // => reaped
 *   }
 * };
 * const timer = setInterval(gone, 10);
 * ```
 * @see wait(2), "NOTES"; prctl(2), PR_SET_CHILD_SUBREAPER */
export function reap(options?: ReapOptions): Disposable {
  const { subreaper = false } = checkOptions<ReapOptions>(options, ACTION, ["subreaper"]);
  requireBoolean(subreaper, ACTION, "subreaper");
  requireMainThread(ACTION);
  const advice = (code: string) => code === "ENOENT" ? "there is no /proc of this PID namespace; mount it" : undefined;
  checked(native().ps_zombies(new Uint8Array(4), 1), "waitid", advice);
  const entry = { subreaper };
  if (subreaper && !count()) wasSubreaper = checked(native().ps_subreaper(1), "prctl");
  listener ??= on(SIGCHLD, begin);
  reapers.add(entry);
  begin(); // for children that terminated before
  return {
    [Symbol.dispose]() {
      if (!reapers.delete(entry)) return;
      if (subreaper && !count()) native().ps_subreaper(wasSubreaper);
      if (reapers.size > 0) return;
      stopLooking?.();
      listener?.off();
      listener = stopLooking = undefined;
      zombies.clear();
    },
  };
}

const count = (): number => [...reapers].filter(({ subreaper }) => subreaper).length;

function begin(): void {
  stopLooking ??= every(LOOK_MS, look);
}

function look(): void {
  const pids = new Int32Array(ROOM);
  const count = native().ps_zombies(new Uint8Array(pids.buffer), ROOM);
  if (count < 0) return; // no descriptor is left: retried at the next turn
  const now = performance.now();
  const before = zombies;
  zombies = new Map([...pids.subarray(0, count)].map((pid) => [pid, before.get(pid) ?? { since: now, looks: 0 }]));
  const due = [...zombies].filter(([, zombie]) => ++zombie.looks >= LOOKS && now - zombie.since >= PATIENCE_MS);
  if (due.length > 0) {
    const orphans = Int32Array.from(due, ([pid]) => pid);
    if (native().ps_reap(new Uint8Array(orphans.buffer), orphans.length) < 0) return;
  }
  if (due.length < zombies.size) return;
  stopLooking?.(); // other code waits for the remaining ones; the next SIGCHLD starts it again
  stopLooking = undefined;
}
