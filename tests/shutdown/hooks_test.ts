/** Exit listeners and standard output after a graceful end. tests/field: `unload`, packages, real terminals. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { command, type End, run, shell } from "../support/process.ts";

const FILE = "tests/programs/shutdown_hooks.ts";
const program = (...args: string[]): Promise<End> => run(FILE, args);
const told = ({ code, signal, stdout }: End): unknown[] => [code ?? signal, ...stdout.trimEnd().split("\n")];

describe("the exit listeners of a graceful end", () => {
  it("run with the status that a shell shows, before the process dies by the signal [api: The end]", async () => {
    const end = await program("nothing");
    assertEquals([told(end), end.stderr], [["SIGTERM", "deferred", "first 143 143", "last 143"], ""]);
  });

  it("run with the status that `exit` says [api: exit]", async () => {
    assertEquals(told(await program("nothing", '{"exit":3}')), [3, "deferred", "first 3 3", "last 3"]);
  });

  it("do not keep the process when one throws, which is reported [api: The end]", async () => {
    const end = await program("throws");
    assertEquals(told(end).slice(0, 3), ["SIGTERM", "deferred", "first 143 143"]);
    assertStringIncludes(end.stderr, "on purpose");
  });

  it("leave the death to the signal when one exits [api: The end]", async () => {
    assertEquals(told(await program("exits")), ["SIGTERM", "deferred", "first 143 143"]);
  });

  it("are under the deadline [api: deadline]", async () => {
    const end = await program("loops", '{"deadline":0.3}');
    assertEquals(told(end), ["SIGTERM", "deferred", "first 143 143"]);
    assertEquals(end.stderr, "Shutdown: deadline exceeded after the deferred functions had run\n");
  });

  it("run once when a deferred function exits by itself, with its status [SE-09]", async () => {
    assertEquals(told(await program("exits in the end")), [7, "first 7 7", "last 7"]);
  });
});

describe("a graceful end with its standard output or error", () => {
  const words = command(FILE, ["nothing"]).map((word) => `'${word}'`).join(" ");
  for (const redirection of [">&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>/dev/full"]) {
    it(`gone or full, ${redirection}, dies by the signal all the same [api: Errors]`, async () => {
      const { stdout } = await shell(`exec 3>&1; { ${words} ${redirection}; echo "status $?" >&3; } 2>/dev/null`);
      assertStringIncludes(stdout, "status 143");
    });
  }
});
