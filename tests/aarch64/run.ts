/** `deno task test:aarch64`: the tests of behaviour that belongs to a process, with Deno and Bun for aarch64
 * under qemu-user. The tests themselves run here; every program that they start runs there. Files may be
 * named instead.
 *
 * What emulation cannot show is not judged: cannot_show.ts lists it, and limits.c measures why. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "../support/process.ts";
import { cannotShow } from "./cannot_show.ts";

const here = projectPath("tests/aarch64");
const runtimes = join(here, "runtimes");
const emulator = "qemu-aarch64";
const environment = {
  ...process.env,
  PATH: `${projectPath("node_modules/.bin")}:${process.env.PATH}`,
  NO_COLOR: "1",
  QEMU_LD_PREFIX: "/usr/aarch64-linux-gnu", // the C library of Debian's libc6-dev-arm64-cross
  QEMU_CPU: "cortex-a72", // Deno starts quicker than with the default, which authenticates pointers
};

/** A suite that takes longer is killed and has failed. */
const LIMIT_MS = 6 * 60_000;

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

/** Deno and Bun as package-lock.json pins them; `--force`, since their processor is not this one's. */
function install(): void {
  run("npm", "install --no-save --force --no-audit --no-fund --loglevel=error".split(" "), runtimes);
}

type Measures = Map<string, string>;

/** What limits.c says of where it runs. */
function measure(work: string, compiler: string, wrapper: string): Measures {
  const program = join(work, compiler);
  run(compiler, [..."-O1 -Wall -Wextra -Werror limits.c -lrt -o".split(" "), program]);
  const shell = (command: string) => run("sh", ["-c", command]);
  const asRoot = process.getuid!() === 0 ? "" : "--map-root-user";
  const raise = (signum: number, first = "") => `${first} ${wrapper} ${program} ${signum} 2> ${work}/said; echo $?`;
  const lines = shell(`${wrapper} ${program}`).split("\n").map((line) => line.split(" ") as [string, string]);
  return new Map([
    ...lines,
    ["number", shell(raise(34))],
    ["process1", shell(raise(15, `timeout --signal=KILL 3 unshare ${asRoot} --pid --fork --kill-child`))],
  ]);
}

interface Suite {
  readonly name: string;
  readonly words: string[];
  readonly runtime: string;
  readonly files: string[];
  /** A line of its output that tells how a test went. */
  readonly result: RegExp;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const listed = cannotShow.flatMap(({ tests }) => tests);

/** What tells most of a processor, in programs that start quickly enough: handlers, siginfo_t, structures,
 * calls that end a program; on Deno, which takes four times as long to start, the way from end to end. */
const suites: Suite[] = [
  {
    name: "Bun",
    words: ["bun", "test", "--timeout", "120000", "-t", `^(?!.*(?:${listed.map(escape).join("|")}))`],
    runtime: "@oven/bun-linux-aarch64/bin/bun",
    files: [
      ...["abort", "examples/daemon", "hold", "keypress", "on", "runtime_listeners"],
      ...["posix/listeners", "posix/timers", "posix/wakeup", "posix/workers"],
    ],
    result: /^\((?:(?<passed>pass)|fail)\) (?<name>.*?)(?: \[[\d.]+ms\])?$/,
  },
  {
    name: "Deno",
    words: ["deno", "test", "-A", "--no-check", "--quiet"],
    runtime: "@deno/linux-arm64-glibc/deno",
    files: ["examples/daemon", "hold", "keypress"],
    result: /^ {2}(?<name>.*) \.\.\. (?:(?<passed>ok)|FAILED) \([^)]*\)$/,
  },
];

interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: string[];
}

/** Runs a suite to its end. */
function results({ name, words, runtime, files, result }: Suite): Promise<Result> {
  const named = process.argv.slice(2);
  const [command, ...args] = [...words, ...(named.length ? named : files.map((file) => `tests/${file}_test.ts`))];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectPath(""),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
      env: { ...environment, EMULATED_RUNTIME: JSON.stringify([emulator, join(runtimes, "node_modules", runtime)]) },
    });
    let output = "";
    child.stdout.on("data", (text) => output += text);
    child.stderr.on("data", (text) => output += text);
    child.on("close", (_code, signal) => {
      const tests = output.split("\n").map((line) => result.exec(line)?.groups).filter((groups) =>
        groups !== undefined
      );
      const passed = tests.filter((test) => test.passed).length;
      const failed = tests.filter((test) => !test.passed && !listed.some((limit) => test.name.includes(limit)))
        .map((test) => `${name}: ${test.name}`);
      if (signal) failed.push(`${name}: not done after ${LIMIT_MS / 1000} s`);
      else if (!passed) failed.push(`${name}: no test passed`);
      if (failed.length) console.log(output);
      resolve({ name, passed, failed });
    });
  });
}

install();
const work = mkdtempSync(join(tmpdir(), "aarch64-"));
const kernel = measure(work, "gcc", "");
const emulated = measure(work, "aarch64-linux-gnu-gcc", emulator);
rmSync(work, { recursive: true });

const failures: string[] = [];
console.log("What emulation cannot show, as the kernel has it and as the emulator:");
for (const { measured, because, tests } of cannotShow) {
  const [is, seems] = [kernel.get(measured), emulated.get(measured)];
  console.log(`${measured.padStart(12)} ${is?.padStart(4)} ${seems?.padStart(4)}  ${because} (${tests.length} tests)`);
  if (is === seems) failures.push(`'${measured}' is a limit no longer: take it out of cannot_show.ts`);
}

const began = performance.now();
const done = await Promise.all(suites.map(results));
failures.push(...done.flatMap(({ failed }) => failed));
for (const failure of failures) console.log(`FAILED ${failure}`);
const counts = done.map(({ name, passed }) => `${passed} passed on ${name}`).join(", ");
console.log(`aarch64: ${counts}, ${failures.length} failed, in ${Math.round((performance.now() - began) / 1000)} s`);
process.exitCode = failures.length ? 1 : 0;
