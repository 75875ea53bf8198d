/** examples/stuck.ts: the graceful end of a program whose event loop never turns. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { command, CTRL_C, onTerminal, start, taken } from "../support/process.ts";

const FILE = "examples/stuck.ts";
const SIGINT = 2;

describe("examples/stuck.ts", () => {
  it("dies by SIGTERM when its deadline is over", async () => {
    const program = start(FILE, ["0.5"]);
    await program.until("hangs");
    const began = performance.now();
    await program.kill("SIGTERM");
    const { signal } = await program.ended;
    assertEquals(signal, "SIGTERM");
    assertGreaterOrEqual(performance.now() - began, 500);
  });

  it("dies by SIGINT at the second Ctrl+C", async () => {
    const program = onTerminal(command(FILE, ["60"]));
    await program.until("hangs");
    program.write(CTRL_C);
    await program.until("^C");
    await taken(Number(/process (\d+)/.exec(program.stdout)![1]), SIGINT); // otherwise the kernel merges the two
    program.write(CTRL_C);
    const { code } = await program.ended;
    assertEquals(code, 128 + SIGINT);
  });
});
