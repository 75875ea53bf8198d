/** Restoring the previous action, as Python's programs do it, beside other code's listeners. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "../support/process.ts";

describe("putting back what signal() returned", () => {
  it("works in any order: the runtime's idle handlers are the default [Python signal.signal]", async () => {
    const end = await run("tests/programs/put_back.ts", ["previous"]);
    assertEquals(end.stdout.trimEnd().split("\n"), [
      "handler: SIGHUP",
      "0 0",
      "handler: SIGINT",
      "0 0",
      "handler: SIGTERM",
      "0 0",
    ]);
    assertEquals([end.code, end.signal, end.stderr], [null, "SIGTERM", ""]);
  });

  it("leaves a listener alive that came before any call, and the default after it left [api: beside the runtime]", async () => {
    const end = await run("tests/programs/put_back.ts", ["listenerFirst"]);
    assertEquals(end.stdout.trimEnd().split("\n"), ["null", "handler: SIGTERM", "listener"]);
    assertEquals([end.code, end.signal, end.stderr], [null, "SIGTERM", ""]);
  });

  it("brings the default back beside a listener of another signal [api: beside the runtime]", async () => {
    const end = await run("tests/programs/put_back.ts", ["listenerElsewhere"]);
    assertEquals(end.stdout.trimEnd().split("\n"), ["handler: SIGTERM"]);
    assertEquals([end.code, end.signal, end.stderr], [null, "SIGTERM", ""]);
  });
});
