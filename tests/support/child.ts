/** A test file that starts itself as the child: what a case does and what is expected of it stand in one file. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { found } from "./cases.ts";
import { type End, isDeno, type Options, type Program, run, start } from "./process.ts";

const CASE = "--case";
/** process.ts, which test files import, reads the environment. */
const FLAGS = isDeno ? ["--allow-ffi", "--allow-env"] : undefined;

// deno-lint-ignore no-explicit-any -- a case takes what its test gives it
type Cases = Record<string, (...args: any[]) => unknown>;

/** Runs cases by their names, each in a process of its own; arguments arrive as strings. */
export interface Child<C extends Cases> {
  readonly cases: C;
  /** What a case returns, through JSON. */
  outcome<N extends keyof C & string>(
    name: N,
    args?: Parameters<C[N]>,
    options?: Options,
  ): Promise<Awaited<ReturnType<C[N]>>>;
  /** How a case ends. */
  run<N extends keyof C & string>(name: N, args?: Parameters<C[N]>, options?: Options): Promise<End>;
  /** A case that is still running. */
  start<N extends keyof C & string>(name: N, args?: Parameters<C[N]>, options?: Options): Program;
}

/** Among the tests: the means to run `cases`. In the child: runs the one that it was started for, prints what that
 * returns as JSON, and exits before any test is declared.
 *
 *     const child = await inChild(import.meta.url, { raised: () => ... });
 *     it("...", async () => assertEquals(await child.outcome("raised"), 1));
 */
export async function inChild<C extends Cases>(url: string, cases: C): Promise<Child<C>> {
  const [word, name, ...args] = process.argv.slice(2);
  if (word === CASE) {
    setInterval(() => {}, 2 ** 30); // a case may wait for what keeps no process alive
    console.log(JSON.stringify(await cases[name](...args)));
    process.exit(0);
  }
  const file = fileURLToPath(url);
  const words = (name: string, args: unknown[] = []): string[] => [CASE, name, ...args.map(String)];
  return {
    cases,
    outcome: async (name, args, options) =>
      found<never>(await run(file, words(name, args), { flags: FLAGS, ...options })),
    run: (name, args, options) => run(file, words(name, args), { flags: FLAGS, ...options }),
    start: (name, args, options) => start(file, words(name, args), { flags: FLAGS, ...options }),
  };
}
