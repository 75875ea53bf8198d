/** Runs every test on Deno and on Bun: `npm test`, `deno task test`; or on Node, with `--node` first: `npm run
 * test:node`, `deno task test:node`. Arguments are passed on, so that one file can be run: `deno task test
 * tests/posix/send_test.ts`. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import process from "node:process";
import { projectPath } from "./process.ts";

const onNode = process.argv[2] === "--node";
const files = process.argv.slice(onNode ? 3 : 2);
/** Node has a package of its own: among the others it would be the `node` of every script here. */
const NODE = projectPath("tests/support/node");
const suites = [
  {
    name: "Deno",
    words: ["deno", "test", "-A", "--no-check", "--quiet"],
    counts: /\| (\d+) passed(?: \((\d+) steps?\))? \| (\d+) failed/g,
  },
  { name: "Bun", words: ["bun", "test", "--timeout", "120000"], counts: /\n +(\d+) pass\n(?:.*\n)*? +(\d+) fail/g },
  {
    name: "Node",
    words: [
      ...[`${NODE}/node_modules/.bin/node`, "--disable-warning=ExperimentalWarning", "--test", "--test-reporter=spec"],
      ...["--test-concurrency=1", "--test-timeout=120000"],
    ],
    counts: /\n. pass (\d+)\n(?:.*\n)*?. fail (\d+)\n/g,
  },
].filter(({ name }) => onNode === (name === "Node"));

/** The test files but those of what is written down, published and shipped for Deno and Bun. */
function ofProcesses(): string[] {
  return readdirSync(projectPath("tests"), { recursive: true, encoding: "utf8" })
    .filter((name) =>
      name.endsWith("_test.ts") && !/^(packages\/|(docs|fuzz|layering|publish|reload|shipping|types)_)/.test(name)
    )
    .map((name) => `tests/${name}`);
}

interface Result {
  name: string;
  end: number | string | null; // its status, or the signal that killed it
  output: string;
}

function suite(name: string, words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const [program, ...args] = [...words, ...(files.length ? files : onNode ? ofProcesses() : ["tests"])];
    const child = spawn(program, args, {
      cwd: projectPath(""),
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`, NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (text) => output += text);
    child.stderr.on("data", (text) => output += text);
    child.on("error", (error) => resolve({ name, end: 1, output: String(error) }));
    child.on("close", (code, signal) => resolve({ name, end: code ?? signal, output }));
  });
}

if (spawnSync("gcc", ["--version"]).error) {
  console.log(
    "There is no gcc: tests that start programs in C will fail. .ci/run lists what the tests call, and installs it.",
  );
}
if (onNode) {
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: NODE,
    stdio: "inherit",
  });
}
let passed = 0;
let failed = 0;
for (const { name, words, counts } of suites) {
  console.log(`\n=== ${name} ===`);
  const { end, output } = await suite(name, words);
  process.stdout.write(output);
  const found = [...output.matchAll(counts)].at(-1); // a test that fails may show the counts of its own program before
  const [ok, bad] = name === "Deno" ? [found?.[2] ?? found?.[1], found?.[3]] : [found?.[1], found?.[2]];
  passed += Number(ok ?? 0);
  failed += Math.max(Number(bad ?? 0), end === 0 && found ? 0 : 1);
  if (!found) console.log(`${name} FAILED: it ended with ${end}, and told no counts`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
