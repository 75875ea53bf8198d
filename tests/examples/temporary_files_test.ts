import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, CTRL_C, eventually, isDeno, onTerminal, run, start } from "../support/process.ts";

const FILE = "examples/temporary_files.ts";
const permissions = ["ffi", "read", "write", "run", "sys", "env"].map((name) => `--allow-${name}`);
const flags = isDeno ? permissions : undefined;
let directory: string;

const env = (): Record<string, string> => ({ TMPDIR: directory });
const files = (): string[] => readdirSync(directory).filter((name) => name.startsWith("compare-"));

describe("examples/temporary_files.ts", () => {
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "temporary-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  for (
    const [commands, status, output] of [
      [["echo one", "echo one"], 0, ""],
      [["echo one", "echo two"], 1, "1c1\n< one\n---\n> two\n"],
      [["echo one", "exit 3"], 2, ""],
      [["echo one"], 2, ""],
    ] as const
  ) {
    it(`ends with status ${status} for ${JSON.stringify(commands)}, its files gone`, async () => {
      const end = await run(FILE, [...commands], { flags, env: env() });
      assertEquals([end.code, end.stdout, files()], [status, output, []]);
    });
  }

  it("removes its files when it is ended by SIGTERM", async () => {
    const program = start(FILE, ["echo one", "exec sleep 1000"], { flags, env: env() });
    await eventually(() => files().length === 1, "the files are there");
    await program.kill("SIGTERM");
    const { signal, stderr } = await program.ended;
    assertEquals([signal, stderr, files()], ["SIGTERM", "", []]);
  });

  it("removes its files on Ctrl+C, after which a shell shows 130", async () => {
    const words = command(FILE, ["echo one", "echo started >&2; exec sleep 1000"], flags);
    const program = onTerminal(words, { env: env() });
    await program.until("started");
    program.write(CTRL_C);
    assertEquals([(await program.ended).code, files()], [130, []]);
  });
});
