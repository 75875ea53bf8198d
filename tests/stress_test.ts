/** Load at and beyond what the test suites of other signal libraries use. STRESS_SECONDS=60 runs the
 * floods at full length; they are short otherwise. */
import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import type { SignalStats } from "../mod.ts";
import { found, outcome } from "./support/cases.ts";
import { compile, send, startC } from "./support/compile.ts";
import { MOST_LATE } from "./support/order.ts";
import { isBun, isEmulated, isNode, numberOutside, Program, SIGRTMIN, start } from "./support/process.ts";

const SECONDS = Number(process.env.STRESS_SECONDS ?? 3);
const LIMIT_MS = 30_000 + 3000 * SECONDS;
const EXACT = "stress_exact";
const USR1 = 10;
const USR2 = 12;
const RT = SIGRTMIN + 1;
/** The default capacity of the ring. */
const ROOM = 131_072;

/** The signals of a sender that the kernel accepted, once the sender has ended. */
async function accepted(sender: Program): Promise<number[]> {
  const { code, stdout, stderr } = await sender.ended;
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split(" ").map(Number);
}

interface Flooded {
  calls: Record<number, number>;
  stats: Record<number, SignalStats>;
  disorder: number;
  changes: number;
  resident: number[];
}

/** Four senders for SECONDS, each of which rests `restUs` after `rounds` rounds. @returns resident memory in MiB, after
 * each collection */
async function flooded(rounds: number, restUs: number): Promise<number[]> {
  const signals = [USR1, USR2, RT, RT + 1];
  const program = start("tests/programs/stress_flood.ts", [ROOM, ...signals].map(String), {
    flags: isBun ? [] : ["-A", "--v8-flags=--expose-gc"],
    // The kernel searches all pending signals for each delivery, and the limit is the user's, not the process's.
    wrapper: ["prlimit", "--sigpending=4096"],
    limitMs: LIMIT_MS,
  });
  await program.until("ready");
  const outside = signals.map((sig) => numberOutside(sig, program.pid));
  const senders = Array.from(
    { length: 4 },
    () =>
      new Program([compile("flood"), program.pid, SECONDS, rounds, restUs, ...outside].map(String), {
        limitMs: LIMIT_MS,
      }),
  );
  const counts = await Promise.all(senders.map(accepted));
  program.write("\n");
  const { calls, stats, disorder, changes, resident } = found<Flooded>(await program.ended);
  const report = JSON.stringify({ sent: counts, calls, stats, changes, resident });
  if (process.env.STRESS_SECONDS) console.log(report);

  signals.forEach((sig, i) => {
    const sent = counts.reduce((sum, count) => sum + count[i], 0);
    const { caught, delivered, merged, held, lost } = stats[sig];
    assertEquals([calls[sig], held], [delivered, 0], report);
    assertEquals(delivered + merged + lost, caught, report);
    if (sig >= RT) assertEquals([caught, merged], [sent, 0], report);
    else assert(0 < caught && caught <= sent, report);
  });
  assertLessOrEqual(disorder, MOST_LATE, "values that came after a later one of their sender");
  assertGreater(changes, rounds > 0 ? 20 : 0); // senders without pauses leave JavaScript hardly a turn
  return resident;
}

describe("stress", () => {
  it("100,000 deliveries of three signals, of which two arm the third's timer of some microseconds [CPython test_stress_delivery_dependent]", async () => {
    assertEquals(await outcome(EXACT, ["dependent", 100_000]), [25_000, 25_000, 50_000]);
  });

  it("100,000 deliveries of a timer and a kill at the same moment [CPython test_stress_delivery_simultaneous]", async () => {
    assertEquals(await outcome(EXACT, ["simultaneous", 100_000]), [50_000, 50_000]);
  });

  interface Changed extends SignalStats {
    raised: number;
    calls: number;
    adds: boolean;
  }

  it("40,000 handler changes against a raising thread: each signal reaches one of the two handlers [CPython test_stress_modifying_handlers]", async () => {
    const library = compile("raiser", { shared: true });
    const { raised, calls, caught, lost, adds } = await outcome<Changed>(EXACT, [
      "changingHandlers",
      library,
      "other",
      40_000,
    ]);
    assertGreater(raised, 100);
    assertEquals([adds, caught, calls], [true, raised, raised - lost]);
  });

  it("40,000 changes between a handler and SIG_IGN against a raising thread [CPython test_stress_modifying_handlers]", async () => {
    const library = compile("raiser", { shared: true });
    const { raised, calls, caught, delivered, adds } = await outcome<Changed>(EXACT, [
      "changingHandlers",
      library,
      "SIG_IGN",
      40_000,
    ]);
    assertGreater(raised, 100);
    assert(
      adds && 0 < calls && calls <= delivered && delivered <= caught && caught <= raised,
      `${raised} ${caught} ${calls}`,
    );
  });

  it("what is delivered does not search through 50,000 that are held", async () => {
    const { before, after, seconds, stats } = await outcome<
      { before: number[]; after: number[]; seconds: number; stats: SignalStats }
    >(EXACT, ["behindHeld", 50_000]);
    assertEquals([before, after], [[0, 50_000], [50_000, 50_000]], JSON.stringify(stats));
    assertLess(seconds, 12);
  });

  it("a ring filled to the brim by four senders while the loop is blocked, twice: what was lost is exact", async () => {
    const each = 50_000;
    const program = start("tests/programs/stress_exact.ts", ["brim"], { limitMs: 60_000 });
    for (let round = 0; round < 2; round++) {
      await program.until("ready\n");
      await Promise.all([1, 2, 3, 4].map(() => send(program.pid, [[RT, 0]], { times: each })));
      program.write("\n");
    }
    const full = { calls: ROOM, caught: 4 * each, delivered: ROOM, lost: 4 * each - ROOM };
    const rounds = found<{ late: number }[]>(await program.ended);
    assertEquals(rounds.map(({ late: _late, ...round }) => round), [full, full]);
    // A compiler thread that Bun has just spawned takes one.
    for (const { late } of rounds) assertLessOrEqual(late, MOST_LATE);
  });

  for (const [sig, kind] of [[RT, "real-time"], [USR1, "standard"]] as const) {
    it(`a listener comes and goes 10,000 times under ${kind} fire, and what stood there is back each time`, async () => {
      const program = start("tests/programs/stress_exact.ts", [
        "restoring",
        compile("foreign", { shared: true }),
        String(sig),
        "10000",
      ]);
      await program.until("ready\n");
      const sender = startC("flood", [program.pid, 60, 1, 10, numberOutside(sig, program.pid)]);
      await program.until("restored\n");
      process.kill(sender.pid, "SIGTERM");
      const [sent] = await accepted(sender);
      await send(program.pid, [RT + 1]);
      const { foreign, ours, wrong } = found<Record<string, number>>(await program.ended);
      assertEquals(wrong, 0);
      assert(0 < ours && ours <= foreign, `${ours} ours, ${foreign} foreign`);
      if (sig === RT) assertEquals(foreign, sent);
      else assert(foreign <= sent, `${foreign} of ${sent}`);
    });
  }

  // The main thread always has a pending signal: JavaScript runs when the senders have ended.
  it(`four senders as fast as they can for ${SECONDS} s, while handlers change and the collector runs: all counted`, async () => {
    const resident = await flooded(0, 0);
    assert(resident.at(-1)! < resident[0] + 200, `a full ring as objects is all that may wait: ${resident} MiB`);
  });

  it(`four senders in bursts for ${SECONDS} s, so that the loop turns between them: all counted, memory is flat`, async () => {
    const resident = await flooded(100, 20_000);
    assertGreater(resident.length, isEmulated ? 1 : SECONDS); // a collection may take an emulator more than its second
    const half = Math.ceil(resident.length / 2);
    assert(resident.at(-1)! <= Math.max(...resident.slice(0, half)) + 32, `memory grew: ${resident} MiB`);
  });

  it(`two senders for ${SECONDS} s at listeners of ours and the runtime's: nothing is left waiting`, async () => {
    const signals = [USR1, USR2, 28, /* SIGWINCH */ 1, /* SIGHUP */ 18 /* SIGCONT */];
    const program = start("tests/programs/stress_beside.ts", signals.map(String), {
      flags: isBun || isNode ? [] : ["-A"],
      limitMs: LIMIT_MS,
    });
    await program.until("ready");
    const flood = [compile("flood"), program.pid, SECONDS, 0, 0, ...signals].map(String);
    await Promise.all([0, 1].map(() => accepted(new Program(flood, { limitMs: LIMIT_MS }))));
    program.write("\n");
    assertEquals(found(await program.ended), { waiting: 0, caught: signals.map(() => true) });
  });
});
