import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import { send, startC } from "../support/compile.ts";
import { assertWhole, type Found } from "../support/order.ts";
import { isBun, isDeno, isEmulated, type Program, run, shell, SIGRTMIN, start } from "../support/process.ts";

const PROGRAM = "stress";
const file = `tests/programs/${PROGRAM}.ts`;
/** The flags that let a program request a collection. */
const COLLECTOR = isBun ? [] : ["--allow-ffi", "--v8-flags=--expose-gc"];
const ALL = isBun ? [] : ["-A", "--v8-flags=--expose-gc"];

async function ready(args: string[], flags = COLLECTOR): Promise<Program> {
  const program = start(file, args, { flags });
  await program.until("ready");
  return program;
}

/** Sends until the program ends. */
async function underFire(program: Program, signum: number, gap: number): Promise<unknown> {
  const sender = startC("sender", [program.pid, 10_000_000, gap, signum]);
  const end = await program.ended;
  await sender.ended;
  return found(end);
}

describe("under load", () => {
  it("handlers that depend on each other lose nothing: 2,000 for 2,000 [PY-120, CPython test_stress_delivery_dependent]", async () => {
    assertEquals(await outcome(PROGRAM, ["dependent", 2000]), { sent: 2000, alarms: 2000 });
  });

  it("off() is a barrier: nothing comes after it has returned [GO-30, Go TestStress]", async () => {
    const program = await ready(["barrier"]);
    assertEquals(await underFire(program, 10, 50), { received: true, late: 0, done: true });
  });

  it("a signal in the moment of off() is received, or it kills: 10 processes, 10 tries [GO-31, Go TestAtomicStop]", async () => {
    let received = 0;
    let killed = 0;
    for (let i = 0; i < 10; i++) {
      const program = start(file, ["tries"]);
      try {
        for (let tries = 0; tries < 10; tries++) {
          await program.until("try");
          await shell(`kill -INT ${program.pid}`);
        }
      } catch {
        // it has ended
      }
      const { signal, stdout } = await program.ended;
      received += stdout.split("received").length - 1;
      killed += Number(signal === "SIGINT");
      assertEquals(stdout.includes("neither"), false);
      assert(signal === "SIGINT" || stdout.split("received").length === 11, `${signal}: ${stdout}`);
    }
    assert(received + killed >= 10, `${received} received, ${killed} killed`);
  });

  it("no signal is lost while the collector stops the world: 100 for 100 [GO-32, Go TestSignalTrace]", async () => {
    assertEquals(await outcome(PROGRAM, ["collector"], { flags: COLLECTOR }), 100);
  });

  for (const count of [1, 10]) {
    it(`abortOn() aborts once for ${count} at a time, and nobody dies [GO-33, Go TestNotifyContextNotifications]`, async () => {
      const program = await ready(["abort"]);
      await shell(`for i in $(seq ${count}); do kill -INT ${program.pid} & done; wait`);
      const { code, stdout } = await program.ended;
      assertEquals([code, stdout.split("aborted").length - 1], [0, 1]);
    });
  }

  it("a listener that leaves at its tenth call gets ten [UV-30, libuv we_get_signal]", async () => {
    assertEquals(await outcome(PROGRAM, ["stopsItself"]), [10, 10, 20]);
  });

  it("four listeners of two signals get ten each [UV-31, libuv we_get_signals]", async () => {
    assertEquals(await outcome(PROGRAM, ["fourWatchers"]), [10, 10, 10, 10]);
  });

  it("30,000 signals change no floating point result [LT-51, LTP signal06]", async () => {
    assertEquals(await outcome(PROGRAM, ["floats"]), { same: true, handled: 30_000 });
  });

  it("pthreadKill() and pthreadSigmask() never fail [OP-100, POSIX pthread_kill 8, pthread_sigmask 18]", async () => {
    const program = await ready(["calls"]);
    const senders = [10, 12].map((signum) => startC("sender", [program.pid, 10_000_000, 50, signum]));
    const end = await program.ended;
    await Promise.all(senders.map(({ ended }) => ended));
    assertEquals(found(end), { done: true, handled: true });
  });

  it("a full ring keeps the oldest in order, and counts what it lost [SH-50, signal-hook channel.rs]", async () => {
    const kept = [0, 1, 2, 3, 4];
    assertEquals(await outcome(PROGRAM, ["ring"]), {
      inOrder: true,
      rounds: [{ kept, caught: 10, lost: 5 }, { kept, caught: 50, lost: 45 }],
    });
  });

  it("values of four senders all arrive [SH-50, signal-hook channel.rs]", async () => {
    const program = await ready(["fromOthers"]);
    await Promise.all([1, 2, 3, 4].map((value) => send(program.pid, [[SIGRTMIN, value]])));
    assertEquals(found(await program.ended), [1, 2, 3, 4]);
  });

  it("spaced signals are never merged: three for three [DN-50, Deno signalListenerTest]", async () => {
    const program = await ready(["spaced"]);
    for (let i = 1; i <= 3; i++) {
      await program.kill("SIGUSR1");
      await program.until(`seen ${i}`);
    }
    assertEquals(found(await program.ended), 3);
  });

  for (const [how, atOnce] of [["module", 1000], ["runtime", 0], ["C", 0]] as const) {
    it(`1,000 signals to itself in one loop are 1,000 calls, sent by ${how} [BN-60, bun process-sync-fault-signal]`, async () => {
      const flags = how === "runtime" ? ALL : undefined;
      assertEquals(await outcome(PROGRAM, ["fast", how], { flags }), { atOnce, count: 1000, caught: 1000 });
    });
  }

  for (const how of ["sleep", "spin", "collect"]) {
    it(`10,000 queued values arrive in order while the thread does: ${how} [VF-60]`, async () => {
      const program = await ready(["burst", how]);
      await send(program.pid, [[SIGRTMIN, 0]], { times: 10_000 });
      const { caught, delivered, lost, ...values } = found<Found & Record<string, number>>(await program.ended);
      assertEquals([caught, delivered, lost], [10_000, 10_000, 0]);
      assertWhole(values, 10_000);
    });
  }

  it("no value is delivered twice where deadlines stop the delivery, and each stop costs one call at most", async () => {
    const count = isEmulated ? 20_000 : 1_000_000;
    // The limit of pending signals is the user's: other tests need some as well.
    const program = start(file, ["deadlines", String(count)], { wrapper: ["prlimit", "--sigpending=4096"] });
    await program.until("ready");
    await send(program.pid, [[SIGRTMIN, 0]], { times: count });
    const { twice, accounted, uncalled, stops } = found<Record<string, number>>(await program.ended);
    assertEquals([twice, accounted], [0, true as never]);
    assert(uncalled >= 0 && uncalled <= stops, `${uncalled} of ${stops}`);
  });

  it("listeners come and go 10,000 times, and nothing grows [VF-61, Go TestStress]", async () => {
    const program = await ready(["underFire"], ALL);
    assertEquals(await underFire(program, 10, 100), { counting: true, heap: true, fds: 0 });
  });
});

describe("a listener that throws", () => {
  it("does not keep the others from being called [PY-123, CPython test_wakeup_signal]", async () => {
    assertEquals(await outcome(PROGRAM, ["throwingListener"]), {
      errors: Array(3).fill("listener A"),
      counted: 3,
    });
  });
});

describe("signals while the program ends", () => {
  for (const where of isDeno ? ["exit", "unload", "finalizer"] : ["exit", "finalizer"]) {
    it(`do no harm, and its status stays: ${where} [PY-124, CPython test_close_on_finalizing]`, async () => {
      const { code, signal, stdout, stderr } = await run(file, ["shuttingDown", where], { flags: COLLECTOR });
      assertEquals([code, signal, stdout, stderr], [3, null, "ending\n", ""]);
    });
  }
});
