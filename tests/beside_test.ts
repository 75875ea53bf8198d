/** Listeners of the runtime beside ours, added and removed in every order. Every listener receives every signal once,
 * and no signal with a listener takes its default action. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { outcome } from "./support/cases.ts";
import { compile } from "./support/compile.ts";
import { isBun, isDeno, isNode, projectPath, run } from "./support/process.ts";
import { inDirectory } from "./support/shipped.ts";

const PROGRAM = "daemon_beside";
const THEIRS = ["process.on", "process.once", ...(isDeno ? ["Deno.addSignalListener"] : [])];
/** A signal that Deno does not handle itself, one that it handles from its first listener on, and one ignored by
 * default. */
const SIGNALS = ["SIGUSR2", "SIGINT", "SIGWINCH"];

describe("beside the runtime's listeners", () => {
  for (const theirs of THEIRS) {
    for (const name of SIGNALS) {
      it(`${theirs}, signal() and on() come and leave in all 90 orders: ${name} [api: living with the runtime]`, async () => {
        const found = await outcome(PROGRAM, ["everyOrder", name, theirs, "signal", "on"]);
        assertEquals(found, { walked: 90, wrong: [] });
      });
    }
  }

  it("two kinds of them and on() come and leave in all 90 orders [api: living with the runtime]", async () => {
    const [first, second] = [THEIRS[0], THEIRS.at(-1)!];
    assertEquals(await outcome(PROGRAM, ["everyOrder", "SIGUSR1", first, second, "on"]), { walked: 90, wrong: [] });
  });

  for (const theirs of THEIRS) {
    for (const ours of ["signal", "on"]) {
      const [a, A, b, B] = [`+${theirs}`, `-${theirs}`, `+${ours}`, `-${ours}`];
      for (const order of [[a, A, b, B], [a, b, A, B], [a, b, B, A], [b, B, a, A], [b, a, B, A], [b, a, A, B]]) {
        it(`${order.join(" ")} in a new process, and then the default action kills [api: living with the runtime]`, async () => {
          const { signal, stdout, stderr } = await run(`tests/programs/${PROGRAM}.ts`, [
            "oneOrder",
            "SIGUSR1",
            ...order,
          ]);
          assertEquals([signal, stdout, stderr], ["SIGUSR1", "in order\n", ""]);
        });
      }
    }
  }
});

describe("a script that node:vm runs with breakOnSigint", () => {
  // Node restores a handler of its own there, which terminates the process.
  (isNode ? it.skip : it)("leaves SIGINT to us in the end [api: living with the runtime]", async () => {
    assertEquals(await outcome(PROGRAM, ["breakOnSigint"]), [2, "SIGINT", "SIGINT"]);
  });
});

describe("our handler, put back by others without its flags,", () => {
  const cause = (value: number) => ({ signum: 10, name: "SIGUSR1", code: -1, codeName: "SI_QUEUE", value });
  const known = (found: { pid?: number; uid?: number }[]) => found.map(({ pid: _pid, uid: _uid, ...rest }) => rest);
  const library = () => compile("foreign", { shared: true });

  it("is whole after process.removeAllListeners() [api: living with the runtime]", async () => {
    const found = await outcome<object[]>(PROGRAM, ["reinstalled", library(), "removeAllListeners"]);
    assertEquals(known(found), [cause(1001), cause(1002)]);
  });

  // No code in Deno and Node does that.
  (isBun ? it : it.skip)(
    "reads nothing that was not filled in, and is whole at the next signal [api: living with the runtime]",
    async () => {
      const found = await outcome<object[]>(PROGRAM, ["reinstalled", library(), "signal(3)"]);
      assertEquals(found[0], { signum: 10, name: "SIGUSR1", code: 0, codeName: "unknown" });
      assertEquals(known(found.slice(1)), [cause(1002)]);
    },
  );
});

/** @param abi the ABI of the other copy, if it is of another version */
function withCopy<T>(abi: number | undefined, name: string, ...args: string[]): Promise<T> {
  return inDirectory((directory) => {
    for (const part of ["mod.ts", "src", "ffi"]) {
      cpSync(projectPath(part), `${directory}/${part}`, { recursive: true });
    }
    if (abi !== undefined) {
      const path = `${directory}/src/program.ts`;
      writeFileSync(path, readFileSync(path, "utf8").replace(/const ABI = \d+;/, `const ABI = ${abi};`));
    }
    return outcome<T>("copies", [name, `${directory}/mod.ts`, ...args], { flags: isBun ? [] : ["-A"] });
  });
}

describe("two copies of one version in one program", () => {
  it("have the same handlers, listeners, masks and counters [api: living with the runtime]", async () => {
    assertEquals(await withCopy(undefined, "same"), {
      handler: true,
      heard: "one two",
      pending: [true, true],
      delivered: [2, 2],
      mask: [[true], []],
      action: "default",
    });
  });
});

describe("two copies of different versions in one program", () => {
  it("are woken both, each for a signal of its own [api: living with the runtime]", async () => {
    assertEquals(await withCopy(1000, "apart"), { heard: "two one two" });
  });

  for (const [leaver, left, last] of [["first", "two", "again"], ["second", "one", "again"]]) {
    it(`listen to a signal both, and the ${leaver} to come leaves first [api: living with the runtime]`, async () => {
      assertEquals(await withCopy(1000, "comingAndGoing", leaver), {
        both: "one two",
        left,
        bothAgain: `again ${left}`,
        last,
        action: "default",
      });
    });
  }

  for (const place of ["0", "1", "2"]) {
    it(`each hear a signal once beside a listener that other code added after ${place} of them [api: living with the runtime]`, async () => {
      assertEquals(await withCopy(1000, "besideTheRuntime", place), {
        all: "one theirs two",
        ours: "one two",
        first: "one",
        action: "default",
      });
    });
  }

  it("do not take the default action for what one of them has handled [api: nothing is lost]", async () => {
    assertEquals(await withCopy(1000, "onceAbove"), { once: "two", action: "default" });
  });

  it("get every queued value both, in order [api: nothing is lost]", async () => {
    assertEquals(await withCopy(1000, "values"), [true, true]);
  });

  it("take no request of the other's, to block a real-time signal, for that signal [design: masks]", async () => {
    assertEquals(await withCopy(1000, "requests", compile("foreign", { shared: true })), [[7], [7]]);
  });

  it("tell the other's handler as a foreign one [api: getsignal, inspect]", async () => {
    assertEquals(await withCopy(1000, "foreign"), {
      before: [null, true],
      owners: ["someone else", "this module"],
      meanwhile: [null, true],
      after: true,
    });
  });
});
