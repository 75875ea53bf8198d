/** The programs that are measured: C, compiled once a run; runtimes and peers, as installed here. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { libraryPath } from "../../tests/support/library.ts";

/** A path below the project's root. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The library that this machine runs. */
export const nativePart: string = libraryPath();

/** Runs a command to its end, and returns what it printed. */
export function output(words: readonly string[], limitMs = 120_000): Promise<string> {
  return new Promise((resolve, reject) => {
    // Through a shell, since Deno's node:child_process fails for a program killed by a real-time signal.
    const child = spawn("env", ["--default-signal", "sh", "-c", '"$@"; exit $?', "sh", ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let stdout = "", stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
    child.on("error", reject);
    child.on("close", (code: number | null, signal: string | null) => {
      clearTimeout(limit);
      if (code === 0) resolve(stdout);
      else reject(new Error(`${words.join(" ")} ended with ${signal ?? code}:\n${stdout}${stderr}`));
    });
  });
}

export async function json<T>(words: readonly string[]): Promise<T> {
  const text = (await output(words)).trim();
  return JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
}

/** Starts a command that runs until `stop` kills it. */
export function stay(words: readonly string[]): { pid: number; stop(): void } {
  const child = spawn(words[0], words.slice(1), { stdio: "ignore" });
  return { pid: child.pid!, stop: () => void child.kill("SIGKILL") };
}

function first(words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
  return status === 0 ? String(stdout).trim().split("\n")[0] : undefined;
}

/** The path of an installed tool, or undefined. */
export const found = (tool: string): string | undefined => first(["sh", "-c", `command -v ${tool}`]);

const built = projectPath("bench/results/tmp");

export interface Build {
  /** The file's name, if the source makes more than one. */
  as?: string;
  shared?: boolean;
  flags?: string[];
}

/** Compiles bench/c/NAME.c, and returns the path of the program. */
export function compile(name: string, { as = name, shared = false, flags = [] }: Build = {}): string {
  mkdirSync(built, { recursive: true });
  const path = `${built}/${as}${shared ? ".so" : ""}`;
  const words = ["-O2", "-Wall", "-Wextra", "-Werror", ...(shared ? ["-shared", "-fPIC"] : []), ...flags];
  const { status, stderr } = spawnSync("cc", [...words, "-o", path, projectPath(`bench/c/${name}.c`)], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot compile bench/c/${name}.c:\n${stderr}`);
  return path;
}

export interface Runtime {
  readonly name: "Deno" | "Bun";
  command(file: string, ...args: string[]): string[];
}

/** Paths of the binaries: a script before one would add its own time. */
const deno = found("deno"), bun = found("bun"), node = found("node");
/** Version managers put a script before the interpreter. */
const python = first(["python3", "-c", "import sys; print(sys.executable)"]);

if (!deno || !bun) {
  throw new Error("Cannot measure: deno and bun must be on PATH (npm install puts them into node_modules/.bin)");
}

const peer = (file: string): string => projectPath(`bench/peers/${file}`);

export const runtimes: readonly Runtime[] = [
  {
    name: "Deno",
    command: (
      file,
      ...args
    ) => [deno, "run", "--no-check", "--quiet", "--allow-ffi", "--allow-env", peer(file), ...args],
  },
  { name: "Bun", command: (file, ...args) => [bun, peer(file), ...args] },
];

/** Undefined where it is not installed. */
export const nodeCommand = node
  ? (file: string, ...args: string[]): string[] => [node, peer(file), ...args]
  : undefined;
export const pythonCommand = python
  ? (file: string, ...args: string[]): string[] => [python, peer(file), ...args]
  : undefined;

export interface Subject {
  readonly name: string;
  readonly command: string[];
}

/** The C floor, this module and the runtime's own listeners in Deno and Bun, Node, Python. */
export function subjects(question: string, floor: string[], args: string[] = []): Subject[] {
  const all: Subject[] = [{ name: "C", command: floor }];
  for (const { name, command } of runtimes) {
    all.push({ name: `ours on ${name}`, command: command(`${question}_ours.ts`, ...args) });
    all.push({
      name: name === "Deno" ? "Deno.addSignalListener" : "Bun process.on",
      command: command(`${question}_own.js`, ...args),
    });
  }
  if (nodeCommand) all.push({ name: "Node process.on", command: nodeCommand(`${question}_own.js`, ...args) });
  if (pythonCommand) {
    all.push({ name: "Python signal", command: pythonCommand(`${question}_signal.py`, ...args) });
    all.push({ name: "Python asyncio", command: pythonCommand(`${question}_asyncio.py`, ...args) });
  }
  return all;
}

export function versions(): Record<string, string> {
  const number = (command: string | undefined) => command && first([command, "--version"])?.match(/\d[\d.]*/)?.[0];
  const all = {
    Deno: number(deno),
    Bun: number(bun),
    Node: number(node),
    Python: number(python),
    C: first(["cc", "--version"]),
    kernel: first(["uname", "-srm"])?.replace(/-\S+/, ""), // without the builder's suffix
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The commit that is measured; ends with "-dirty" if the tree has changes. */
export const commit = (): string =>
  first(["git", "-C", projectPath("."), "describe", "--always", "--dirty"]) ?? "unknown";
