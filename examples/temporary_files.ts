/** A command-line tool that works through temporary files and removes them in every case: compares the output of two
 * commands.
 *
 *     deno run --allow-ffi --allow-read --allow-write --allow-run --allow-sys --allow-env \
 *       examples/temporary_files.ts "ls src" "ls ffi"
 *     bun examples/temporary_files.ts "ls src" "ls ffi"
 *
 * (@posix/signal needs --allow-ffi, the others are the tool's.) Its status is diff's: 0 for the same, 1 for a difference,
 * 2 for trouble; after Ctrl+C a shell shows 130. The files are gone in every case.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as signal from "../mod.ts";

/** Runs a command; the end of this program ends it too. @returns its exit status */
async function run(words: string[], output: number | "inherit", stop: AbortSignal): Promise<number> {
  stop.throwIfAborted(); // otherwise Deno would start the command
  const child = spawn(words[0], words.slice(1), { stdio: ["ignore", output, "inherit"], signal: stop });
  const [status, killer] = await once(child, "close");
  return killer ? 128 : status;
}

async function compare(commands: string[]): Promise<number> {
  await using end = signal.shutdown();
  const directory = mkdtempSync(join(tmpdir(), "compare-"));
  end.defer("the temporary files", () => rmSync(directory, { recursive: true }));

  const files: string[] = [];
  for (const [i, command] of commands.entries()) {
    const file = join(directory, String(i));
    const output = openSync(file, "w");
    const status = await run(["sh", "-c", command], output, end.signal);
    closeSync(output);
    if (status !== 0) throw new Error(`${command}: status ${status}`);
    files.push(file);
  }
  return await run(["diff", ...files], "inherit", end.signal);
}

const commands = process.argv.slice(2);
if (commands.length !== 2) {
  console.error("usage: temporary_files.ts COMMAND COMMAND");
  process.exit(2);
}
try {
  process.exitCode = await compare(commands);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
