import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { found } from "../support/cases.ts";
import { asProcess1, childrenOf, command, eventually, isBun, isNode, Program, run } from "../support/process.ts";

const flags = isBun ? undefined : ["-A"];
/** Children of the runtime whose statuses are checked, and orphans beside them. */
const CHILDREN = 1000;
const ORPHANS = 100;

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
};
const isZombie = (pid: number): boolean => / Z /.test(read(`/proc/${pid}/stat`).replace(/^.*\)/, ""));

/** The zombies of a process, and how long each has been one, observed from outside. */
class Zombies {
  readonly #since = new Map<number, number>();
  readonly #timer = setInterval(() => this.#look(), 10);
  /** The durations in milliseconds of zombies that have been reaped. */
  readonly gone: number[] = [];
  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }

  #look(): void {
    const now = performance.now();
    const present = new Set(childrenOf(this.pid).filter(isZombie));
    for (const pid of present) if (!this.#since.has(pid)) this.#since.set(pid, now);
    for (const [pid, since] of this.#since) {
      if (present.has(pid)) continue;
      this.#since.delete(pid);
      this.gone.push(now - since);
    }
  }

  get count(): number {
    return this.#since.size;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Words before the program, the way it reaps, and the process that does. */
const SURROUNDINGS: [name: string, wrapper: readonly string[], way: string][] = [
  ["as process 1", asProcess1(), "reap"],
  ["as a subreaper", [], "subreaper"],
];

describe("reap()", () => {
  for (const [name, wrapper, way] of SURROUNDINGS) {
    it(`${name} leaves no orphan a zombie for two seconds, and every child of the runtime its status [wait(2)]`, async () => {
      const words = command("tests/services/programs/reap.ts", [way, String(CHILDREN), String(ORPHANS)], flags);
      const program = new Program([...wrapper, ...words], { limitMs: 120_000 });
      await eventually(() => wrapper.length === 0 || childrenOf(program.pid).length === 1, "it is started");
      const pid = wrapper.length ? childrenOf(program.pid)[0] : program.pid;
      using zombies = new Zombies(pid);
      await program.until("}\n");
      const { wrong, forms, longestTurn } = JSON.parse(program.stdout);
      assertEquals(wrong, []);
      assert(forms >= (isNode ? 6 : 9));
      await eventually(() => childrenOf(pid).length === 0, "all have ended and are reaped");
      program.closeInput();
      assertEquals((await program.ended).code, 0);
      const orphans = zombies.gone.filter((ms) => ms > 400).length;
      assert(orphans >= ORPHANS, `only ${orphans} were zombies for as long as orphans are`);
      assertLess(Math.max(...zombies.gone), 2000 + 4 * longestTurn); // it looks 4 times, a turn each
    });
  }

  it("says that there is no /proc of its namespace, without which it sees no zombies", async () => {
    const wrapper = asProcess1().filter((word) => word !== "--mount-proc");
    const end = await run("tests/services/programs/manager.ts", ["noProc"], { wrapper });
    assertEquals(
      found(end),
      "PosixError: waitid: No such file or directory (ENOENT): there is no /proc of this PID namespace; mount it",
    );
  });

  it("is what reaps them: without it they stay", async () => {
    const words = command("tests/services/programs/reap.ts", ["none", "0", "20"], flags);
    const program = new Program([...asProcess1(), ...words]);
    await program.until("}\n");
    const [pid] = childrenOf(program.pid);
    await eventually(() => childrenOf(pid).filter(isZombie).length >= 20, "zombies gather");
    program.closeInput();
    await program.ended;
  });

  it("never takes the status of a Worker's child, however long that Worker is busy", async () => {
    const end = await run("tests/services/programs/reap_worker.ts", [], { flags });
    assertEquals([end.stdout, end.stderr], ["status 33\n", ""]);
  });

  it("gives the state of a subreaper back, and does nothing after its disposal", async () => {
    const end = await run("tests/services/programs/reap_disposed.ts", [], { flags });
    assertEquals([end.stdout, end.stderr, end.code], ["reaped by this process, then by another\n", "", 0]);
  });
});
