import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync, writeFileSync } from "node:fs";
import { found, outcome } from "../support/cases.ts";
import { compile, send, startC } from "../support/compile.ts";
import { isBun, isEmulated, RESERVED, start } from "../support/process.ts";
import { inDirectory } from "../support/shipped.ts";

const PROGRAM = "workers";
/** Deno needs the permission to read a Worker's file. */
const ALL = isBun ? [] : ["-A"];
const COLLECTOR = isBun ? [] : ["-A", "--v8-flags=--expose-gc"];
const all = { flags: ALL };

const begin = (...args: string[]) => start(`tests/programs/${PROGRAM}.ts`, args, all);

describe("a Worker", () => {
  it("sends signals that the main thread handles, each once [PY-100, CPython test_threadsignals test_signals]", async () => {
    assertEquals(await outcome(PROGRAM, ["sentByAWorker"], all), { SIGUSR1: 1, SIGUSR2: 1 });
  });

  it("is refused what belongs to the process, and told so [PY-101, CPython signal: only works in main thread]", async () => {
    assertEquals(await outcome(PROGRAM, ["refused"], all), { accepted: [], usr2: 0, held: [] });
  });

  it("is stopped by a deadline, which writes to no descriptor of others [api: deadline]", () =>
    inDirectory(async (directory) => {
      const input = `${directory}/input`;
      writeFileSync(input, "");
      const wrapper = ["sh", "-c", 'exec "$@" <>"$0"', input];
      assertEquals(await outcome(PROGRAM, ["stopped"], { ...all, wrapper }), "TimeoutError");
      assertEquals(readFileSync(input).length, 0);
    }));

  it("sends, asks, sleeps, sets timers and its own mask [PY-101, api: Workers]", async () => {
    assertEquals(await outcome(PROGRAM, ["allowed"], all), {
      old: [],
      now: [12],
      slept: true,
      name: "Terminated",
      valid: 64 - RESERVED.length,
      check: 0,
      timer: [0, 0],
      set: [0, 0],
      alarm: 0,
      handler: 0,
      pending: [],
      inspected: true,
      probe: "none",
      mainMask: [],
    });
  });

  it("that used the module leaves nothing behind: SIGTERM kills [DN-30, Deno workerSignalListenerIsRemovedOnTerminate]", async () => {
    const program = begin("terminated");
    await program.until("ready");
    await program.kill("SIGTERM");
    const { code, signal } = await program.ended;
    assertEquals([code, signal], [null, "SIGTERM"]);
  });

  it("may be terminated while signals arrive, a hundred times [VF-23, Go TestAtomicStop]", async () => {
    // In emulation each Worker takes Deno more than a second.
    const limitMs = isEmulated ? 400_000 : undefined;
    const program = start(`tests/programs/${PROGRAM}.ts`, ["terminatedWhileSending"], { ...all, limitMs });
    await program.until("sending");
    const sender = startC("sender", [program.pid, 1_000_000, 1000, 10]);
    const end = await program.ended;
    await sender.ended;
    assertEquals(found(end), { listening: true, many: true, sums: true });
  });

  it("that computes does not keep the main thread from its signals [BN-40, libuv signal multiple loops]", async () => {
    const asked = await outcome<Record<string, number>>(PROGRAM, ["busy", "check"], all);
    assertEquals([asked.duringSpin, asked.after, asked.sent], [5, 5, 5]);
    assertLess(asked.latest, 1000);
    const busy = await outcome<Record<string, number>>(PROGRAM, ["busy", "spin"], all);
    assertEquals([busy.duringSpin, busy.after], [0, 5]);
  });
});

describe("signals and threads", () => {
  it("sigprocmask() holds whichever thread the kernel picks: 50 sent, 1 handled after release [VF-20, CPython test_sigpending]", async () => {
    const program = begin("blockedWithHelpers", "process");
    await program.until("blocked");
    await send(program.pid, [10], { times: 50, gap: 5000 });
    await send(program.pid, [12]);
    assertEquals(found(await program.ended), { blocked: 0, pending: [10], released: 1 });
  });

  it("calls run on the JavaScript thread, whose mask and pending signals they change [VF-21]", async () => {
    assertEquals(await outcome(PROGRAM, ["sameThread", compile("native", { shared: true })], all), {
      same: true,
      mask: "0000000000000200",
      pending: "0000000000000200",
      module: [10],
    });
  });

  it("a signal that another thread takes is handled on the main thread [VF-22, libuv signal multiple loops]", async () => {
    assertEquals(await outcome(PROGRAM, ["onAHelper"]), { counts: { SIGUSR2: 50 }, pending: [] });
  });

  it("every listener gets every signal once, whatever comes and goes beside it [UV-10, libuv signal multiple loops]", async () => {
    assertEquals(await outcome(PROGRAM, ["manyListeners"], all), { rounds: [[32, 16], [64, 32]], term: 0 });
  });

  it("the collector stops its threads 50 times beside our signals [BN-41, bun process-sigpwr]", async () => {
    assertEquals(await outcome(PROGRAM, ["collector"], { flags: COLLECTOR }), {
      refused: isBun ? "PosixError EINVAL 22" : "none",
      handled: 50,
    });
  });

  it("user IDs change in all threads while everything is blocked and collected [BN-42, bun seteuid under GC pressure]", async () => {
    assertEquals(await outcome(PROGRAM, ["userIds"], { flags: COLLECTOR }), [0]);
  });

  it("the runtime's errors are its own, whatever fails in the C handler [SH-40, signal-hook save_restore_errno]", async () => {
    assertEquals(await outcome(PROGRAM, ["errnoOfTheRuntime"], all), { codes: ["ENOENT"], many: true });
  });

  it("our errors are the call's own: 30,000 failing calls among alarms [VF-24]", async () => {
    assertEquals(await outcome(PROGRAM, ["errnoOfTheModule"]), {
      answers: ["PosixError EINVAL 22", "PosixError EBADF 9", "PosixError ESRCH 3"],
      calls: true,
    });
  });
});
