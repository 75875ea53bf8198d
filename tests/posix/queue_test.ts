/** Queued signals that come faster than JavaScript takes them. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { outcome } from "../support/cases.ts";
import { numberOutside, run, SIGRTMIN } from "../support/process.ts";

const PROGRAM = "posix_queue";
const FILE = `tests/programs/${PROGRAM}.ts`;
const RT = SIGRTMIN + 1;

describe("many queued signals at once", () => {
  it("are closed on the main thread, where others are born, until JavaScript has worked through them", async () => {
    assertEquals(await outcome(PROGRAM, ["closed"]), { seen: [true, true, false, true], later: false });
  });

  it("are not closed if they are few", async () => {
    assertEquals(await outcome(PROGRAM, ["notClosedByFew"]), [false, false]);
  });

  it("are open again when a call of the module has returned", async () => {
    assertEquals(await outcome(PROGRAM, ["openAfterCalls"]), [[true, false], [true, false], [true, false]]);
  });

  it("are open again when a handler has thrown, and the others run", async () => {
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

  it("wait in the kernel where the ring is small: none is lost", async () => {
    assertEquals(await outcome(PROGRAM, ["smallRing", 32]), { inOrder: true, count: 232, lost: 0 });
  });

  it("keep their order through events()", async () => {
    assertEquals(await outcome(PROGRAM, ["throughEvents"]), { inOrder: true, count: 400 });
  });

  for (const [name, why] of [["leavingByDefault", "the last listener left"], ["endsByForce", "they begin the end"]]) {
    it(`strike at once where ${why}`, async () => {
      const { stdout } = await run(FILE, [name], { wrapper: ["sh", "-c", '"$@"; echo $?', "sh"] });
      assertEquals(stdout, `${128 + numberOutside(RT)}\n`);
    });
  }

  it("are thrown away once ignored", async () => {
    assertEquals(await outcome(PROGRAM, ["leavingIgnored"]), { calls: 100, blocked: false });
  });

  it("do not show in the thread's own mask, nor change it", async () => {
    assertEquals(await outcome(PROGRAM, ["threadMask"]), [false, true, false, true]);
  });
});
