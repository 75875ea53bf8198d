/** Cases of stats() and open(); the first argument picks the case, and its result is the last line, as JSON. Cases with
 * a sender outside block in a read until it has finished. */
import { readSync } from "node:fs";
import { readCounters } from "../../ffi/mod.ts";
import * as signal from "../../mod.ts";
import { native } from "../../src/program.ts";
import { type Cases, runCase, turn } from "./posix_cases.ts";

const { SIGUSR1, SIGUSR2 } = signal;
const RT = signal.SIGRTMIN! + 1;

/** Runs no handler until a line has been read. */
function blockUntilTold(): void {
  console.log("ready");
  readSync(0, new Uint8Array(1));
}

function count(...signals: number[]): Record<number, number> {
  const got: Record<number, number> = {};
  for (const sig of signals) {
    got[sig] = 0;
    signal.on(sig, () => void got[sig]++);
  }
  return got;
}

/** How often the handler has run, without draining its queue. */
function caught(signum: number): number {
  const counters = new Uint8Array(4 * 8);
  native().ps_stats(signum, counters);
  return readCounters(counters)[0];
}

/** An error's message without the values. */
function refusal(call: () => void): string {
  try {
    call();
    return "none";
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

const cases: Cases = {
  /** More signals are held than the queue has room for, in turn. */
  heldBeyond(records) {
    signal.open({ records: Number(records) });
    const values: (number | undefined)[] = [];
    signal.on(RT, (_signum, { value }) => void values.push(value));
    {
      using _section = signal.hold(RT);
      for (let value = 0; value < 200; value++) signal.sigqueue(process.pid, RT, value);
    }
    return { values, stats: signal.stats(RT) };
  },

  async flood(records, sent) {
    signal.open({ records: Number(records) });
    const got = count(RT, SIGUSR1);
    blockUntilTold();
    while (caught(RT) < Number(sent)); // an emulator may hold some back
    signal.check();
    await turn();
    return { got: [got[RT], got[SIGUSR1]], queued: signal.stats(RT), standard: signal.stats("SIGUSR1") };
  },

  held() {
    const got = count(RT, SIGUSR1);
    const section = signal.hold([RT, SIGUSR1]);
    blockUntilTold();
    const during = { got: { ...got }, queued: signal.stats(RT), standard: signal.stats(SIGUSR1) };
    section[Symbol.dispose]();
    return { during, got, queued: signal.stats(RT), standard: signal.stats(SIGUSR1) };
  },

  /** Taken by a wait, discarded by SIG_IGN, returned to a default action that ignores: all count as delivered. */
  ways() {
    signal.signal(SIGUSR1, () => {});
    signal.hold([SIGUSR1, SIGUSR2, "SIGWINCH"], () => {
      for (const sig of [SIGUSR1, SIGUSR2, signal.SIGWINCH]) signal.raise(sig);
      signal.sigwait(SIGUSR1);
      signal.signal(SIGUSR2, signal.SIG_IGN);
    });
    return signal.stats();
  },

  openedTwice() {
    signal.open({ records: 100 });
    const calls = [
      () => signal.open(),
      () => signal.open({ records: 100 }),
      () => signal.open({ records: 101 }),
      () => signal.open({ library: "/elsewhere/libsignal.so" }),
    ];
    return calls.map(refusal);
  },

  openedLate() {
    signal.check();
    return [() => signal.open(), () => signal.open({ records: 100 })].map(refusal);
  },

  openArguments() {
    const options: unknown[] = [
      { records: 0 },
      { records: 1.5 },
      { records: 2 ** 24 + 1 },
      { records: "100" },
      { library: 1 },
      { library: new URL("https://example.org/libsignal.so") },
      { size: 100 },
      100,
    ];
    return options.map((each) => refusal(() => signal.open(each as signal.OpenOptions)));
  },

  async library(path, form) {
    signal.open({ library: form === "url" ? new URL(`file://${encodeURI(path)}`) : path });
    const got = count(SIGUSR1);
    signal.raise(SIGUSR1);
    await turn();
    return got[SIGUSR1];
  },

  /** A bare name, which dlopen(3) would search the system for. */
  bareName() {
    signal.open({ library: "libsignal.so" });
    signal.open({ library: "./libsignal.so" });
    return signal.check();
  },

  noLibrary: (path) => refusal(() => signal.open({ library: path })),
};

await runCase(cases);
process.exit(0);
