/** Guarantee 7 of the daemon layer: signals as an AbortSignal, for everything that takes one. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { found, outcome } from "./support/cases.ts";
import { isBun, runtimeName, start } from "./support/process.ts";

const FILE = "tests/programs/daemon_abort.ts";
const flags = isBun ? [] : ["-A"];
const SERVER = { Bun: "Bun.serve", Deno: "Deno.serve({ signal })", Node: "node:http, listen({ signal })" }[runtimeName];

/** Starts a case, sends `name` when it is ready, and hears what it found. */
async function interrupted(word: string, name: string): Promise<unknown> {
  const program = start(FILE, [word], { flags });
  await program.until("ready\n");
  process.kill(program.pid, name);
  return found(await program.ended);
}

const reason = (name: string) => [
  "SignalError",
  name,
  process.pid,
  `Received ${name} from process ${process.pid} of user ${process.getuid!()}`,
];

describe("abortOn()", () => {
  it("is aborted by the first of its signals, and says which and who sent it [issue 4, guarantee 7]", async () => {
    assertEquals(await interrupted("first", "SIGUSR2"), { before: false, reason: reason("SIGUSR2"), same: true });
  });

  it("ends a fetch() that is never answered, with its reason [issue 4, guarantee 7]", async () => {
    assertEquals(await interrupted("fetch", "SIGTERM"), reason("SIGTERM"));
  });

  it("ends a timer of node:timers/promises, its reason being the cause [issue 4, guarantee 7]", async () => {
    assertEquals(await interrupted("timer", "SIGTERM"), ["AbortError", reason("SIGTERM")]);
  });

  it(`stops a server of ${SERVER} [issue 4, guarantee 7]`, async () => {
    assertEquals(await interrupted("server", "SIGTERM"), {
      answer: "answer",
      refused: "refused",
      reason: reason("SIGTERM"),
    });
  });

  it("composes with AbortSignal.any [issue 4, guarantee 7]", async () => {
    assertEquals(await interrupted("combined", "SIGTERM"), reason("SIGTERM"));
  });

  it("is aborted no more after its disposal [api: abortOn]", async () => {
    assertEquals(await outcome("daemon_abort", ["disposed"], { flags }), false);
  });
});
