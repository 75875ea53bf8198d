/** The moment in which the runtime's handler stands alone, while this module takes a signal. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { run } from "./support/process.ts";

async function told(who: string): Promise<string[]> {
  const { code, stdout, stderr } = await run("tests/programs/claim_window.ts", [who]);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trimEnd().split("\n").sort();
}

describe("a signal that comes between the runtime's handler and ours", () => {
  it("is delivered, though nothing is known of it but its number", async () => {
    assertEquals(await told("ours"), ["caught 1", "ours SIGWINCH unknown", "sent"]);
  });

  it("is delivered to us and to the runtime's listeners, once to each", async () => {
    assertEquals(await told("both"), ["caught 1", "ours SIGWINCH unknown", "sent", "theirs"]);
  });

  it("takes the action that stands there when we have left", async () => {
    const { signal, stdout } = await run("tests/programs/claim_window.ts", ["left"]);
    assertEquals([signal, stdout], ["SIGUSR2", "sent\n"]);
  });
});
