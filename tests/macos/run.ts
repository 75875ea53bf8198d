/** `deno task test:macos`: the tests of process-wide behaviour, with programs that take their platform for macOS and
 * run the native part of build.ts; on Deno and on Bun. Files may be named. differences.ts lists the tests that cannot
 * pass there, and why. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { runGroup } from "../support/group.ts";
import { projectPath } from "../support/process.ts";
import { buildForLinux } from "./build.ts";
import { differences, files } from "./differences.ts";

const library = buildForLinux();
const temporary = mkdtempSync(join(tmpdir(), "darwin-user-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
const preload = projectPath("tests/macos/preload.ts");

/** A file that takes longer is killed, and counts as failed. */
const LIMIT_MS = 10 * 60_000;

interface Runtime {
  readonly name: "Bun" | "Deno";
  readonly words: readonly string[];
  readonly flag: string;
  /** An output line that reports the result of a test. */
  readonly result: RegExp;
}

const runtimes: readonly Runtime[] = [
  {
    name: "Deno",
    words: ["deno", "test", "-A", "--no-check", "--quiet"],
    flag: `--preload=file://${preload}?library=${library}`,
    result: /^ {2}(?<name>.*) \.\.\. *(?:(?<passed>ok)|(?<failed>FAILED)|ignored) \([^)]*\)$/gm,
  },
  {
    name: "Bun",
    words: ["bun", "test", "--timeout", "120000"],
    flag: `--preload=${preload}`,
    result: /^\((?:(?<passed>pass)|(?<failed>fail)|skip)\) (?<name>.*?)(?: \[[\d.]+ms\])?$/gm,
  },
];

interface Counts {
  readonly passed: number;
  readonly different: number;
  readonly failed: readonly string[];
}

async function test({ name, words, flag, result }: Runtime, file: string): Promise<Counts> {
  const env = {
    ...process.env,
    PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`,
    NO_COLOR: "1",
    AS_MACOS: JSON.stringify([flag]),
    LIBDARWIN: library,
    DARWIN_USER_TEMP_DIR: `${temporary}/`,
  };
  const { status, output } = await runGroup([...words, file], env, LIMIT_MS);
  const tests = [...output.matchAll(result)].map(({ groups }) => groups!);
  const passed = tests.filter((test) => test.passed).length;
  const bad = [...new Set(tests.filter((test) => test.failed).map((test) => test.name))]; // Bun tells it twice
  const isDifferent = (test: string) => differences.some(({ tests }) => tests.some((name) => test.includes(name)));
  const failed = bad.filter((test) => !isDifferent(test)).map((test) => `${name} ${file}: ${test}`);
  if (tests.length === 0 || (status !== 0 && bad.length === 0)) failed.push(`${name} ${file}: ended with ${status}`);
  const different = bad.filter(isDifferent).length;
  console.log(
    `${file.padEnd(34)} ${name.padEnd(4)} ${String(passed).padStart(3)} passed ${String(failed.length).padStart(2)} ` +
      `failed ${String(different).padStart(2)} different`,
  );
  if (failed.length) console.log(output);
  for (const test of tests.filter((test) => test.passed)) held.add(test.name);
  return { passed, different, failed };
}

/** Tests that pass, on either runtime. */
const held = new Set<string>();

const began = performance.now();
const chosen = process.argv.length > 2 ? process.argv.slice(2) : files.map((name) => `tests/${name}_test.ts`);
const all = await Promise.all(runtimes.map(async (runtime) => {
  const counts: Counts[] = [];
  for (const file of chosen) counts.push(await test(runtime, file));
  return counts;
}));
const failures = all.flat().flatMap(({ failed }) => failed);
const named = differences.flatMap(({ tests }) => tests);
const passes = [...held].filter((test) => named.some((name) => test.includes(name)));
if (chosen.length === files.length) {
  failures.push(...passes.map((name) => `${name}: passes; take it out of differences.ts`));
}
for (const failure of failures) console.log(`FAILED ${failure}`);
const sum = (counts: Counts[]) => counts.reduce((total, { passed }) => total + passed, 0);
const [deno, bun] = all.map(sum);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `macOS: ${bun} passed on Bun, ${deno} passed on Deno, ${failures.length} failed, in ${seconds} s`,
);
process.exitCode = failures.length ? 1 : 0;
