/** What is published: to JSR as it stands, and packed for npm-style installs with declarations. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isBun, projectPath } from "./support/process.ts";

const PATH = `${projectPath("node_modules/.bin")}:${process.env.PATH}`;

/** Runs a command that must succeed; what it said. */
function says(cwd: string, command: string, ...args: string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, PATH, NO_COLOR: "1" },
  });
  assertEquals([status, status === 0 ? "" : stdout + stderr], [0, ""], `${command} ${args.join(" ")}`);
  return { stdout, stderr };
}

const root = projectPath("");
const json = (path: string) => JSON.parse(readFileSync(projectPath(path), "utf8"));
const entries: string[] = [json("deno.json").exports].flatMap((exports) =>
  typeof exports === "string" ? exports : Object.values<string>(exports)
);

/** Every file of ours that an entry point imports, itself or through others. */
function modules(): string[] {
  const found = entries.flatMap((entry) =>
    (JSON.parse(says(root, "deno", "info", "--json", entry).stdout).modules as { local?: string }[])
      .map(({ local }) => local ?? "").filter((local) => local.startsWith(root)).map((local) =>
        local.slice(root.length)
      )
  );
  return [...new Set(found)].sort();
}

describe("the version", () => {
  it("is the same for JSR and npm, and the newest of CHANGELOG.md", () => {
    const [, newest] = /^## (\S+?),? /m.exec(readFileSync(projectPath("CHANGELOG.md"), "utf8"))!;
    assertEquals([json("deno.json").version, json("package.json").version], [newest, newest]);
  });
});

const TEXTS = ["CHANGELOG.md", "LICENSE", "README.md"];

if (!isBun) {
  describe("deno publish --dry-run", () => {
    it("finds no slow types, and takes the modules that are imported, four texts, and no more [issue: reference]", () => {
      const { stderr } = says(root, "deno", "publish", "--dry-run", "--allow-dirty");
      assertStringIncludes(stderr, "Checking for slow types");
      assertStringIncludes(stderr, "Success");
      const files = [...stderr.matchAll(/^ +(file:\/\/\S+) \(/gm)].map(([, url]) =>
        decodeURIComponent(new URL(url).pathname).slice(root.length)
      );
      assertEquals(files.sort(), [...modules(), ...TEXTS, "deno.json"].sort());
    });
  });
}

/** What `bun init` writes, as far as it decides what is an error. */
const strict = {
  lib: ["ESNext"],
  target: "ESNext",
  module: "Preserve",
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  noFallthroughCasesInSwitch: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noPropertyAccessFromIndexSignature: true,
  types: [projectPath("node_modules/bun-types")],
};

describe("npm pack", () => {
  it("makes a package that is typed for the strictest compiler, in an empty project [issue: reference]", () => {
    const directory = mkdtempSync(join(tmpdir(), "posix-signal-pack-"));
    try {
      const [{ filename, files }] = JSON.parse(
        says(root, "npm", "pack", "--json", "--silent", "--pack-destination", directory).stdout,
      ) as [{ filename: string; files: { path: string }[] }];
      const packed = files.map(({ path }) => path).filter((path) => !path.startsWith("types/"));
      assertEquals(packed.sort(), [...modules(), ...TEXTS, "package.json"].sort());

      const project = join(directory, "project");
      mkdirSync(project);
      writeFileSync(join(project, "package.json"), '{ "type": "module", "private": true }');
      says(project, "bun", "add", "--silent", join("..", filename));
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: strict, include: ["*.ts"] }));
      writeFileSync(
        join(project, "main.ts"),
        `import * as signal from "@posix/signal";
signal.on("SIGRTMIN", (_signum, info) => {
  if (info.codeName === "SI_QUEUE") console.log(info.value.toFixed(1));
});
signal.sigqueue(process.pid, "SIGRTMIN", 7);
// @ts-expect-error misspelt
if (process.argv[2]) signal.raise("SIGTREM");
`,
      );
      says(project, "tsc", "--project", ".");
      assertEquals(says(project, "bun", "main.ts").stdout, "7.0\n");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
