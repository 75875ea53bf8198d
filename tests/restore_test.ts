/** The removal of our last listener restores the exact previous action; a signal caught in that moment is delivered, or
 * takes the restored action. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { found, outcome } from "./support/cases.ts";
import { compile, send } from "./support/compile.ts";
import { type End, isBun, isDeno, isEmulated, isNode, type Options, SIGRTMIN, start } from "./support/process.ts";

const PROGRAM = "daemon_restore";
const FILE = `tests/programs/${PROGRAM}.ts`;
const foreign = () => compile("foreign", { shared: true });

interface Restored {
  /** The previous action was SIG_IGN. */
  ignored: boolean;
  /** The ways of taking the signal after which another action was installed. */
  wrong: string[];
}

/** Takes the signal in every way, and sends it when no listener of ours is left. */
async function restored(what: string, name: string, options?: Options): Promise<{ first: Restored; end: End }> {
  const program = start(FILE, ["exactly", foreign(), what, name], options);
  await program.until("ready\n");
  process.kill(program.pid, name);
  const end = await program.ended;
  return { first: JSON.parse(end.stdout.slice(0, end.stdout.indexOf("\n"))), end };
}

/** Not SIGUSR1, which Deno catches itself half a second after its start. */
const USER = "SIGUSR2";

describe("the last of us to leave puts back", () => {
  for (const name of [USER, "SIGINT", "SIGHUP"]) {
    it(`the default action of ${name}, which kills [api: restoring]`, async () => {
      const { first, end } = await restored("nothing", name);
      assertEquals([first, end.signal], [{ ignored: false, wrong: [] }, name]);
    });

    it(`the runtime's listener of ${name} [api: restoring]`, async () => {
      const { first, end } = await restored("a listener of the runtime", name);
      assertEquals(first, { ignored: false, wrong: [] });
      assertEquals(found(end), { theirs: 1, foreign: 0, sender: 0 });
    });

    it(`a foreign C handler of ${name}, with its flags and mask [api: restoring]`, async () => {
      const { first, end } = await restored("a foreign handler", name);
      assertEquals(first, { ignored: false, wrong: [] });
      assertEquals(found(end), { theirs: 0, foreign: 1, sender: process.pid });
    });
  }

  // Node resets every disposition at startup; Deno catches SIGHUP as it does SIGUSR1.
  (isNode || (isDeno && isEmulated) ? it.skip : it)(
    "SIG_IGN of SIGHUP, as nohup leaves it [api: restoring]",
    async () => {
      const { first, end } = await restored("nothing", "SIGHUP", { wrapper: ["nohup"] });
      assertEquals(first, { ignored: true, wrong: [] });
      assertEquals(found(end), { theirs: 0, foreign: 0, sender: 0 });
    },
  );

  it("SIG_IGN that signal() has set [api: restoring]", async () => {
    const { first, end } = await restored("an ignored signal", "SIGUSR2");
    assertEquals(first, { ignored: true, wrong: [] });
    assertEquals(found(end), { theirs: 0, foreign: 0, sender: 0 });
  });
});

describe("a signal caught when the last of us leaves", () => {
  it("takes the default action [api: restoring]", async () => {
    const { signal, stdout } = await start(FILE, ["caughtAtLeaving", foreign(), "nothing", USER]).ended;
    assertEquals([signal, stdout], [USER, ""]);
  });

  it("is ignored where that stood there [api: restoring]", async () => {
    const got = await outcome(PROGRAM, ["caughtAtLeaving", foreign(), "an ignored signal", "SIGUSR1"]);
    assertEquals(got, { ours: 0, theirs: 0, foreign: 0 });
  });

  for (const [what, theirs, foreigns] of [["a listener of the runtime", 1, 0], ["a foreign handler", 0, 1]] as const) {
    it(`goes to ${what}, once [api: restoring]`, async () => {
      const got = await outcome(PROGRAM, ["caughtAtLeaving", foreign(), what, "SIGUSR1"]);
      assertEquals(got, { ours: 0, theirs, foreign: foreigns });
    });
  }

  it("is delivered or kills, never neither: 10 processes, 10 tries each [Go TestAtomicStop]", async () => {
    const flags = isBun ? [] : ["-A"]; // a Worker from a file
    let deliveries = 0;
    for (let i = 0; i < 10; i++) {
      const { code, signal, stdout, stderr } = await start(FILE, ["atomicStop", foreign(), String(i ** 4 * 10)], {
        flags,
      })
        .ended;
      const delivered = stdout.split("\n").filter((line) => line === "delivered").length;
      deliveries += delivered;
      if (signal === "SIGINT") assertEquals(stderr, "");
      else assertEquals([code, delivered, stderr], [0, 10, ""]);
    }
    // Otherwise no signal was delivered, and only one side of the race was tried.
    assertEquals(deliveries > 0, true);
  });

  it("is there once for the handler that was there first, while listeners come and go [api: restoring]", async () => {
    const sent = 5000;
    const program = start(FILE, ["comingAndGoing", foreign(), String(sent)]);
    await program.until("ready\n");
    await send(program.pid, [[SIGRTMIN + 2, 0]], { times: sent, gap: 20 });
    await send(program.pid, [12]);
    assertEquals(found(await program.ended), { foreign: sent, some: true, code: -1 });
  });
});
