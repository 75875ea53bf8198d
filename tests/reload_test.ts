/** Programs that run one after another in one process: test files, and a program that its runtime restarts when a file
 * changes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { isBun, Program, projectPath } from "./support/process.ts";
import { inDirectory, succeeds } from "./support/shipped.ts";

const MODULE = pathToFileURL(projectPath("mod.ts")).href;
const runtime = process.execPath;
/** Without a network, the check for a newer Deno takes seconds. */
const env = { DENO_NO_UPDATE_CHECK: "1" };
const inDeno = isBun ? it.skip : it;
const inBun = isBun ? it : it.skip;

/** A program that prints its version with each signal; SIGUSR1 has a handler, SIGUSR2 a listener too. It removes
 * neither. */
const version = (number: number) => `
import * as signal from "${MODULE}";
signal.signal("SIGUSR1", (_signum, info) => console.log("SIGUSR1", info.codeName, "at version ${number}"));
signal.on("SIGUSR2", () => console.log("SIGUSR2 at version ${number}"));
setInterval(() => {}, 1000);
console.log("ready ${number}");
`;

/** Writes a new version until it is seen: a runtime may not watch yet when it has just started its program. The old
 * version, of the same length, is overwritten: an empty file would count as a version too. */
async function written(file: string, text: string, seen: Promise<void>): Promise<void> {
  const write = () => writeFileSync(file, text, { flag: "r+" });
  if (readFileSync(file, "utf8") !== text) write();
  const again = setInterval(write, 3000);
  await seen.finally(() => clearInterval(again));
}

/** Has the runtime start three versions in turn: only the present one handles a signal, and SIGTERM, which the last one
 * does not handle, terminates it. */
async function assertVersionsAnswer(words: string[]): Promise<void> {
  await inDirectory(async (directory) => {
    const file = join(directory, "program.ts");
    let said = "";
    writeFileSync(file, version(1));
    const program = new Program([runtime, ...words, file], { env });
    for (let number = 1; number <= 3; number++) {
      await written(file, version(number), program.until(`ready ${number}\n`));
      await program.kill("SIGUSR1");
      await program.until(`SIGUSR1 SI_USER at version ${number}\n`);
      await program.kill("SIGUSR2");
      await program.until(`SIGUSR2 at version ${number}\n`);
      said += `ready ${number}\nSIGUSR1 SI_USER at version ${number}\nSIGUSR2 at version ${number}\n`;
    }
    await program.kill("SIGTERM");
    const { code, signal, stdout } = await program.ended;
    assertEquals([stdout, signal ?? code], [said, signal ?? 143]);
  });
}

describe("a program that is started again when it changes", () => {
  inDeno("has its handlers anew, and none of its last version's: deno run --watch", async () => {
    await assertVersionsAnswer(["run", "--quiet", "--no-check", "--allow-ffi", "--watch", "--no-clear-screen"]);
  });

  inBun("has its handlers anew, and none of its last version's: bun --watch", async () => {
    await assertVersionsAnswer(["--no-clear-screen", "--watch"]);
  });

  inBun("has its handlers anew, and none of its last version's: bun --hot", async () => {
    await assertVersionsAnswer(["--no-clear-screen", "--hot"]);
  });
});

/** The second version sends itself a signal before it installs a handler, while the first one's is installed. */
const sender = (number: number) => `
import * as signal from "${MODULE}";
if (${number} === 2) process.kill(process.pid, "SIGUSR1");
signal.signal("SIGUSR1", () => console.log("SIGUSR1 at version ${number}"));
setInterval(() => {}, 1000);
console.log("ready ${number}");
`;

describe("a signal that comes while a newer version is read", () => {
  inBun("goes to the older one: bun --hot", async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, "program.ts");
      writeFileSync(file, sender(1));
      const program = new Program([runtime, "--no-clear-screen", "--hot", file], { env });
      await program.until("ready 1\n");
      await written(file, sender(2), program.until("ready 2\n"));
      await program.kill("SIGKILL");
      const { stdout } = await program.ended;
      assertEquals(stdout.slice(0, stdout.indexOf("ready 2")), "ready 1\nSIGUSR1 at version 1\n");
    });
  });
});

/** A third party's test file that uses the module, under either runtime's `test`. */
const testFile = (name: string, ...body: string[]) => `
import * as signal from "${MODULE}";
const run = globalThis.Deno ? Deno.test : (await import("bun:test")).test;
const equal = (actual, expected) => {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(JSON.stringify({ actual, expected }));
};
run("${name}", async () => {${body.map((part) => `{${part}}`).join("\n")}});
`;

const SELF = `
  const got = [];
  const keep = (_signum, info) => void got.push([info.name, info.codeName, info.pid === process.pid, info.value]);
  for (const name of ["SIGUSR1", "SIGTERM", "SIGRTMIN"]) signal.signal(name, keep);
  signal.kill(process.pid, "SIGUSR1");
  signal.raise("SIGTERM");
  for (let value = 1; value <= 3; value++) signal.sigqueue(process.pid, "SIGRTMIN", value);
  equal(got, [
    ["SIGUSR1", "SI_USER", true, undefined],
    ["SIGTERM", "SI_TKILL", true, undefined],
    ...[1, 2, 3].map((value) => ["SIGRTMIN", "SI_QUEUE", true, value]),
  ]);
`;
const FROM_OUTSIDE = `
  const once = signal.once("SIGUSR2", { timeout: 10 });
  const { spawn } = await import("node:child_process");
  spawn("kill", ["-USR2", String(process.pid)]);
  equal((await once).codeName, "SI_USER");
`;
const REALTIME = `
  const values = [];
  const wait = new Promise((resolve) => signal.signal("SIGRTMIN", (_signum, info) => {
    if (values.push(info.value) === 200) resolve();
  }));
  const { spawn } = await import("node:child_process");
  spawn("${"SENDER"}", [String(process.pid), "200", "0", signal.SIGRTMIN + "=1"]);
  const work = setInterval(() => {}, 1000);
  await wait;
  clearInterval(work);
  equal(values.sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i + 1));
`;

describe("test files of a program that uses the module", () => {
  const words = isBun ? "test" : "test --no-check --allow-all";

  it(`handle signals, and each file begins as the first: ${isBun ? "bun" : "deno"} test`, async () => {
    await inDirectory(async (directory) => {
      const { compile } = await import("./support/compile.ts");
      const realtime = REALTIME.replace("SENDER", compile("sender"));
      ["a", "b"].forEach((name) =>
        writeFileSync(join(directory, `${name}_test.ts`), testFile(name, SELF, FROM_OUTSIDE, realtime))
      );
      const output = await succeeds(`"${runtime}" ${words} 2>&1`, { cwd: directory, env });
      assertMatch(output, /\b2 pass/);
    });
  });

  inDeno("leave the runtime's own listeners of later files as they should be: deno test", async () => {
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "a_test.ts"), testFile("a", SELF, FROM_OUTSIDE));
      // Without the module: a handler left installed would swallow the signal, or the default action terminate the
      // process.
      writeFileSync(
        join(directory, "b_test.ts"),
        `Deno.test("b", async () => {
          const work = setInterval(() => {}, 1000);
          for (const name of ["SIGUSR1", "SIGUSR2", "SIGTERM"]) {
            const { promise, resolve } = Promise.withResolvers();
            Deno.addSignalListener(name, resolve);
            Deno.kill(Deno.pid, name);
            await promise;
            Deno.removeSignalListener(name, resolve);
          }
          clearInterval(work);
        });`,
      );
      assertMatch(await succeeds(`"${runtime}" ${words} 2>&1`, { cwd: directory, env }), /2 passed/);
    });
  });

  inDeno("may run at the same time, each with signals of its own: deno test --parallel", async () => {
    await inDirectory(async (directory) => {
      for (const name of ["SIGUSR1", "SIGUSR2", "SIGWINCH"]) {
        const body = `
          const got = [];
          signal.signal("${name}", (_signum, info) => void got.push(info.name));
          for (let i = 0; i < 100; i++) signal.kill(process.pid, "${name}");
          equal(got.length, 100);
        `;
        writeFileSync(join(directory, `${name}_test.ts`), testFile(name, body));
      }
      assertMatch(await succeeds(`"${runtime}" ${words} --parallel 2>&1`, { cwd: directory, env }), /3 passed/);
    });
  });

  it(`are run again when they change: ${isBun ? "bun" : "deno"} test --watch`, async () => {
    await inDirectory(async (directory) => {
      const file = join(directory, "a_test.ts");
      const text = (round: number) => testFile("a", SELF, FROM_OUTSIDE, `console.log("round ${round} done");`);
      writeFileSync(file, text(1));
      const program = new Program([
        runtime,
        ...words.split(" "),
        "--watch",
        "--no-clear-screen",
        ...(isBun ? [] : [file]),
      ], {
        cwd: directory,
        env,
      });
      for (let round = 1; round <= 3; round++) {
        await written(file, text(round), program.until(`round ${round} done`));
        if (!isBun) await program.until("1 passed"); // otherwise Ctrl+C would end the run, and not the watcher
      }
      await program.kill("SIGINT");
      const { code, signal } = await program.ended;
      assert(signal === "SIGINT" || code === 130, `${signal ?? code}`);
    });
  });
});
