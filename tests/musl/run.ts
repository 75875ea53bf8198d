/** `deno task test:musl`: the tests of behaviour that belongs to a process on Bun for musl, and beside them on Bun
 * for glibc, two files at a time on each; files may be named. Debian's musl is the C library. The one library that
 * Debian lacks is built by libstdcxx.ts and installed beside that, which takes root.
 *
 * What differs between the two C libraries, and why: differences.ts. */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isAlone } from "../support/alone.ts";
import { runGroup } from "../support/group.ts";
import { projectPath } from "../support/process.ts";
import { leftOut, onlyGlibc } from "./differences.ts";
import { buildLibstdcxx } from "./libstdcxx.ts";

const MUSL = "/usr/lib/x86_64-linux-musl"; // Debian's musl-dev
const runtime = projectPath("tests/musl/runtime");
const musl = join(runtime, "node_modules/@oven/bun-linux-x64-musl/bin/bun");
const glibc = projectPath("node_modules/.bin/bun");

/** A file that takes longer is killed, and counts as failed. */
const LIMIT_MS = 5 * 60_000;

const work = mkdtempSync(join(tmpdir(), "musl-"));
chmodSync(work, 0o755); // tests run programs in it as another user
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** `--force`: the package is declared for another C library than this machine's. */
function install(): void {
  const words = "install --no-save --force --no-audit --no-fund --loglevel=error".split(" ");
  execFileSync("npm", words, { cwd: runtime, stdio: "inherit" });
}

/** In musl's own directory: with LD_LIBRARY_PATH, programs of glibc would load it too, and set-user-ID programs would
 * not. */
function installLibstdcxx(): void {
  try {
    accessSync(MUSL, constants.W_OK);
  } catch {
    throw new Error(`Cannot install libstdc++ for musl in ${MUSL}: install musl-tools, and run this as root`);
  }
  const made = join(MUSL, `.libstdc++.${process.pid}`);
  copyFileSync(buildLibstdcxx(musl, MUSL, work), made);
  renameSync(made, join(MUSL, "libstdc++.so.6"));
}

/** musl's headers first, then the kernel's. */
const SCRIPT = `#!/bin/sh
REALGCC=/usr/bin/gcc exec musl-gcc "$@" -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu
`;

/** Objects that the tests compile are loaded into Bun or started by it: for musl they must be of musl too. */
function compilers(): string {
  const bin = join(work, "bin");
  mkdirSync(bin);
  for (const name of ["gcc", "cc"]) {
    writeFileSync(join(bin, name), SCRIPT);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

interface Lane {
  readonly name: "musl" | "glibc";
  readonly bun: string;
  readonly env: Record<string, string | undefined>;
}

function lanes(): Lane[] {
  const path = `${projectPath("node_modules/.bin")}:${process.env.PATH}`;
  const env = (name: string, more: Record<string, string>) => {
    const TMPDIR = join(work, name); // its own: compiled programs are stored there
    mkdirSync(TMPDIR);
    return { ...process.env, NO_COLOR: "1", TMPDIR, PATH: path, ...more };
  };
  return [
    { name: "musl", bun: musl, env: env("musl", { PATH: `${compilers()}:${path}` }) },
    { name: "glibc", bun: glibc, env: env("glibc", {}) },
  ];
}

interface Counts {
  passed: string[];
  failed: string[];
  output: string;
}

/** Runs a test file to its end. */
async function test({ bun, env }: Lane, file: string): Promise<Counts> {
  const { status, output } = await runGroup([bun, "test", "--timeout", "120000", file], env, LIMIT_MS);
  const named = (word: string) =>
    [...output.matchAll(new RegExp(`^\\(${word}\\) (.*?)(?: \\[[\\d.]+ms\\])?$`, "gm"))].map(([, name]) => name);
  const failed = [...new Set(named("fail"))]; // told a second time at the end
  if (status !== 0 && failed.length === 0) failed.push(`ended with ${status}`);
  return { passed: named("pass"), failed, output };
}

/** The test files that are run, by path. */
function files(): string[] {
  if (process.argv.length > 2) return process.argv.slice(2);
  const without = leftOut.flatMap(({ files }) => files).map((name) => `tests/${name}_test.ts`);
  const all = readdirSync(projectPath("tests"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_test.ts")).map((path) => `tests/${path}`).sort();
  const wrong = without.filter((file) => !all.includes(file));
  if (wrong.length) throw new Error(`differences.ts leaves out what is not there: ${wrong.join(", ")}`);
  return all.filter((file) => !without.includes(file));
}

install();
installLibstdcxx();
const began = performance.now();
const all = files();
const results = new Map<string, Record<Lane["name"], Counts>>(all.map((file) => [file, {} as never]));
const failures: string[] = [];

/** Judges a file when both have run it: no test fails, and a test that passes on one passes on the other. */
function judge(file: string): void {
  const { musl, glibc } = results.get(file)!;
  if (!musl || !glibc) return;
  const only = glibc.passed.filter((name) => !musl.passed.includes(name) && !musl.failed.includes(name));
  const wrong = [
    ...musl.failed.map((name) => `musl ${file}: ${name}`),
    ...glibc.failed.map((name) => `glibc ${file}: ${name}`),
    ...only.filter((name) => !onlyGlibc.some(({ tests }) => tests.includes(name)))
      .map((name) => `musl ${file}: not run: ${name}`),
  ];
  failures.push(...wrong);
  console.log(
    `${file.padEnd(48)} ${String(musl.passed.length).padStart(4)} of ${String(glibc.passed.length).padStart(4)}` +
      (wrong.length ? `  ${wrong.length} FAILED` : ""),
  );
  for (const { failed, output } of [musl, glibc]) if (failed.length) console.log(output);
}

async function runAll(lane: Lane, files: string[], atOnce: number): Promise<void> {
  const waiting = [...files];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let file; (file = waiting.shift());) {
      results.get(file)![lane.name] = await test(lane, file);
      judge(file);
    }
  }));
}

const both = lanes();
await Promise.all(both.map((lane) => runAll(lane, all.filter((file) => !isAlone(file)), 2)));
await Promise.all(both.map((lane) => runAll(lane, all.filter(isAlone), 1)));
const count = (name: Lane["name"]) =>
  [...results.values()].reduce((sum, counts) => sum + counts[name].passed.length, 0);
for (const failure of failures) console.log(`FAILED ${failure}`);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `musl: ${count("musl")} passed, glibc: ${count("glibc")} passed, ${failures.length} failed, in ${seconds} s`,
);
process.exitCode = failures.length ? 1 : 0;
