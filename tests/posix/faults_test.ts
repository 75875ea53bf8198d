import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../support/compile.ts";
import { arch, type End, isBun, isNode, run as runProgram, start } from "../support/process.ts";

const ALL = isBun ? [] : ["-A"];
/** A death by a fault leaves no core file behind. */
const options = { flags: ALL, wrapper: ["prlimit", "--core=0"] };

const run = (...args: string[]): Promise<End> => runProgram("tests/programs/faults.ts", args, options);
const native = (): string => compile("native", { shared: true });
const fault = (which: string, handlers: string): Promise<End> => run("fault", which, handlers, native());

/** ARM divides by zero without a fault. */
const divide: Record<string, string> = arch === "x86_64" ? { divide: "SIGFPE" } : {};
const FAULTS = { null: "SIGSEGV", wild: "SIGSEGV", ...divide, illegal: "SIGILL" };

/** Bun's crash report names the fault; Deno reports only a full stack, and Node none. */
const BUN_REPORT = /panic|Segmentation fault|Floating point|Illegal instruction|SIG/;

describe("a fault of the processor", () => {
  for (const [which, name] of Object.entries(FAULTS)) {
    it(`(${which}) ends the process as it does without us, and reaches no handler [PY-140, BN-80, bun process-sync-fault-signal]`, async () => {
      const usual = await fault(which, "none");
      const handled = await fault(which, "ours");
      assertEquals([handled.code, handled.signal], [usual.code, usual.signal]);
      assertEquals(handled.stdout, "faulting\n");
      assert(handled.signal !== null && handled.signal !== "SIGKILL", String(handled.signal));
      if (isBun) assertMatch(handled.stderr, BUN_REPORT);
      else assertEquals(handled.signal, name);
    });
  }

  it("in a Worker ends the process in the same way [PY-140, CPython test_fatal_error_c_thread]", async () => {
    const { signal, stdout } = await run("inAWorker", compile("native", { shared: true }));
    assertEquals([signal, stdout], [(await fault("null", "none")).signal, ""]);
  });

  it("is reported by the runtime again after our listeners have left [BN-82, bun: restores the displaced handler]", async () => {
    for (const which of ["null", "overflow"]) {
      const usual = await fault(which, "none");
      const restored = await fault(which, "removed");
      assertEquals([restored.code, restored.signal], [usual.code, usual.signal]);
      assertEquals(report(restored), report(usual));
    }
  });

  it("is reported by the runtime while our handlers are there [PY-140, api: Faults]", async () => {
    for (const which of ["null", "overflow"]) {
      const usual = report(await fault(which, "none"));
      const ours = report(await fault(which, "ours"));
      // Bun does not report a full stack by itself: its handler has no alternate stack to run on, and ours has
      // (SA_ONSTACK).
      if (isBun && which === "overflow") assert(ours.length > 0);
      else assertEquals(ours, usual);
      // Deno reports no other fault, and Node none at all.
      assertEquals(usual.length > 0, !isNode && isBun === (which === "null"));
    }
  });
});

describe("with a handler for every signal that there is", () => {
  const deaths = {
    null: "SIGSEGV",
    wild: "SIGSEGV",
    bus: "SIGBUS",
    ...divide,
    illegal: "SIGILL",
    abort: "SIGABRT",
  };
  for (const [which, name] of Object.entries(deaths)) {
    it(`a fault of native code (${which}) kills at once, as without us [api: faults]`, async () => {
      const usual = await fault(which, "none");
      const program = start("tests/programs/faults.ts", ["fault", which, "everything", native()], options);
      program.closeInput();
      await program.until("faulting\n");
      const began = performance.now();
      const { code, signal, stdout, stderr } = await program.ended;
      assertLess(performance.now() - began, 5000);
      assertEquals([code, signal, stdout], [usual.code, usual.signal, "faulting\n"]);
      // abort() sends its signal, which is delivered to a handler, and not to the runtime that would report it.
      assertEquals(report({ stderr }), which === "abort" ? [] : report(usual));
      if (!isBun) assertEquals(signal, name);
    });
  }

  it("traps of WebAssembly and a full stack of JavaScript are errors still, each time [api: faults]", async () => {
    const { code, stdout } = await run("trapped");
    const errors = ["0", "RuntimeError", "RuntimeError", "RangeError"];
    assertEquals([code, JSON.parse(stdout)], [0, [errors, errors]]);
  });
});

/** The runtime's report of the fault, without addresses. */
function report({ stderr }: Pick<End, "stderr">): string[] {
  return stderr.split("\n").filter((line) => /^panic|overflowed/.test(line.trim())).map((line) =>
    line.replace(/0x[0-9a-f]+/gi, "ADDRESS").replace(/\(\d+\)/g, "")
  );
}

describe("a signal of a fault that a process sends", () => {
  for (const name of ["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT"]) {
    it(`reaches the listener each time: ${name} [BN-81, bun process-sync-fault-signal]`, async () => {
      const { code, stdout } = await run("sent", name);
      assertEquals([JSON.parse(stdout), code], [
        [`${name} SI_USER`, `${name} SI_USER`, `${name} SI_TKILL`],
        0,
      ]);
    });

    it(`ends the process where nobody listens: ${name} [PY-140, CPython faulthandler test_sigabrt]`, async () => {
      const { code, signal } = await run("die", name);
      assert(signal !== null || code !== 0);
      if (!isBun) assertEquals(signal, name);
    });
  }

  it("is not refused as SIGKILL and SIGSTOP are [SH-70, api: Faults]", async () => {
    const { stdout } = await run("refused");
    const refused = "PosixError EINVAL 22";
    assertEquals(JSON.parse(stdout), [refused, refused, "none", "none", "none"]);
  });
});

describe("a report on SIGUSR1", () => {
  it("is a listener beside the handler, and gone when it leaves [PY-146, CPython test_register_chain]", async () => {
    const { signal, stdout } = await run("report");
    assertEquals([JSON.parse(stdout), signal], [{ handled: 2, reports: 1, told: true }, "SIGUSR1"]);
  });
});
