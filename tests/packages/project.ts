/** A user's project: an empty directory in which the packed package is installed, and what users may run there. */
import { it } from "@std/testing/bdd";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { isBun, type Options, projectPath } from "../support/process.ts";
import { SHIP, succeeds } from "../support/shipped.ts";

/** Registers a test that Bun's run skips, since what it starts is the same in Deno's, and takes long. */
export const once: typeof it.skip = isBun ? it.skip : it;

const bin = (name: string): string => projectPath(`node_modules/.bin/${name}`);
export const deno: string = bin("deno");
export const bun: string = bin("bun");
export const esbuild: string = bin("esbuild");
/** By the name of its version. */
export const compilers: Readonly<Record<string, string>> = {
  pinned: bin("tsc"),
  newest: projectPath("tests/packages/node_modules/typescript7/bin/tsc"),
};
export const npms: Readonly<Record<string, string[]>> = Object.fromEntries(
  ["10", "11"].map((version) => [
    version,
    [
      "node",
      projectPath(`tests/packages/node_modules/npm${version}/bin/npm-cli.js`),
    ],
  ]),
);
/** 26.10 is the version of the suite. */
export const node = (version: "22" | "24" | "26.10"): string =>
  projectPath(
    version === "26.10"
      ? "tests/support/node/node_modules/.bin/node"
      : `tests/packages/node_modules/node${version}-${process.platform}-${process.arch}/bin/node`,
  );

/** Installs the packages of package.json in a directory of the tests. */
export function fetchInto(directory: string): void {
  execFileSync("npm", [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ], {
    cwd: projectPath(directory),
  });
}

export function fetchTools(): void {
  for (const directory of ["tests/packages", "tests/support/node"]) {
    fetchInto(directory);
  }
}

/** The result of `npm pack` in this checkout: the files' paths, and the path of the archive. */
export function pack(directory: string): { archive: string; files: string[] } {
  const words = [
    "pack",
    "--json",
    "--loglevel=error",
    "--pack-destination",
    directory,
  ];
  const [packed] = JSON.parse(
    execFileSync("npm", words, { cwd: projectPath(""), encoding: "utf8" }),
  ) as [
    { filename: string; files: { path: string }[] },
  ];
  return {
    archive: join(directory, packed.filename),
    files: packed.files.map(({ path }) => path).sort(),
  };
}

/** tests/programs/ship.ts as a program of someone else has it. */
export const program = (module = "@posix/signal"): string =>
  readFileSync(projectPath(SHIP), "utf8").replace("../../mod.ts", module);

export class Project {
  readonly directory: string = mkdtempSync(
    join(tmpdir(), "posix-signal-project-"),
  );

  /** @param archive installed, if given */
  constructor(archive?: string) {
    if (!archive) return;
    this.save("package.json", '{ "type": "module", "private": true }\n');
    const words = [
      "install",
      "--offline",
      "--no-audit",
      "--no-fund",
      "--engine-strict=false",
      "--loglevel=error",
    ];
    execFileSync("npm", [...words, archive], { cwd: this.directory });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** @returns the file's path */
  save(name: string, text: string): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  copy(file: string, name: string): void {
    copyFileSync(file, this.path(name));
  }

  /** Every file but those of installed packages. */
  files(): string[] {
    return readdirSync(this.directory, { recursive: true, encoding: "utf8" })
      .filter((name) => !name.startsWith("node_modules")).sort();
  }

  /** Runs a command that must succeed. @returns its output */
  succeeds(text: string, options: Options = {}): Promise<string> {
    return succeeds(text, {
      cwd: this.directory,
      limitMs: 120_000,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A project with this checkout installed in it, once what is to run there is fetched. */
export function packedProject(): Project {
  fetchTools();
  using packing = new Project();
  return new Project(pack(packing.directory).archive);
}
