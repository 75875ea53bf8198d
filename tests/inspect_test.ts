/** A process's signal state, compared with /proc by hand. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import type { Inspection, SignalState } from "../mod.ts";
import { eventually, procHas, procStatus, Program, projectPath, RESERVED, start } from "./support/process.ts";

const HIGHEST = 64;

/** Starts a case. @returns its output, and the program, which goes on */
async function inspecting<T>(...words: (string | number)[]): Promise<{ program: Program; told: T }> {
  const program = start("tests/programs/daemon_inspect.ts", words.map(String));
  await program.until("\nready\n");
  return { program, told: JSON.parse(program.stdout.split("\n")[0]) };
}

function byHand(pid: number, signum: number): Omit<SignalState, "name" | "owner"> {
  const has = (key: string) => procHas(pid, key, signum);
  const action = has("SigCgt") ? "caught" : has("SigIgn") ? "ignored" : "default";
  return { signum, action, blocked: has("SigBlk"), pending: has("SigPnd") || has("ShdPnd") };
}

/** Ignores SIGHUP, blocks SIGUSR1, and has one pending. */
async function sample(): Promise<Program> {
  const program = new Program([
    "env",
    "--ignore-signal=HUP",
    "--block-signal=USR1",
    "sh",
    "-c",
    "echo ready; exec cat",
  ]);
  await program.until("ready\n");
  await eventually(() => procStatus(program.pid, "Name") === "cat", "cat runs");
  process.kill(program.pid, "SIGUSR1");
  return program;
}

describe("inspect()", () => {
  it("tells of another process what /proc does, signal by signal [api: inspect]", async () => {
    const other = await sample();
    const { program, told } = await inspecting<Inspection[]>("other", other.pid, process.pid, 1);
    for (const [i, pid] of [other.pid, process.pid, 1].entries()) {
      assertEquals([told[i].pid, told[i].program], [pid, procStatus(pid, "Name")]);
      const signals = Array.from({ length: HIGHEST }, (_, i) => i + 1).filter((signum) => !RESERVED.includes(signum));
      assertEquals(told[i].signals.map(({ signum }) => signum), signals);
    }
    // The other two continue meanwhile.
    assertEquals(
      told[0].signals.map(({ name: _name, ...state }) => state),
      told[0].signals.map(({ signum }) => byHand(other.pid, signum)),
    );
    const noteworthy = told[0].signals.filter(({ action, blocked }) => action !== "default" || blocked);
    assertEquals(noteworthy, [
      { signum: 1, name: "SIGHUP", action: "ignored", blocked: false, pending: false },
      { signum: 10, name: "SIGUSR1", action: "default", blocked: true, pending: true },
    ]);
    other.closeInput();
    program.closeInput();
    await Promise.all([other.ended, program.ended]);
  });

  it("tells of this process who catches a signal, and what is held and pending [api: inspect]", async () => {
    const { program, told } = await inspecting<Inspection>("self");
    assertEquals([told.pid, told.program], [program.pid, procStatus(program.pid, "Name")]);
    const state = (name: string) => {
      const { signum: _signum, name: _name, ...rest } = told.signals.find((each) => each.name === name)!;
      return rest;
    };
    const free = { blocked: false, pending: false };
    assertEquals(state("SIGHUP"), { action: "caught", ...free, owner: "this module" });
    assertEquals(state("SIGTERM"), { action: "caught", blocked: true, pending: false, owner: "this module" });
    assertEquals(state("SIGUSR1"), { action: "default", blocked: true, pending: true });
    assertEquals(state("SIGUSR2"), { action: "ignored", ...free });
    assertEquals(state("SIGWINCH"), { action: "caught", ...free, owner: "the runtime" });
    assertEquals(state("SIGXCPU"), { action: "default", ...free });
    assertEquals(state("SIGALRM"), { action: "default", blocked: true, pending: true });
    assertEquals(state("SIGSEGV"), { action: "caught", ...free, owner: "the runtime" });
    assertEquals(state("SIGKILL"), { action: "default", ...free });
    // The action of a signal that this module has not changed is the one in /proc.
    const touched = ["SIGUSR1", "SIGTERM", "SIGXCPU", "SIGURG", "SIGHUP", "SIGINT"];
    for (const { name, owner: _owner, ...rest } of told.signals) {
      if (!touched.includes(name)) assertEquals([name, rest], [name, byHand(program.pid, rest.signum)]);
    }
    program.closeInput();
    await program.ended;
  });

  it("refuses what is no process, and says which there is not [api: conventions]", async () => {
    const { program, told } = await inspecting<string[]>("refusals");
    // 4194304 is the highest pid_max of Linux.
    assertEquals(told, ["RangeError", "RangeError", "RangeError", "TypeError", "RangeError", "PosixError ENOENT"]);
    program.closeInput();
    await program.ended;
  });
});

/** Both are for glibc, whatever runs the tests: 62 signals. */
const COMMANDS = {
  "deno task inspect": [projectPath("node_modules/.bin/deno"), "task", "--quiet", "inspect"],
  "bun run inspect": [projectPath("node_modules/.bin/bun"), "run", "--silent", "inspect"],
};
const PATH = `${projectPath("node_modules/.bin")}:${process.env.PATH}`;

describe("the inspect command", () => {
  for (const [name, words] of Object.entries(COMMANDS)) {
    const inspect = (...args: (string | number)[]) =>
      new Program([...words, ...args.map(String)], { cwd: projectPath(""), env: { PATH } }).ended;

    it(`${name} PID prints a table that a person can read [api: inspect]`, async () => {
      const other = await sample();
      const { code, stdout } = await inspect(other.pid);
      assertEquals(
        [code, stdout],
        [
          0,
          `process ${other.pid} (cat)

no  signal   action   blocked  pending
--  -------  -------  -------  -------
 1  SIGHUP   ignored
10  SIGUSR1  default  blocked  pending

60 others take their default action
`,
        ],
      );
      const all = await inspect(other.pid, "--all");
      assertEquals([...all.stdout.matchAll(/"?SIG\w+/g)].length, 2 + 62);
      other.closeInput();
      await other.ended;
    });

    it(`${name} says what is wrong [api: inspect]`, async () => {
      const ends = [await inspect("4194305"), await inspect("init")];
      assertEquals(ends.map(({ code, stdout }) => [code, stdout]), [[1, ""], [2, ""]]);
      assertEquals(ends[0].stderr.includes("ENOENT"), true);
      assertEquals(ends[1].stderr.includes("usage: inspect [PID] [--all]"), true);
    });
  }
});
