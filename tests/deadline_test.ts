/** Guarantee 8 of the daemon layer: a limit on synchronous work. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { outcome } from "./support/cases.ts";

const PROGRAM = "daemon_deadline";
const timedOut = (seconds: number) => ({
  name: "TimeoutError",
  timeout: true,
  message: `The call did not end within ${seconds} seconds`,
  inTime: true,
});

describe("deadline()", () => {
  it("stops a busy loop that calls nothing, with a TimeoutError [issue 4, guarantee 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["busyLoop"]), timedOut(0.2));
  });

  it("returns what `fn` returns and throws what it throws, the same [issue 4, guarantee 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["outcomes"]), { same: true, sameError: true, nothing: true });
  });

  it("nests: the earlier one counts, each throws its own error [issue 4, guarantee 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["nesting"]), {
      innerFirst: timedOut(0.1),
      outerFirst: timedOut(0.2),
      seen: ["TimeoutError"],
      afterwards: "both in time",
    });
  });

  it("refuses an asynchronous `fn` and says why [issue 4, guarantee 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["asynchronous"]), [["TypeError", true], ["TypeError", true], [
      "TypeError",
      true,
    ]]);
  });

  it("refuses bad arguments; with 0 seconds nothing runs [api: deadline]", async () => {
    assertEquals(
      await outcome(PROGRAM, ["arguments"]),
      ["RangeError", "RangeError", "RangeError", "TypeError", "TypeError", "TimeoutError"],
    );
  });

  it("skips the `catch` and `finally` of what it stops, as its doc comment says [issue 4, guarantee 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["skips"]), []);
  });

  it("stops a sleep() of this module [api: deadline]", async () => {
    assertEquals(await outcome(PROGRAM, ["inSleep"]), timedOut(0.1));
  });

  it("leaves signals in order when it stops a handler or a section [issue 4, guarantees 5 and 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["signalsAfterwards"]), {
      inHandler: "TimeoutError",
      inSection: "TimeoutError",
      got: ["handler", "handler", "handler"],
      held: [],
    });
  });

  it("leaves sections in order that begin before its end and end after it, or the other way round [issue 4, guarantees 5 and 8]", async () => {
    assertEquals(await outcome(PROGRAM, ["sectionsAcross"]), ["held", "handler", "handler", "free"]);
  });
});
