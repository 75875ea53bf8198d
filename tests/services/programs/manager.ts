/** Cases of a service's messages to its manager: notify(), reload() and watchdog(). The result is the last line. */
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import * as signal from "../../../mod.ts";
import { until } from "../../programs/posix_cases.ts";
import { libc } from "../../programs/posix_libc.ts";

const attempt = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return String(error);
  }
};

/** The arguments of console.error meanwhile, without stacks. */
const reported: string[] = [];
console.error = (...words) => reported.push(words.map(String).join(" "));

const cases: Record<string, () => unknown> = {
  notify: () => [
    signal.notify({ READY: 1, STATUS: "wörld, a=b", MAINPID: process.pid, X_EMPTY: "" }),
    signal.notify("READY=1\nSTATUS=as text\n"),
    signal.notify({ STATUS: "x".repeat(4096 - "STATUS=".length) }),
    process.pid,
  ],
  absent: () => [signal.notify("READY=1"), signal.notify({ STOPPING: 1 })],
  refused: () => attempt(() => signal.notify("READY=1")),
  /** Until the manager's queue is full: the error, and the seconds that the failed call took. */
  unread() {
    for (;;) {
      const begun = performance.now();
      const answer = attempt(() => signal.notify({ STATUS: "x".repeat(1000) }));
      if (answer !== true) return [answer, (performance.now() - begun) / 1000];
    }
  },
  /** The clock of MONOTONIC_USEC, asked in the C library before and after, in microseconds. */
  reloadClock() {
    const { clock_gettime } = libc({ clock_gettime: { args: ["i32", "buffer"], result: "i32" } });
    const monotonic = () => {
      const time = new BigInt64Array(2);
      clock_gettime(1, new Uint8Array(time.buffer));
      return Number(time[0]) * 1e6 + Number(time[1]) / 1e3;
    };
    signal.reload(() => {});
    const before = monotonic();
    signal.raise("SIGHUP");
    return [before, monotonic()];
  },
  badState: () =>
    [
      ...[{ "A\nB": 1 }, { "": 1 }, { "A=B": 1 }, { "A B": 1 }, { A: "x\ny" }, { A: "x\0" }],
      ...[{ A: NaN }, { A: 0.5 }, { A: 2 ** 60 }, { A: true }, { A: undefined }, { A: {} }, {}, ["READY=1"]],
      ...["", "\n", "READY", "A\nB=1", "=1", "A=\0", { A: "x".repeat(4096) }, null, undefined, 5],
    ].map((state) => attempt(() => signal.notify(state as never))),
  async reload() {
    const runs: string[] = [];
    let running = 0;
    let most = 0;
    let ended = 0;
    const listener = signal.reload(async (info) => {
      most = Math.max(most, ++running);
      runs.push(info.name);
      await delay(50);
      running--;
      ended++;
      if (runs.length === 1) throw new Error("no such file");
    }, { signals: ["SIGHUP", "SIGUSR1"] });
    for (const name of ["SIGHUP", "SIGHUP", "SIGHUP", "SIGUSR1"] as const) signal.raise(name);
    await until(() => ended === 2);
    signal.raise("SIGHUP");
    await until(() => ended === 3);
    signal.raise("SIGHUP");
    signal.raise("SIGHUP");
    listener.off();
    await until(() => ended === 4);
    return { runs, most, reported, restored: signal.getsignal("SIGHUP") === signal.SIG_DFL };
  },
  /** Signals that come while the service stops. */
  reloadWhileStopping() {
    let begun = 0;
    let ended = 0;
    const end = signal.shutdown({ exit: 0 });
    end.defer("result", () => console.log(JSON.stringify([begun, ended])));
    end.defer("requests", async () => {
      signal.raise("SIGHUP");
      await until(() => ended === 1);
      signal.raise("SIGHUP");
    });
    signal.reload(async () => {
      begun++;
      await delay(20);
      ended++;
    });
    signal.raise("SIGHUP");
    signal.raise("SIGTERM");
    return new Promise(() => {});
  },
  reloadThrows() {
    signal.reload(() => {
      throw new Error("at once");
    });
    signal.raise("SIGHUP");
    signal.raise("SIGHUP");
    return reported;
  },
  async reloadAlone() { // its listener does not keep the program alive, nor does it need a manager
    const { promise, resolve } = Promise.withResolvers<string>();
    signal.reload((info) => resolve(info.name));
    signal.raise("SIGHUP");
    return await promise;
  },
  badReload: () => [
    attempt(() => signal.reload(5 as never)),
    attempt(() => signal.reload(() => {}, { signals: [] })),
    attempt(() => signal.reload(() => {}, { signals: "SIGKILL" })),
    attempt(() => signal.reload(() => {}, { signal: "SIGHUP" } as never)),
    signal.getsignal("SIGHUP") === signal.SIG_DFL,
  ],
  async watchdog() {
    const check = process.argv[3];
    using _watchdog = signal.watchdog(
      check === "throws"
        ? () => {
          throw new Error("ill");
        }
        : check === "rejects"
        ? () => Promise.reject(new Error("ill"))
        : check === "number"
        ? () => 1 as never
        : check === "false"
        ? () => false
        : check === "asynchronous"
        ? () => delay(1, true)
        : undefined,
    );
    await delay(500);
    return { few: reported.slice(0, 1) };
  },
  async watchdogs() {
    const well = signal.watchdog(() => true);
    const ill = signal.watchdog(() => false);
    signal.notify("STATUS=both");
    await delay(250);
    ill[Symbol.dispose]();
    signal.notify("STATUS=one");
    await delay(250);
    well[Symbol.dispose]();
    await delay(50);
    signal.notify("STATUS=none");
    await delay(250);
    return signal.notify("STATUS=end");
  },
  watchdogEnds() { // nothing keeps the program alive
    signal.watchdog();
    return true;
  },
  badWatchdog: () => [
    attempt(() => signal.watchdog(5 as never)),
    attempt(() => typeof signal.watchdog()),
  ],
  noProc: () => attempt(() => signal.reap()),
  badReap: () => [
    attempt(() => signal.reap({ subreaper: 1 } as never)),
    attempt(() => signal.reap({ subReaper: true } as never)),
    attempt(() => signal.reap(5 as never)),
  ],
};

console.log(JSON.stringify(await cases[process.argv[2]]()));
