/** Proves that a way of shipping works: tests/programs/ship.ts handles a signal that it sends itself and one from
 * outside, and exits with 0. */
import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, type Options, Program, shell } from "./process.ts";

export const SHIP = "tests/programs/ship.ts";

export async function assertAnswers(words: string[] = command(SHIP), options: Options = {}): Promise<void> {
  const program = new Program([...(options.wrapper ?? []), ...words], options);
  await program.until("ready\n");
  await program.kill("SIGUSR1");
  const { code, signal, stdout, stderr } = await program.ended;
  assertEquals({ code, signal, stdout, stderr }, {
    code: 0,
    signal: null,
    stdout: "SIGUSR2 SI_TKILL\nready\nSIGUSR1 SI_USER true\n",
    stderr: "",
  });
}

/** Runs a command that must exit with 0, and returns what it printed. */
export async function succeeds(text: string, options?: Options): Promise<string> {
  const { code, signal, stdout, stderr } = await shell(text, options);
  if (code !== 0) throw new Error(`${text} ended with ${signal ?? `code ${code}`}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Calls `use` with an empty directory, and removes it. */
export async function inDirectory<T>(use: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "posix-signal-ship-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
