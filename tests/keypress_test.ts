/** One Ctrl+C counts as one signal, also under a task runner, which gets the same keypress and may forward it. */
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  command,
  CTRL_C,
  eventually,
  isBun,
  isNode,
  onTerminal,
  procStatus,
  type Program,
  projectPath,
  runnersReady,
} from "./support/process.ts";

const RUNNERS = {
  "deno task": [projectPath("node_modules/.bin/deno"), "task", "--quiet"],
  "bun run": [projectPath("node_modules/.bin/bun"), "run"],
  "npm run": ["npm", "run"],
};
let directory: string;

/** The program under the runner, on a terminal, and its own pid. */
async function serve(runner: string[], script: string): Promise<{ program: Program; pid: number }> {
  const program = onTerminal([...runner, script], { cwd: directory });
  await program.until("ready ");
  await program.until("\n");
  const pid = Number(/ready (\d+)/.exec(program.stdout)![1]);
  await runnersReady(pid);
  return { program, pid };
}

it("one Ctrl+C is one signal where the parent's two copies are quicker than the terminal [api: shutdown]", async () => {
  const words = command("tests/programs/daemon_shutdown.ts", ["clean", "{}", "0.5"]);
  const flags = isBun || isNode ? undefined : ["-A"];
  const program = onTerminal(command("tests/programs/parent_on_terminal.ts", words, flags));
  await program.until("ready ");
  await program.until("\n");
  const pid = Number(/ready (\d+)/.exec(program.stdout)![1]);
  process.kill(Number(procStatus(pid, "PPid")), "SIGUSR1");
  assertMatch((await program.ended).stdout, /stopping\r\nfinished\r\nkilled by SIGINT/);
});

describe("one Ctrl+C is one signal under", () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "keypress-"));
    const script = (seconds: number) =>
      command("tests/programs/daemon_shutdown.ts", ["clean", "{}", String(seconds)]).join(" ");
    const scripts = { short: script(0.5), endless: script(1000) };
    writeFileSync(join(directory, "deno.json"), JSON.stringify({ tasks: scripts }));
    writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "keypress", version: "1.0.0", scripts }));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  for (const [name, runner] of Object.entries(RUNNERS)) {
    it(`${name}: one starts the graceful end, whose work of 0.5 s is finished [api: shutdown]`, async () => {
      const { program, pid } = await serve(runner, "short");
      program.write(CTRL_C);
      const { stdout } = await program.ended;
      assertMatch(stdout, /stopping\r\nfinished\r\n/);
      assertEquals(existsSync(`/proc/${pid}`), false);
    });

    it(`${name}: two kill, whatever the first is doing [api: shutdown]`, async () => {
      const { program, pid } = await serve(runner, "endless");
      program.write(CTRL_C);
      await program.until("stopping\r\n");
      // The runner's copy of the first, if it sends one, has arrived by now: each waits at most a moment.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assertEquals(existsSync(`/proc/${pid}`), true);
      const begun = performance.now();
      program.write(CTRL_C);
      await eventually(() => !existsSync(`/proc/${pid}`), "the program is gone");
      assertLess(performance.now() - begun, 5000);
      assertEquals((await program.ended).stdout.includes("finished"), false);
    });
  }
});
