/** The moment in which only the runtime's handler is installed, while this module takes a signal. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startC } from "./support/compile.ts";
import { isDeno, isEmulated, isNode, run, start } from "./support/process.ts";

async function told(who: string): Promise<string[]> {
  const { code, stdout, stderr } = await run("tests/programs/claim_window.ts", [who]);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trimEnd().split("\n").sort();
}

/** Deno installs its handler for SIGINT with its first one of any signal, and installs none again. */
const elsewhere = isDeno ? it.skip : it;

describe("a signal that comes between the runtime's handler and ours", () => {
  it("is delivered, though nothing is known of it but its number", async () => {
    assertEquals(await told("alone"), ["caught 1", "ours SIGWINCH unknown", "sent"]);
  });

  elsewhere("is delivered, where the runtime's handler comes at once: SIGINT", async () => {
    assertEquals(await told("interrupt"), ["caught 1", "ours SIGINT unknown", "sent"]);
  });

  it("is delivered to us and to a listener of before, once to each", async () => {
    assertEquals(await told("before"), ["caught 1", "ours SIGWINCH unknown", "sent", "theirs"]);
  });

  elsewhere("is delivered to us and to the listener for which the runtime installed it, once to each", async () => {
    assertEquals(await told("after"), ["caught 1", "ours SIGWINCH unknown", "sent", "theirs"]);
  });
});

describe("a signal that was ignored and comes all the time", () => {
  // Node resets every disposition at startup.
  const where = isNode ? it.skip : it;

  async function fireAt(...args: string[]): Promise<void> {
    const program = start("tests/programs/claim_fire.ts", args, { wrapper: ["env", "--ignore-signal=USR2"] });
    await program.until("ready\n");
    // A sender without pauses could keep the program in nanosleep(2), as src/README.md says. In emulation a handler runs
    // longer.
    const [rounds, restUs] = isEmulated ? [1, 1000] : [4, 100];
    const sender = startC("flood", [program.pid, 60, rounds, restUs, 12]);
    program.write("go\n");
    await program.until("heard\n");
    await sender.kill("SIGTERM");
    assertEquals((await sender.ended).code, 0);
    program.closeInput();
    const { code, signal, stderr } = await program.ended;
    assertEquals([code, signal, stderr], [0, null, ""]);
  }

  where("never takes its default action while we begin to listen: 8 processes", async () => {
    for (let i = 0; i < 8; i++) await fireAt("1", "stays");
  });

  where("nor while we leave, and come again: 5,000 times", () => fireAt("5000"));
});
