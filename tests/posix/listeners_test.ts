import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { outcome } from "../support/cases.ts";
import { compile } from "../support/compile.ts";
import { isBun, isDeno, run, start } from "../support/process.ts";

const PROGRAM = "listeners";
/** The flags that let a program request a collection. */
const COLLECTOR = isBun ? [] : ["--allow-ffi", "--v8-flags=--expose-gc"];

describe("listeners", () => {
  it("run in the order of their coming, until they leave [DN-70, Deno multipleSignalListenerTest]", async () => {
    assertEquals(await outcome(PROGRAM, ["twoListeners"]), "010101000");
  });

  it("can be added again after all have left [BN-91, signal-hook unregister_signal.rs]", async () => {
    assertEquals(await outcome(PROGRAM, ["addedAgain"]), "B");
  });

  it("that are one function are called as often as it was added [SH-80, signal-hook register_unregister]", async () => {
    assertEquals(await outcome(PROGRAM, ["sameFunction"]), {
      counts: [2, 2, 3, 4],
      removed: [true, true, false, false],
    });
  });

  it("learn whether they were still there, are not called afterwards, and are collected [SH-81, signal-hook flag.rs]", async () => {
    assertEquals(await outcome(PROGRAM, ["leaving"], { flags: COLLECTOR }), {
      left: [true, false, "PosixError EINVAL 22"],
      calls: 0,
      collected: true,
    });
  });

  it("for once and for good do not disturb each other [UV-41, libuv we_get_signals_mixed]", async () => {
    assertEquals(await outcome(PROGRAM, ["mixed"]), [[1, 1], [1, 1, 0], [10, 10, 0], [0, 0, 1, 1], [0, 1, 0, 10]]);
  });

  it("may remove themselves when called: the next signal kills [DN-71, Deno unit_node process.off signal]", async () => {
    const program = start(`tests/programs/${PROGRAM}.ts`, ["removesItself"]);
    await program.until("ready");
    await program.kill("SIGINT");
    await program.until("once");
    await program.kill("SIGINT");
    const { code, signal, stdout } = await program.ended;
    assertEquals([code, signal, stdout], [null, "SIGINT", "ready\nonce\n"]);
  });

  it("removed before their turn are not called, added meanwhile only next time [VF-80]", async () => {
    assertEquals(await outcome(PROGRAM, ["changesWhileDelivering"]), "A AC");
  });

  it("get nothing after they left [GO-50, Go TestStop]", async () => {
    const one = { SIGWINCH: 1, SIGHUP: 1, SIGUSR1: 1 };
    assertEquals(await outcome(PROGRAM, ["stopIsExact"]), { received: one, after: one });
  });

  it("leaving with a signal on its way: it takes the default action, which kills [GO-51, Go TestAtomicStop]", async () => {
    const { code, signal } = await run(`tests/programs/${PROGRAM}.ts`, ["inFlight", "fatal"]);
    assertEquals([code, signal], [null, "SIGTERM"]);
    assertEquals(await outcome(PROGRAM, ["inFlight", "harmless"]), 0);
    assertEquals(await outcome(PROGRAM, ["inFlightForTheOther"]), ["second"]);
  });

  it("are not called for a signal that came before they left but had not run [UV-42, libuv signal_pending_on_close]", async () => {
    // The runtimes ignore SIGPIPE, so that the write fails with EPIPE.
    assertEquals(await outcome(PROGRAM, ["pending"]), { written: -1, calls: 0, before: 1, after: 1 });
  });

  it("read late: the oldest signals are kept, the others counted, memory is bounded [GO-52, Go TestSignal]", async () => {
    assertEquals(await outcome(PROGRAM, ["neverRead"], { flags: COLLECTOR }), {
      calls: 100_000,
      lost: 99_900,
      oldest: true,
      bounded: true,
    });
  });
});

describe("listeners beside the runtime's", () => {
  const orders = ["theirs first", "ours first"];
  for (const which of isDeno ? ["process", "Deno"] : ["process"]) {
    for (const order of orders) {
      for (const leaves of orders) {
        it(`${which}: ${order} to come, ${leaves} to leave [DN-72, Deno ext/signals]`, async () => {
          const { code, signal, stdout } = await run(`tests/programs/${PROGRAM}.ts`, [
            "withTheRuntime",
            which,
            order,
            leaves,
          ]);
          const counts = leaves === "theirs first" ? [[1, 1], [1, 2]] : [[1, 1], [2, 1]];
          assertEquals([JSON.parse(stdout), code, signal], [counts, null, "SIGUSR1"]);
        });
      }
    }
  }

  for (const which of isDeno ? ["process", "Deno"] : ["process"]) {
    it(`${which}: are called at every signal at which they were before ours [DN-72, api: Living with the runtime]`, async () => {
      assertEquals(await outcome(PROGRAM, ["theirsAtTwo", which]), [
        "our SIGUSR1",
        "our SIGUSR2",
        "their SIGUSR1",
        "their SIGUSR2",
      ]);
    });
  }

  it("run with another library's handler, which is back when they leave [PY-150, CPython test_register_chain]", async () => {
    assertEquals(await outcome(PROGRAM, ["foreign", compile("native", { shared: true })]), {
      stood: 1,
      found: null,
      together: [1, 1],
      stands: 1,
      after: [2, 1],
    });
  });
});
