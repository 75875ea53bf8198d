/** Runs the test files on Deno and on Bun: `npm test`, `deno task test`. Further words choose files, directories and
 * runtimes:
 *
 *     deno task test tests/posix/send_test.ts     one file
 *     deno task test --bun tests/posix            a directory, on one runtime
 *     npm test -- tests/on_test.ts                with npm, after its two dashes
 *
 * Every file runs in a process of its own, three at once for each core, since most files wait most of the time; files in
 * alone.ts run after the others, one at a time. Ctrl+C ends the run and reports the results so far. The last line is
 * `N passed, N failed`. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { isAlone, within } from "./alone.ts";
import { projectPath } from "./process.ts";

/** Tests that take minutes and depend on little code: they run only when they are named, as in a step of .ci/run. */
const APART = ["tests/packages", "tests/publish_test.ts"];

/** The files that do not run on Node: tests of the documentation, publishing and shipping for Deno and Bun. */
const NOT_ON_NODE = /^tests\/(packages\/|(docs|fuzz|layering|publish|reload|shipping|types)_)/;

/** Node is installed by a package.json of its own: otherwise it would be the `node` of every script of this project. */
const NODE = "tests/support/node";

interface Runtime {
  readonly name: string;
  /** The command, from the project's root, before the file. */
  readonly words: readonly string[];
  /** How it reports, as groups `passed` and `failed`. */
  readonly counts: RegExp;
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: "Deno",
    words: "node_modules/.bin/deno test -A --no-check --quiet".split(" "),
    counts:
      /\| (?:\d+ passed \((?<passed>\d+) steps?\)|(?<tests>\d+) passed) \| (?<failed>\d+) failed(?: \((?<steps>\d+) step)?/g,
  },
  {
    name: "Bun",
    words: "node_modules/.bin/bun test --timeout 120000".split(" "),
    counts: /\n +(?<passed>\d+) pass\n(?:.*\n)*? +(?<failed>\d+) fail/g,
  },
  {
    name: "Node",
    words: [
      ...[`${NODE}/node_modules/.bin/node`, "--disable-warning=ExperimentalWarning"],
      ...["--test", "--test-reporter=spec", "--test-timeout=120000"],
    ],
    counts: /\n. pass (?<passed>\d+)\n(?:.*\n)*?. fail (?<failed>\d+)\n/g,
  },
];

interface Job {
  readonly runtime: Runtime;
  readonly file: string;
}

interface Result extends Job {
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

const label = ({ runtime, file }: Job): string => `${runtime.name.padEnd(4)}  ${file}`;
const command = ({ runtime, file }: Job): string => [...runtime.words, `./${file}`].join(" ");
const duration = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds) % 60} s`;

/** How long each job took last time, for the order and the forecast. */
const RECORD = projectPath("node_modules/.cache/posix-signal/seconds.json");
const recorded: Record<string, number> = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")) : {};

/** The jobs that the command line asks for. */
function jobs(words: string[]): Job[] {
  const options = words.filter((word) => word.startsWith("--")).map((word) => word.slice(2));
  const unknown = options.filter((name) => !RUNTIMES.some((runtime) => runtime.name.toLowerCase() === name));
  const paths = words.filter((word) => !word.startsWith("--")).map((path) => path.replace(/^\.\/|\/$/g, ""));
  const files = readdirSync(projectPath("tests"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("_test.ts")).map((name) => `tests/${name}`).sort();
  const missing = paths.filter((path) => !files.some((file) => within(file, path)));
  if (unknown.length || missing.length) {
    console.error(`Cannot run ${[...unknown.map((name) => `--${name}`), ...missing].join(", ")}: no such tests`);
    process.exit(2);
  }
  const chosen = options.length ? options : ["deno", "bun"];
  return RUNTIMES.filter(({ name }) => chosen.includes(name.toLowerCase())).flatMap((runtime) =>
    files.filter((file) => {
      if (paths.length) return paths.some((path) => within(file, path));
      return !APART.some((path) => within(file, path)) && (runtime.name !== "Node" || !NOT_ON_NODE.test(file));
    }).map((file) => ({ runtime, file }))
  );
}

/** A file that takes longer is killed, and counts as failed. */
const LIMIT_MS = 10 * 60_000;
const running = new Map<ChildProcess, Job>();
let interrupted: NodeJS.Signals | undefined;

function run(job: Job): Promise<Result> {
  const { runtime, file } = job;
  return new Promise((resolve) => {
    const began = performance.now();
    const [program, ...args] = [...runtime.words, `./${file}`];
    const child = spawn(program, args, {
      cwd: projectPath(""),
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`, NO_COLOR: "1" },
      detached: true, // a process group, so that an interrupted run leaves no program behind
    });
    running.set(child, job);
    let output = "";
    const limit = setTimeout(() => {
      output += `\nIt was killed after ${duration(LIMIT_MS / 1000)}.\n`;
      process.kill(-child.pid!, "SIGKILL");
    }, LIMIT_MS);
    const end = (how: string | number | null) => {
      running.delete(child);
      clearTimeout(limit);
      const found = [...output.matchAll(runtime.counts)].at(-1)?.groups; // a failing test may show counts before
      if (!found) output += `\nIt ended with ${how} and reported no counts.\n`;
      const failed = Math.max(Number(found?.steps ?? found?.failed ?? 0), found && how === 0 ? 0 : 1);
      const passed = Number(found?.passed ?? found?.tests ?? 0);
      resolve({ ...job, seconds: (performance.now() - began) / 1000, passed, failed, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output += text);
    }
    child.on("error", (error) => {
      output += error;
      end("an error");
    });
    child.on("close", (code, signal) => end(code ?? signal));
  });
}

const results: Result[] = [];

/** Runs the jobs, `atOnce` at a time. */
async function runAll(jobs: Job[], atOnce: number): Promise<void> {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job; !interrupted && (job = waiting.shift());) {
      const result = await run(job);
      if (interrupted) return;
      results.push(result);
      recorded[label(job)] = result.seconds;
      const verdict = result.failed ? `${result.failed} FAILED, ` : "";
      console.log(`${result.seconds.toFixed(1).padStart(6)} s  ${label(job)}  ${verdict}${result.passed} passed`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The output without the lines of passed tests. */
const failures = (output: string): string =>
  output.split("\n").filter((line) => !/^\(pass\)|\.\.\. ok \(|^ *✔ /.test(line)).join("\n").trim();

function report(): void {
  const bad = results.filter(({ failed }) => failed > 0);
  for (const result of bad) console.log(`\n=== ${label(result)}\n\n${failures(result.output)}`);
  if (bad.length) {
    console.log("\nFailed, with the commands that repeat them:");
    for (const result of bad) console.log(`  ${command(result)}`);
  }
  const sum = (key: "passed" | "failed") => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  if (bad.length) process.exitCode = 1;
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => {
    if (interrupted) return;
    interrupted = name;
    console.log(`\nInterrupted: ${results.length} of ${all.length} had ended, these were running:`);
    for (const [child, job] of running) {
      console.log(`  ${label(job)}`);
      process.kill(-child.pid!, "SIGKILL");
    }
    report();
    process.kill(process.pid, name);
  });
}

const all = jobs(process.argv.slice(2));
if (spawnSync("gcc", ["--version"]).error) {
  console.log(
    "There is no gcc: tests that start programs in C will fail. .ci/run lists what the tests call, and installs it.",
  );
}
if (all.some(({ runtime }) => runtime.name === "Node")) {
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: projectPath(NODE),
    stdio: "inherit",
  });
}
const longestFirst = (jobs: Job[]) =>
  jobs.sort((a, b) => (recorded[label(b)] ?? Infinity) - (recorded[label(a)] ?? Infinity) || 0);
const together = longestFirst(all.filter(({ file }) => !isAlone(file)));
const alone = all.filter(({ file }) => isAlone(file));
const atOnce = Math.min(3 * availableParallelism(), together.length);
const seconds = (jobs: Job[]) => jobs.reduce((sum, job) => sum + recorded[label(job)], 0);
const forecast = seconds(alone) + seconds(together) / Math.max(1, atOnce);
console.log(
  `${all.length} test files, ${together.length} of them ${atOnce} at a time; this takes ` +
    (Number.isNaN(forecast)
      ? "5 minutes or so for both runtimes on two cores, and the next run can say"
      : `about ${duration(forecast)}, as the last run did`),
);
const began = performance.now();
await runAll(together, atOnce);
await runAll(alone, 1);
mkdirSync(dirname(RECORD), { recursive: true });
writeFileSync(RECORD, JSON.stringify(recorded));
if (!interrupted) {
  console.log(`\n${all.length} test files in ${duration((performance.now() - began) / 1000)}`);
  report();
}
