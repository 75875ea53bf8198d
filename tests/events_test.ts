/** Signals as an asynchronous iterator: every loss is counted. */
import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "./support/cases.ts";
import { send } from "./support/compile.ts";
import { assertWhole, type Found, MOST_LATE } from "./support/order.ts";
import { eventually, isBun, othersSleep, run, SIGRTMIN, start } from "./support/process.ts";

const PROGRAM = "daemon_listeners";
const FILE = `tests/programs/${PROGRAM}.ts`;
const RT = SIGRTMIN + 1;
const COUNT = 100_000;

type Flood = Found & { lost: number };

async function flood(capacity: number): Promise<Flood> {
  const program = start(FILE, ["flood", String(capacity), String(COUNT)]);
  await program.until("ready\n");
  await send(program.pid, [[RT, 0]], { times: COUNT });
  return found<Flood>(await program.ended);
}

describe("events()", () => {
  it("keeps as many as fit, the oldest, and counts the others [api: events]", async () => {
    assertEquals(await outcome(PROGRAM, ["capacity"]), { values: [0, 1, 2, 99], lost: 2, left: "default" });
  });

  it("restores the previous action when the loop is left [api: events]", async () => {
    assertEquals(await outcome(PROGRAM, ["breaking"]), {
      got: ["SIGUSR1", "SIGUSR2"],
      actions: ["default", "caught", "default"],
      after: true,
    });
  });

  it("ends by `signal` with what waits still read, by a throw, by `await using`, by return() [api: events]", async () => {
    assertEquals(await outcome(PROGRAM, ["endings"]), {
      kept: ["SIGUSR1", true],
      error: "at SIGUSR1",
      read: [false, true],
      left: "default",
    });
  });

  it("keeps the process alive while a next() is awaited, and only then [api: events]", async () => {
    const idle = await run("tests/programs/daemon_alive.ts", ["idleEvents"]);
    assertEquals([idle.code, idle.stdout], [0, "listening\n"]);
    const program = start("tests/programs/daemon_alive.ts", ["events"]);
    await program.until("listening\n");
    await program.kill("SIGUSR1");
    const { code, stdout } = await program.ended;
    assertEquals([code, stdout], [0, "listening\ngot SIGUSR1\n"]);
  });

  it("yields 100,000 real-time signals with their values, in order [api: events]", async () => {
    const { lost, ...others } = await flood(COUNT);
    assertEquals(lost, 0);
    assertWhole(others, COUNT);
  });

  it("with little room counts every one that did not fit, of 100,000 [api: events]", async () => {
    const { different, least, late, lost } = await flood(4);
    assertEquals([different + lost, least], [COUNT, 0]);
    assertLessOrEqual(late, MOST_LATE);
    assertGreater(lost, 0);
  });
});

describe("signal()", () => {
  for (const [times, beside] of [[COUNT, []], [20_000, ["fetch"]], [20_000, ["Worker"]]] as [number, string[]][]) {
    const where = beside.map((other) => ` beside a ${other} that waits`).join("");
    it(`hands over ${times} real-time signals with their values, in order${where} [api: events]`, async () => {
      const program = start(FILE, ["floodOfHandler", String(times), ...beside], { flags: isBun ? [] : ["-A"] });
      if (beside.includes("Worker")) {
        await program.until("up\n");
        await eventually(() => othersSleep(program.pid), "the Worker waits");
        // a new thread takes its first signal, and then leaves them to the main thread
        await send(program.pid, [[RT, 0]]);
      }
      await program.until("ready\n");
      await send(program.pid, [[RT, 0]], { times });
      assertWhole(found(await program.ended), times, isBun && beside.includes("Worker") ? 4 : MOST_LATE); // it begins to wait each time
    });
  }
});
