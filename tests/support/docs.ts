/** The code blocks of doc comments and of Markdown files, and a directory with the package installed, in which they run
 * as a reader would run them. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "./process.ts";

export interface Block {
  /** File and line: `src/on.ts:98`. */
  readonly at: string;
  /** The words after the fence: the language, and the name of the file to save the block to. */
  readonly language: string;
  readonly file?: string;
  readonly lines: readonly string[];
}

/** The blocks of a Markdown file, or of the doc comments of a module. */
export function blocksOf(path: string): Block[] {
  const text = readFileSync(projectPath(path), "utf8");
  const isModule = path.endsWith(".ts");
  const blocks: Block[] = [];
  let lines: string[] | undefined;
  for (const [i, line] of text.split("\n").entries()) {
    const shown = isModule ? /^ *\*(?: (.*?))?(?: ?\*\/)?$/.exec(line)?.[1] ?? "" : line;
    const fence = /^```(\S*) ?(\S*)/.exec(shown);
    if (fence && lines) lines = undefined;
    else if (fence) {
      const [, language, file] = fence;
      blocks.push({ at: `${path}:${i + 1}`, language, file: file || undefined, lines: lines = [] });
    } else lines?.push(shown);
  }
  return blocks;
}

/** All modules that are published, by path. */
export function modules(): string[] {
  const below = (directory: string) =>
    readdirSync(projectPath(directory), { recursive: true, encoding: "utf8" }).map((name) => `${directory}/${name}`);
  return ["mod.ts", ...below("src"), ...below("ffi")].filter((path) =>
    path.endsWith(".ts") && !/^ffi\/(native|prebuilt)/.test(path)
  );
}

/** The expected output of a program: one line for each comment that begins with `=>`. */
export function told({ lines }: Block): string[] {
  return lines.flatMap((line) => /\/\/ => (.*)$/.exec(line)?.[1] ?? []);
}

/** The permissions that the comments of a block name, and `--allow-ffi`. */
export function permissions({ lines }: Block): string[] {
  const flags = lines.flatMap((line) => /\/\/.*/.exec(line)?.[0].match(/--allow-\w+(=\S+)?/g) ?? []);
  return flags.some((flag) => flag.startsWith("--allow-ffi")) ? flags : ["--allow-ffi", ...flags];
}

/** Replaces the numbers that differ from run to run. */
export function withoutPids(text: string): string {
  return text.replace(/\b(process|kill -\w+) \d+/g, "$1 PID").replace(/\buser \d+/g, "user UID");
}

/** A reader's directory with the package installed: for Deno by an import map, for Bun by name. */
export class Reader {
  readonly directory: string = mkdtempSync(join(tmpdir(), "posix-signal-docs-"));

  constructor() {
    for (const part of ["mod.ts", "src", "ffi"]) {
      cpSync(projectPath(part), join(this.directory, "package", part), { recursive: true });
    }
    this.save(
      "deno.json",
      JSON.stringify({ imports: { "@posix/signal": "./package/mod.ts" }, nodeModulesDir: "none" }),
    );
    this.save(
      "package/package.json",
      JSON.stringify({ type: "module", exports: { ".": "./mod.ts", "./save": "./ffi/save.ts" } }),
    );
    mkdirSync(join(this.directory, "node_modules/@posix"), { recursive: true });
    symlinkSync("../../package", join(this.directory, "node_modules/@posix/signal"));
    // Not tsconfig.json, which Deno would read too.
    const base = JSON.parse(readFileSync(projectPath("tests/support/tsconfig.json"), "utf8"));
    const compilerOptions = { ...base.compilerOptions, types: [projectPath("node_modules/bun-types")] };
    this.save("bun-types.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  }

  /** @returns the file's path */
  save(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
