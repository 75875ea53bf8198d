/** Uncaught errors before and during a graceful end. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type End, isBun, isDeno, isNode, run } from "../support/process.ts";

const program = (...args: string[]): Promise<End> =>
  run("tests/programs/shutdown_errors.ts", args, { flags: isDeno ? ["-A"] : [] });
const lines = (text: string): string[] => text.trimEnd().split("\n");

/** The lines that name the error. */
const told = (stderr: string): string[] => lines(stderr).filter((line) => /^(error|Uncaught|\w*Error)\b/.test(line));

/** Errors that begin a graceful end, and do not cut one short. */
const FAULTS = ["throw", "reject", "reject last", "undefined", "emit", "microtask", "listener"];
/** Bun ignores an error in a Worker, and reports it to nobody. */
if (!isBun) FAULTS.push("worker");

describe("before the end, an error that nobody caught", () => {
  for (const fault of [...FAULTS, "top-level await"]) {
    it(`begins it with status 1, and is printed once as the runtime prints it: ${fault} [api: Errors]`, async () => {
      const [end, control] = await Promise.all([program("before", fault), program("before", fault, "", "none")]);
      assertEquals([end.code, ...lines(end.stdout)], [1, "begin", "end", "exit 1"]);
      if (isNode) assertStringIncludes(end.stderr, fault === "undefined" ? "Uncaught" : "on purpose");
      else assertEquals(told(end.stderr), told(control.stderr).filter((line) => !line.includes("child worker")));
      if (fault !== "undefined") assertStringIncludes(end.stderr, "shutdown_errors"); // where it was thrown
    });
  }

  for (const handling of ["exception", "rejection", ...isDeno ? ["event"] : []]) {
    const faults = handling === "event" ? ["throw", "reject"] : handling === "exception" ? ["throw"] : ["reject"];
    for (const fault of faults) {
      it(`is the program's if it handles it: ${fault}, ${handling} [api: Errors]`, async () => {
        const [end, control] = await Promise.all([
          program("before", fault, handling),
          program("before", fault, handling, "none"),
        ]);
        assertEquals([end.code, end.stdout, end.stderr], [control.code, control.stdout, control.stderr]);
        assertEquals([end.code, ...lines(end.stdout)], [99, "handled: on purpose", "exit 99"]);
      });
    }
  }

  it("begins it with status 1 whatever `exit` says [api: Errors]", async () => {
    for (const exit of [0, 5]) {
      const end = await program("before", "throw", "", JSON.stringify({ exit }));
      assertEquals([end.code, ...lines(end.stdout)], [1, "begin", "end", "exit 1"]);
    }
  });

  it("ends the program without an end where `uncaught` is false [api: uncaught]", async () => {
    const options = JSON.stringify({ uncaught: false });
    for (const fault of ["throw", "reject"]) {
      const end = await program("before", fault, "", options);
      assertEquals([end.code, end.stdout.includes("begin")], [1, false]);
      assertStringIncludes(end.stderr, "on purpose");
    }
  });
});

describe("during the end, an error that nobody caught", () => {
  for (const fault of [...FAULTS, "top-level await"]) {
    for (const options of ["{}", '{"uncaught":false}']) {
      it(`is reported, and the end goes on: ${fault}, ${options} [api: Errors]`, async () => {
        const { signal, stdout, stderr } = await program("during", fault, "", options);
        assertEquals([signal, ...lines(stdout)], ["SIGINT", "begin", "end", "exit 130"]);
        if (fault !== "undefined") assertStringIncludes(stderr, "on purpose");
      });
    }
  }

  it("in an abort listener is reported with its message and stack [api: Errors]", async () => {
    const { signal, stdout, stderr } = await program("before", "abort listener");
    assertEquals([signal, ...lines(stdout)], ["SIGINT", "begin", "end", "exit 130"]);
    assertStringIncludes(stderr, "on purpose");
    assertStringIncludes(stderr, "shutdown_errors.ts:");
  });

  for (const handling of ["exception", "rejection", ...isDeno ? ["event"] : []]) {
    const fault = handling === "rejection" ? "reject" : "throw";
    it(`is the program's if it handles it: ${fault}, ${handling} [api: Errors]`, async () => {
      const { signal, stdout, stderr } = await program("during", fault, handling);
      assertEquals([signal, ...lines(stdout)], ["SIGINT", "begin", "handled: on purpose", "end", "exit 130"]);
      assertEquals(stderr, "");
    });
  }

  for (
    const fault of [
      "delay with the signal",
      "fetch with the signal",
      "events with the signal",
      "the signal itself",
      "a signal of it",
      "top-level await of the signal",
    ]
  ) {
    for (const handling of ["", "exception", "rejection"]) {
      it(`is kept from everyone if it only says that the signal was aborted: ${fault}, ${handling || "nobody"} [api: Errors]`, async () => {
        const { signal, stdout, stderr } = await program("before", fault, handling);
        assertEquals([signal, ...lines(stdout), stderr], ["SIGINT", "begin", "end", "exit 130", ""]);
      });
    }
  }

  for (const fault of ["execSync", "execFileSync", ...isBun ? ["Bun.$"] : []]) {
    it(`is reported where a child died of the same Ctrl+C: ${fault} [api: Errors]`, async () => {
      const { signal, stdout, stderr } = await program("before", fault);
      assertEquals([signal, ...lines(stdout)], ["SIGINT", "begin", "end", "exit 130"]);
      assertStringIncludes(stderr, "kill -INT");
    });
  }
});
