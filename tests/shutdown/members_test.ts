/** The members of a Shutdown: the program's own end, its scope, its promise. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type End, isBun, isNode, run } from "../support/process.ts";

const program = (...args: string[]): Promise<End> => run("tests/programs/shutdown_members.ts", args);

/** Wait status and output. */
const told = ({ code, signal, stdout }: End): unknown[] => [code ?? signal, ...stdout.trimEnd().split("\n")];

describe("await using end = shutdown()", () => {
  it("runs the deferred functions at the end of its scope, and the program goes on [api: asyncDispose]", async () => {
    const end = await program("scope");
    assertEquals([told(end), end.stderr], [[0, "in the scope", "aborted: 0", "begin", "end", "last line"], ""]);
  });

  it("runs them when the scope is left by an error, which is the program's then [api: asyncDispose]", async () => {
    const end = await program("scope", "throw");
    assertEquals(told(end), [1, "in the scope", "aborted: 0", "begin", "end"]);
    assertStringIncludes(end.stderr, "on purpose");
  });

  it("takes the shutdown back, so that another one can follow [api: asyncDispose]", async () => {
    assertEquals(told(await program("after the scope")), [3, "begin", "end", "true", "begin", "end", "last line"]);
  });

  for (const [how, expected] of [["SIGTERM", "SIGTERM"], ["SIGINT", "SIGINT"], ["begin", 4]] as const) {
    it(`awaits an end that has begun, and the process ends: ${how} [api: asyncDispose]`, async () => {
      const [status, ...lines] = told(await program("scope of a begun end", how));
      assertEquals([status, ...lines.sort()], [expected, "begin", "end", "leaving"]);
    });
  }

  it("awaits an end that is over, and nothing after the scope runs [api: asyncDispose]", async () => {
    const end = await program("scope of an end that is over");
    assertEquals([told(end), end.stderr], [["SIGTERM", "end"], ""]);
  });

  it("ends the process for a signal that arrives while the scope ends [api: asyncDispose]", async () => {
    assertEquals(told(await program("signal at the end of a scope")), ["SIGTERM", "begin", "end"]);
    assertEquals(told(await program("signal at the end of a synchronous scope")), ["SIGTERM", ""]);
  });

  it("reports no rejection that only tells of the abort, and the program goes on [api: asyncDispose, errors]", async () => {
    const end = await program("background of a scope");
    assertEquals([told(end), end.stderr], [[0, "end", "after the scope", "last line"], ""]);
  });

  for (const how of ["thrown", "rejected"]) {
    it(`ends the process with status 1 for an error meanwhile: ${how} [api: asyncDispose, errors]`, async () => {
      const end = await program("error at the end of a scope", how);
      assertEquals(told(end), [1, "begin", "end"]);
      assertStringIncludes(end.stderr, how);
    });
  }

  // Bun does not tell a listener of once() from one of on().
  (isBun ? it.skip : it)("leaves a listener of process.once() one rejection [api: asyncDispose, errors]", async () => {
    const end = await program("listener of once");
    assertEquals(told(end), [1, "once: first", "begin", "end"]);
    assertStringIncludes(end.stderr, "second");
  });

  it("gives a program that goes on the status 1 where a deferred function failed [api: asyncDispose, errors]", async () => {
    const end = await program("error at the end of a scope", "deferred");
    assertEquals(told(end), [1, "begin", "end", "after the scope", "last line"]);
    assertStringIncludes(end.stderr, "deferred on purpose");
  });

  it("is awaited by a second scope, and both go on [api: asyncDispose]", async () => {
    assertEquals(told(await program("two scopes")), [0, "two deferred", "one deferred", "after both", "last line"]);
  });

  it("goes on where a signal is held, which takes its default action on release [api: asyncDispose, hold]", async () => {
    assertEquals(told(await program("scope in a section")), ["SIGTERM", "begin", "end", "after the scope"]);
  });

  it("is under the deadline, with status 1 [api: asyncDispose]", async () => {
    const end = await program("deadline of a scope");
    assertEquals(told(end), [1, "begin"]);
    assertEquals(end.stderr, "Shutdown: deadline exceeded while 'the work' was running\n");
  });
});

describe("done", () => {
  it("keeps the program alive that awaits it in its last line [api: done]", async () => {
    const end = await program("await done");
    assertEquals([told(end), end.stderr], [["SIGTERM", "begin", "end", "SIGTERM", "last line"], ""]);
  });

  it("is null where no signal began the end [api: done]", async () => {
    assertEquals(told(await program("await done", "begin")), [6, "begin", "end", "null", "last line"]);
  });

  it("is null where a scope ended, and keeps nothing alive any more [api: done]", async () => {
    const end = await program("await done", "scope");
    assertEquals([told(end), end.stderr], [[0, "begin", "end", "null", "last line"], ""]);
  });

  it("is null for a cancelled shutdown, and keeps nothing alive any more [api: done]", async () => {
    const end = await program("await done", "cancel");
    assertEquals([told(end), end.stderr], [[0, "null", "after cancel()", "last line"], ""]);
  });
});

describe("deadline: Infinity", () => {
  it("is no limit, before extend() and after it [api: deadline]", async () => {
    const end = await program("no deadline");
    assertEquals([told(end).slice(0, 3), end.stderr], [["SIGTERM", "begin", "end"], ""]);
  });
});

describe("begin()", () => {
  for (const [status, expected] of [["", 0], ["0", 0], ["7", 7], ["255", 255]] as const) {
    it(`ends the program with status ${expected}, its exit listeners called with it: begin(${status}) [api: begin]`, async () => {
      const end = await program("begin", status);
      const [code, ...lines] = told(end);
      const last = lines.pop();
      assertEquals([code, lines.sort(), last], [
        expected,
        ["begin", "end", "last line", "true"],
        `exit ${expected} ${expected}`,
      ]);
      assertEquals(end.stderr, "");
    });
  }

  it("ends it with 1 in place of 0 where a deferred function failed [api: begin]", async () => {
    assertEquals((await program("begin", "0", "failing")).code, 1);
    assertEquals((await program("begin", "7", "failing")).code, 7);
  });

  it("is under the deadline, also with the event loop stuck, with status 1 [api: begin]", async () => {
    const end = await program("begin stuck");
    assertEquals([end.code, end.stderr], [1, "Shutdown: deadline exceeded while 'the loop' was running\n"]);
  });

  it("keeps its status though a signal arrives meanwhile [api: begin]", async () => {
    assertEquals(told(await program("begin, then a signal")), [5, "begin", "last line", "end"]);
  });
});

describe("exit: a number", () => {
  it("is the status, and 1 in place of 0 where a deferred function failed [api: exit]", async () => {
    assertEquals((await program("numeric", "0")).code, 0);
    assertEquals((await program("numeric", "0", "failing")).code, 1);
    assertEquals((await program("numeric", "3", "failing")).code, 3);
  });
});

describe("cancel()", () => {
  it("takes the shutdown back once, and nothing runs [api: cancel]", async () => {
    assertEquals(told(await program("cancel")), [
      0,
      "true",
      "false",
      "true",
      "false",
      'Error: Cannot defer "late": the shutdown is over or was cancelled',
      "Error: Cannot begin the shutdown: it is over or was cancelled",
      "returned undefined",
      "last line",
    ]);
  });

  it("is false once a signal has been caught, and defer() throws after the end [api: cancel, defer]", async () => {
    const end = await program("cancel too late");
    assertEquals(told(end), [
      "SIGTERM",
      "caught: false",
      "begin",
      "begun: false",
      "end",
      "over: false",
      'Error: Cannot defer "late": the shutdown is over or was cancelled',
      "Error: Cannot begin the shutdown: it is over or was cancelled",
      "last line",
    ]);
  });
});

describe("a graceful end", () => {
  it("goes on at the end of a scope whose signal sigwait() took [api: asyncDispose, sigwait]", async () => {
    assertEquals(told(await program("taken at the end of a scope")), [0, "15", "after the scope", "last line"]);
  });

  it("begins for an error while a signal is held [api: errors, hold]", async () => {
    assertEquals(told(await program("error while a signal is held")), [1, "last line", "begin", "end"]);
  });

  it("begins with a held signal whatever handler is set and unset [api: others, hold]", async () => {
    assertEquals(told(await program("ignored while it is held")), ["SIGTERM", "begin", "end", "last line"]);
  });

  // Bun's off() takes no listener of a listener.
  (isBun ? it.skip : it)("puts back no listener that left meanwhile [api: errors]", async () => {
    assertEquals(told(await program("listener that leaves")), [0, "begin", "end", "0", "last line"]);
  });

  it("begins with no signal that sigwait() takes, nor does its deadline [api: sigwait, what must hold]", async () => {
    const end = await program("taken signal");
    assertEquals([told(end), end.stderr], [["SIGINT", "2 15", "false", "begin", "end", "last line"], ""]);
  });

  // Node resets every disposition at startup.
  const unlessNode = isNode ? it.skip : it;
  for (const whose of ["ours", "the runtime's"]) {
    unlessNode(`leaves a handler for a signal that was ignored at the start: ${whose} [api: others]`, async () => {
      const wrapper = ["env", "--ignore-signal=INT"];
      const end = await run("tests/programs/shutdown_members.ts", ["handler of before", whose], { wrapper });
      assertEquals(told(end), [0, "handler", "true", "true", "last line"]);
    });
  }

  it("refuses other options, statuses and functions, and is as it was [api: conventions]", async () => {
    const [code, ...lines] = told(await program("bad input"));
    assertEquals(code, 0);
    const there = "Error: Cannot prepare a shutdown: there is one already, with";
    const expected = [
      `${there} 'deadline' 5;`,
      `${there} 'signals' SIGTERM, SIGINT;`,
      `${there} 'exit' "signal";`,
      `${there} 'force' "second";`,
      `${there} 'uncaught' true;`,
      `${there} 'resetTerminal' "";`,
      "true",
      ...["256", "-1", "1.5", "NaN"].map((value) =>
        `RangeError: Cannot begin the end: 'status' must be a whole number from 0 to 255, got ${value}`
      ),
      ...['"0"', "null"].map((value) => `TypeError: Cannot begin the end: 'status' must be a number, got ${value}`),
      "TypeError: Cannot defer: 'name' must be a string, got 1",
      "TypeError: Cannot defer: 'fn' must be a function, got undefined",
      "TypeError: Cannot defer: 'fn' must be a function, got 1",
      "RangeError: Cannot extend the deadline: 'seconds' must be 0 or more, got -1",
      "RangeError: Cannot extend the deadline: 'seconds' must be 0 or more, got NaN",
      "RangeError: Cannot extend the deadline: 'seconds' must be at most",
      "TypeError: Cannot extend the deadline: 'seconds' must be a number of seconds, got \"1\"",
      "false false",
      "last line",
    ];
    assertEquals(lines.length, expected.length);
    expected.forEach((start, i) => assertEquals(String(lines[i]).slice(0, start.length), start));
    assertMatch(String(lines[0]), /call shutdown\(\) without options to join it, or cancel\(\) it first$/);
  });

  for (const how of ["begin", "signal"]) {
    it(`runs in no promise context of other code, begun by ${how} [field: AsyncLocalStorage]`, async () => {
      const [code, ...lines] = told(await program("context", how));
      assertEquals([code, ...lines.filter((line) => line !== "last line")], [
        0,
        "abort: undefined",
        "deferred: undefined",
      ]);
    });
  }
});
