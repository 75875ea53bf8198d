/** Programs of several cases: the first argument chooses a case, and the last line of output is its result as JSON. */
import { type End, type Options, run } from "./process.ts";

/** The result of a case. A program that exits with another status than 0 fails the test. */
export function found<T = unknown>({ code, signal, stdout, stderr }: End): T {
  if (code !== 0) throw new Error(`It ended with ${signal ?? `code ${code}`}:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
}

/** Runs a case of tests/programs/NAME.ts, and returns its result. */
export async function outcome<T = unknown>(name: string, args: (string | number)[], options?: Options): Promise<T> {
  return found<T>(await run(`tests/programs/${name}.ts`, args.map(String), options));
}
