/** The messages of a graceful end to the service manager, whose socket a C program holds. The real manager:
 * tests/services. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { startC } from "../support/compile.ts";
import { run } from "../support/process.ts";

/** The messages of a case, without the marker after them. */
async function told(how: string): Promise<string[]> {
  const socket = `@posix-signal-shutdown-${process.pid}-${Math.random()}`;
  const manager = startC("receiver", [socket]);
  await manager.until("ready\n");
  const env = { NOTIFY_SOCKET: socket };
  await run("tests/programs/shutdown_members.ts", ["service", how], { env });
  await run("tests/services/programs/manager.ts", ["notify"], { env }); // arrives after every earlier message
  await manager.until("READY=1|STATUS=as text\n");
  await manager.kill("KILL");
  await manager.ended;
  const lines = manager.stdout.split("\n").slice(1);
  return lines.slice(0, lines.findIndex((line) => line.startsWith("READY=1")));
}

/** The seconds of an EXTEND_TIMEOUT_USEC. */
const secondsOf = (line: string): number => Number(/^EXTEND_TIMEOUT_USEC=(\d+)$/.exec(line)![1]) / 1e6;

describe("the service manager", () => {
  for (const how of ["signal", "begin"]) {
    it(`gets STOPPING=1 as the end begins by ${how} [api: notify]`, async () => {
      assertEquals(await told(how), ["STOPPING=1"]);
    });
  }

  for (const [how, most] of [["before", 30], ["during", 50]] as const) {
    it(`gets the time that is left, for extend() ${how} the end [api: notify]`, async () => {
      const [stopping, extend, ...others] = await told(how);
      assertEquals([stopping, others], ["STOPPING=1", []]);
      assert(secondsOf(extend) <= most && secondsOf(extend) > most - 10, extend);
    });
  }

  it("gets nothing where a scope ends and the program goes on [api: notify]", async () => {
    assertEquals(await told("scope"), []);
  });
});
