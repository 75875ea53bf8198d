/** Runs every test on Deno and on Bun: `npm test`, `deno task test`. Arguments are passed on, so that
 * one file can be run: `deno task test tests/posix/send_test.ts`. */
import { spawn } from "node:child_process";
import process from "node:process";
import { projectPath } from "./process.ts";

const files = process.argv.slice(2);
const suites = [
  {
    name: "Deno",
    words: ["deno", "test", "-A", "--no-check", "--quiet"],
    counts: /\| (\d+) passed(?: \((\d+) steps?\))? \| (\d+) failed/,
  },
  { name: "Bun", words: ["bun", "test", "--timeout", "120000"], counts: /\n +(\d+) pass\n(?:.*\n)*? +(\d+) fail/ },
];

interface Result {
  name: string;
  code: number | null;
  output: string;
}

function suite(name: string, words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const [program, ...args] = [...words, ...(files.length ? files : ["tests"])];
    const child = spawn(program, args, {
      cwd: projectPath(""),
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`, NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (text) => output += text);
    child.stderr.on("data", (text) => output += text);
    child.on("error", (error) => resolve({ name, code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ name, code, output }));
  });
}

let passed = 0;
let failed = 0;
for (const { name, words, counts } of suites) {
  console.log(`\n=== ${name} ===`);
  const { code, output } = await suite(name, words);
  process.stdout.write(output);
  const found = counts.exec(output);
  const [ok, bad] = name === "Deno" ? [found?.[2] ?? found?.[1], found?.[3]] : [found?.[1], found?.[2]];
  passed += Number(ok ?? 0);
  failed += Math.max(Number(bad ?? 0), code === 0 && found ? 0 : 1);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
