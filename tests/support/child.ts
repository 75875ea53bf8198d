/** A test file that spawns itself as the child, so that a case and its expectation are in one file. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { found } from "./cases.ts";
import { type End, isDeno, type Options, type Program, run, start } from "./process.ts";

const CASE = "--case";
/** Test files import process.ts, which reads the environment. */
const FLAGS = isDeno ? ["--allow-ffi", "--allow-env"] : undefined;

// deno-lint-ignore no-explicit-any -- a case takes the arguments that its test passes
type Cases = Record<string, (...args: any[]) => unknown>;

/** Runs cases by name, each in a process of its own; arguments are passed as strings. */
export interface Child<C extends Cases> {
  readonly cases: C;
  /** Runs a case and returns its result, through JSON. */
  outcome<N extends keyof C & string>(
    name: N,
    args?: Parameters<C[N]>,
    options?: Options,
  ): Promise<Awaited<ReturnType<C[N]>>>;
  /** Runs a case and returns its output and wait status. */
  run<N extends keyof C & string>(name: N, args?: Parameters<C[N]>, options?: Options): Promise<End>;
  /** Starts a case. */
  start<N extends keyof C & string>(name: N, args?: Parameters<C[N]>, options?: Options): Program;
}

/** In the tests: returns the functions that run `cases`. In the child: runs its case, prints the result as JSON, and
 * exits before any test is declared.
 *
 *     const child = await inChild(import.meta.url, { raised: () => ... });
 *     it("...", async () => assertEquals(await child.outcome("raised"), 1)); */
export async function inChild<C extends Cases>(url: string, cases: C): Promise<Child<C>> {
  const [word, name, ...args] = process.argv.slice(2);
  if (word === CASE) {
    setInterval(() => {}, 2 ** 30); // a case may await a promise that does not keep the process alive
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
