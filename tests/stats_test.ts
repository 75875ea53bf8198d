/** Counters account for every delivery: a handler's own count and the sender's are compared with them. */
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SignalStats } from "../mod.ts";
import { found, outcome } from "./support/cases.ts";
import { send } from "./support/compile.ts";
import { libraryPath } from "./support/library.ts";
import { isBun, SIGRTMIN, start } from "./support/process.ts";

const PROGRAM = "daemon_stats";
const RT = SIGRTMIN + 1;
const USR1 = 10;

/** Runs a case while the sender sends `times` queued and as many standard signals. */
async function flooded<T>(times: number, ...words: (string | number)[]): Promise<T> {
  const program = start(`tests/programs/${PROGRAM}.ts`, words.map(String));
  await program.until("ready\n");
  await send(program.pid, [[RT, 0], USR1], { times });
  program.write("\n");
  return found<T>(await program.ended);
}

interface Flood {
  got: [number, number];
  queued: SignalStats;
  standard: SignalStats;
}

const sum = ({ delivered, merged, held, lost }: SignalStats): number => delivered + merged + held + lost;

describe("stats()", () => {
  it("adds up under a flood that fits: sent = delivered, and what the kernel merged [api: stats]", async () => {
    const sent = 20_000;
    const { got, queued, standard } = await flooded<Flood>(sent, "flood", 131_072, sent);
    assertEquals(queued, { caught: sent, delivered: sent, merged: 0, held: 0, lost: 0 });
    assertEquals(got, [sent, standard.caught]); // sent - caught: merged by the kernel
    assertEquals([standard.delivered, standard.merged, standard.held, standard.lost], [standard.caught, 0, 0, 0]);
    assertGreater(standard.caught, 0);
    assertGreaterOrEqual(sent, standard.caught);
  });

  it("adds up under a flood that does not fit: what found no room is lost, and no more [api: stats]", async () => {
    const sent = 20_000;
    const room = 1000;
    const { got, queued, standard } = await flooded<Flood>(sent, "flood", room, sent);
    assertEquals(queued.caught, sent);
    assertEquals([queued.delivered, standard.delivered], got);
    // One that another thread took, and recorded when the ring had been read, finds room.
    assert([room, room + 1].includes(got[0] + got[1]), `${got}`);
    assertEquals(queued.lost, sent - got[0]);
    assertEquals([sum(queued), sum(standard)], [sent, standard.caught]);
  });

  it("counts as lost what is held beyond the room there is, and keeps the first", async () => {
    const { values, stats } = await outcome<{ values: number[]; stats: object }>(PROGRAM, ["heldBeyond", 64]);
    assertEquals(values, Array.from({ length: 64 }, (_, value) => value));
    assertEquals(stats, { caught: 200, delivered: 64, merged: 0, held: 0, lost: 136 });
  });

  it("tells held from merged, and delivered after the section [api: stats]", async () => {
    const sent = 500;
    type Held = Flood & { during: Flood };
    const { during, got, queued, standard } = await flooded<Held>(sent, "held");
    assertEquals(Object.values(during.got), [0, 0]);
    assertEquals(during.queued, { caught: sent, delivered: 0, merged: 0, held: sent, lost: 0 });
    const { caught } = during.standard;
    assertEquals(during.standard, { caught, delivered: 0, merged: caught - 1, held: 1, lost: 0 });
    assertEquals(got, { [USR1]: 1, [RT]: sent } as unknown as [number, number]);
    assertEquals(queued, { caught: sent, delivered: sent, merged: 0, held: 0, lost: 0 });
    assertEquals(standard, { caught, delivered: 1, merged: caught - 1, held: 0, lost: 0 });
  });

  it("counts a signal that was waited for, discarded or requeued as delivered; lists only the signals that were caught [api: stats]", async () => {
    const one = { caught: 1, delivered: 1, merged: 0, held: 0, lost: 0 };
    assertEquals(await outcome(PROGRAM, ["ways"]), { SIGUSR1: one, SIGUSR2: one, SIGWINCH: one });
  });
});

interface Looked {
  handled: number;
  caught: number;
  seen: { action: string; owner: string | null; pending: number[]; refused: string };
}

describe("a Worker that shares the library", () => {
  it("takes nothing from the main thread when it looks, and is refused the counters [api: Workers]", async () => {
    const library = libraryPath();
    const flags = isBun ? [] : ["--allow-ffi", "--allow-read"];
    const { handled, caught, seen } = await outcome<Looked>("worker_looks", [library], { flags });
    assertEquals([handled, caught], [1, 1]);
    assertEquals([seen.action, seen.owner, seen.pending], ["caught", null, []]);
    assertStringIncludes(seen.refused, "Cannot count signals in a Worker");
  });
});
