/** Queued signals that arrive faster than JavaScript takes them. */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { outcome } from "../support/cases.ts";
import { isDeno, isEmulated, numberOutside, run, SIGRTMIN } from "../support/process.ts";

const PROGRAM = "posix_queue";
const FILE = `tests/programs/${PROGRAM}.ts`;
const RT = SIGRTMIN + 1;
/** Deno's event loop may turn again before promises continue. */
const unlessDeno = isDeno ? it.skip : it;
const unlessEmulated = isEmulated ? it.skip : it;

describe("many queued signals at once", () => {
  it("run on when a handler has thrown", async () => {
    assertEquals(await outcome(PROGRAM, ["thrown"]), { message: "the hundredth", after: false, calls: 200 });
  });

  it("keep their order, through handlers, a wait and a change of the handler", async () => {
    assertEquals(await outcome(PROGRAM, ["inOrder"]), {
      pending: true,
      waited: 101,
      inOrder: true,
      caught: 400,
      delivered: 400,
      held: 0,
      lost: 0,
    });
  });

  it("that do not fit into a small ring are counted as lost, and the others keep their order", async () => {
    const { inOrder, count, lost } = await outcome<{ inOrder: boolean; count: number; lost: number }>(PROGRAM, [
      "smallRing",
      32,
    ]);
    assertEquals([inOrder, count + lost], [true, 232]);
  });

  it("keep their order through events()", async () => {
    assertEquals(await outcome(PROGRAM, ["throughEvents"]), { inOrder: true, count: 400 });
  });

  it("are handled by check() though stats() or sigpending() has looked at them", async () => {
    assertEquals(await outcome(PROGRAM, ["lookedAt"]), [200, 200, 400]);
  });

  // Deno turns at once, before promises go on.
  unlessDeno("leave the event loop to promises now and then: events() loses none of 5,000", async () => {
    assertEquals(await outcome(PROGRAM, ["inTurns", 5000]), { got: 5000, lost: 0 });
  });

  // In emulation the stack overflows also where the engines expect it nowhere.
  unlessEmulated("are delivered after the stack has overflowed on the way to a handler", async () => {
    assertEquals(await outcome(PROGRAM, ["overflowed"]), { handled: true, held: 0, pending: [] });
  });

  it("do not keep back a held signal when they fill its queue", async () => {
    assertEquals(await outcome(PROGRAM, ["heldAtAFullQueue"]), [1, 2, 3, 4]);
  });

  for (const how of ["ours", "process.kill"]) {
    it(`leave the event loop to the report of an error where each handler throws and sends the next by ${how}`, async () => {
      assertLessOrEqual(await outcome<number>(PROGRAM, ["throwsAndSends", how]), 2);
    });
  }

  it("strike at once where the last listener left", async () => {
    const { stdout } = await run(FILE, ["leavingByDefault"], { wrapper: ["sh", "-c", '"$@"; echo $?', "sh"] });
    assertEquals(stdout, `${128 + numberOutside(RT)}\n`);
  });

  it("are thrown away once ignored", async () => {
    assertEquals(await outcome(PROGRAM, ["leavingIgnored"]), { calls: 100, blocked: false });
  });

  it("do not show in the thread's own mask, nor change it", async () => {
    assertEquals(await outcome(PROGRAM, ["threadMask"]), [false, true, false, true]);
  });
});
