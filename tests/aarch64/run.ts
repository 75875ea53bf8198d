/** `deno task test:aarch64`: the tests of process-wide behaviour, with Deno and Bun for aarch64 under qemu-user. The
 * tests themselves run here; every program that they start is emulated. By default it runs the part that CI has time
 * for; with `--all`, everything that can run, which takes far longer; files may be named instead. `--deno` or `--bun`
 * as the first argument skips the other runtime. files.ts lists the parts, the files in neither, and why. Tests that
 * emulation cannot show are not judged: cannot_show.ts lists them, and limits.c measures the reasons. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compile } from "../support/compile.ts";
import { runGroup } from "../support/group.ts";
import { isRoot, projectPath } from "../support/process.ts";
import { cannotShow } from "./cannot_show.ts";
import { files, leftOut } from "./files.ts";

const here = projectPath("tests/aarch64");
/** Deno and Bun as npm installs them. */
const installed = join(here, "runtimes");
const emulator = "qemu-aarch64";
const work = mkdtempSync(join(tmpdir(), "aarch64-"));
process.on("exit", () => rmSync(work, { recursive: true }));
const environment = {
  ...process.env,
  PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`,
  NO_COLOR: "1",
  QEMU_LD_PREFIX: "/usr/aarch64-linux-gnu", // the C library of Debian's libc6-dev-arm64-cross
  QEMU_CPU: "cortex-a72", // Deno starts quicker than with the default, which authenticates pointers
  // The Deno that runs the tests and the emulated one discard each other's compiled code.
  QEMU_SET_ENV: `DENO_DIR=${join(work, "deno")}`,
};

/** A file that takes longer is killed, and counts as failed. */
const LIMIT_MS = 20 * 60_000;

function run(command: string, args: string[], cwd = here): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${args.join(" ")}: ${error ?? signal ?? `status ${status}`}\n${stdout}${stderr}`);
}

/** Deno and Bun as package-lock.json pins them; `--force`, since they are for another processor. */
function install(): void {
  run("npm", "install --no-save --force --no-audit --no-fund --loglevel=error".split(" "), installed);
}

type Measures = Map<string, string>;

/** The limits of the present machine, by limits.c. */
function measure(compiler: string, wrapper: string): Measures {
  const program = join(work, compiler);
  run(compiler, [..."-O1 -Wall -Wextra -Werror limits.c -pthread -lrt -o".split(" "), program]);
  const shell = (command: string) => run("sh", ["-c", command]);
  const asRoot = isRoot() ? "" : "--map-root-user";
  const raise = (signum: number, first = "") => `${first} ${wrapper} ${program} ${signum} 2> ${work}/said; echo $?`;
  const lines = shell(`${wrapper} ${program}`).split("\n").map((line) => line.split(" ") as [string, string]);
  return new Map([
    ...lines,
    ["number", shell(raise(34))],
    ["maps", shell(`TMPDIR=/proc ${compile("without")} memfd_create -- ${wrapper} ${program} maps; echo $?`)],
    ["process1", shell(raise(15, `timeout --signal=KILL 3 unshare ${asRoot} --pid --fork --kill-child`))],
  ]);
}

interface Runtime {
  readonly name: "Bun" | "Deno";
  readonly words: string[];
  readonly program: string;
  /** An output line that reports the result of a test. */
  readonly result: RegExp;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const listed = cannotShow.flatMap(({ tests }) => tests);

const runtimes: Runtime[] = [
  {
    name: "Deno",
    // The runner has no option to skip a test: a listed test that does not skip itself runs, and is not judged.
    words: ["deno", "test", "-A", "--no-check", "--quiet"],
    program: "@deno/linux-arm64-glibc/deno",
    result: /^ {2}(?<name>.*) \.\.\. *(?:(?<passed>ok)|FAILED|(?<left>ignored)) \([^)]*\)$/,
  },
  {
    name: "Bun",
    words: ["bun", "test", "--timeout", "120000", "-t", `^(?!.*(?:${listed.map(escape).join("|")}))`],
    program: "@oven/bun-linux-aarch64/bin/bun",
    result: /^\((?:(?<passed>pass)|fail)\) (?<name>.*?)(?: \[[\d.]+ms\])?$/,
  },
];

interface Result {
  readonly passed: number;
  readonly failed: string[];
}

/** Runs a test file to its end, and reports the results. */
async function test({ name, words, program, result }: Runtime, file: string): Promise<Result> {
  const began = performance.now();
  const emulated = [emulator, join(installed, "node_modules", program)];
  const env = { ...environment, EMULATED_RUNTIME: JSON.stringify(emulated) };
  const { status, late, output } = await runGroup([...words, file], env, LIMIT_MS);
  const lines = output.replaceAll(/'[^'\n]*' has been running for over \(.*\)\n/g, "").split("\n");
  const tests = lines.flatMap((line) => [result.exec(line)?.groups ?? []].flat());
  const isListed = (test: Record<string, string>) => listed.some((limit) => test.name.includes(limit));
  const judged = tests.filter((test) => !test.left && !isListed(test));
  const notShown = tests.filter(isListed).length + Number(/\b(\d+) filtered out\b/.exec(output)?.[1] ?? 0);
  const passed = judged.filter((test) => test.passed).length;
  // Bun reports a failure a second time at the end.
  const failed = [...new Set(judged.filter((test) => !test.passed).map((test) => `${name} ${file}: ${test.name}`))];
  if (late) failed.push(`${name} ${file}: not done after ${LIMIT_MS / 1000} s`);
  else if (!passed || (status !== 0 && tests.every((test) => test.passed || test.left))) {
    failed.push(`${name} ${file}: status ${status}`);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${file.padEnd(44)} ${name.padEnd(4)} ${String(passed).padStart(3)} passed ${String(failed.length).padStart(2)} ` +
      `failed ${String(notShown).padStart(2)} cannot show ${String(seconds).padStart(4)} s`,
  );
  if (failed.length) console.log(output);
  return { passed, failed };
}

const testPath = (name: string): string => `tests/${name}_test.ts`;

/** The files to be run, in order. */
function jobs(): { runtime: Runtime; file: string }[] {
  const words = process.argv.slice(2);
  const [only] = runtimes.filter(({ name }) => words[0] === `--${name.toLowerCase()}`);
  if (only) words.shift();
  const chosen = only ? [only] : runtimes;
  const all = words[0] === "--all";
  if (words.length && !all) return words.flatMap((file) => chosen.map((runtime) => ({ runtime, file })));
  return chosen.flatMap((runtime) =>
    Object.entries(files)
      .filter(([, when]) => when[runtime.name] === "step" || (all && when[runtime.name] === "all"))
      .map(([name]) => ({ runtime, file: testPath(name) }))
  );
}

/** Test files that files.ts does not list, lists twice, or that do not exist. */
function misplaced(): string[] {
  const named = [...Object.keys(files), ...leftOut.flatMap(({ files }) => files)].map(testPath);
  const there = readdirSync(projectPath("tests"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_test.ts")).map((path) => `tests/${path}`);
  const once = (file: string): boolean => named.filter((each) => each === file).length === 1;
  return [...new Set([...named, ...there])].filter((file) => !there.includes(file) || !once(file));
}

install();
const kernel = measure("gcc", "");
const emulated = measure("aarch64-linux-gnu-gcc", emulator);

const failures = misplaced().map((file) => `${file}: files.ts must have it in one place`);
console.log("What emulation cannot show, as the kernel has it and as the emulator:");
for (const { measured, because, tests } of cannotShow) {
  const [is, seems] = [kernel, emulated].map((measures) => measures.get(measured ?? "") ?? "");
  console.log(
    `${(measured ?? "").padStart(12)} ${is.padStart(4)} ${seems.padStart(4)}  ${because} (${tests.length} tests)`,
  );
  if (measured !== null && is === seems) {
    failures.push(`'${measured}' is a limit no longer: take it out of cannot_show.ts`);
  }
}

const began = performance.now();
const waiting = jobs();
const passed = { Bun: 0, Deno: 0 };
await Promise.all(Array.from({ length: availableParallelism() }, async () => {
  for (let job = waiting.shift(); job; job = waiting.shift()) {
    const result = await test(job.runtime, job.file);
    passed[job.runtime.name] += result.passed;
    failures.push(...result.failed);
  }
}));
for (const failure of failures) console.log(`FAILED ${failure}`);
const counts = `${passed.Bun} passed on Bun, ${passed.Deno} passed on Deno`;
console.log(`aarch64: ${counts}, ${failures.length} failed, in ${Math.round((performance.now() - began) / 1000)} s`);
process.exitCode = failures.length ? 1 : 0;
