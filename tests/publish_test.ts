/** The published files: built from the sources, reproducible, and the contents for both registries. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { once } from "./packages/project.ts";
import { isBun, projectPath } from "./support/process.ts";

const PATH = `${projectPath("node_modules/.bin")}:${process.env.PATH}`;

/** Runs a command that must succeed. @returns its output */
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

describe("the version", () => {
  it("is the same for JSR and npm, and the newest of CHANGELOG.md", () => {
    const [, newest] = /^## (\S+?),? /m.exec(readFileSync(projectPath("CHANGELOG.md"), "utf8"))!;
    assertEquals([json("deno.json").version, json("package.json").version], [newest, newest]);
  });
});

const TEXTS = ["CHANGELOG.md", "LICENSE", "README.md"];
const BUILT = ["mod", "save"].flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`, `dist/${name}.js.map`]);

describe("what is published", () => {
  beforeAll(() => {
    if (!isBun) says(root, "npm", "run", "--silent", "build");
  });

  once("is the same to the byte wherever and by whatever it is built", () => {
    const copy = mkdtempSync(join(tmpdir(), "posix-signal-build-"));
    try {
      for (const path of [".ci", "mod.ts", "ffi", "src", "package.json", "tests/support/tsconfig.json"]) {
        cpSync(projectPath(path), join(copy, path), { recursive: true });
      }
      symlinkSync(projectPath("node_modules"), join(copy, "node_modules"));
      const read = (directory: string) =>
        readdirSync(join(directory, "dist")).sort().map((name) => [
          name,
          readFileSync(join(directory, "dist", name), "utf8"),
        ]);
      const before = read(root);
      assertEquals(before.map(([name]) => `dist/${name}`), [...BUILT, "dist/npm.d.ts"].sort());
      for (const words of [["node"], ["bun"], ["deno", "run", "-A"]]) {
        says(copy, words[0], ...words.slice(1), ".ci/bundle.mjs");
        const after = read(copy);
        assertEquals(after.map(([name]) => name), before.map(([name]) => name));
        for (const [i, [name, text]] of after.entries()) {
          assertEquals(text === before[i][1], true, `${words[0]}: ${name}`);
        }
      }
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  once("is parsed by older runtimes: no `using` is left", () => {
    for (const name of ["mod", "save"]) {
      const text = readFileSync(projectPath(`dist/${name}.js`), "utf8");
      assertEquals(/^\s*(await )?using /m.test(text), false);
    }
  });

  once("has a source map, with the sources", () => {
    for (const name of ["mod", "save"]) {
      assertStringIncludes(
        readFileSync(projectPath(`dist/${name}.js`), "utf8"),
        `\n//# sourceMappingURL=${name}.js.map\n`,
      );
      const { sources, sourcesContent } = json(`dist/${name}.js.map`) as {
        sources: string[];
        sourcesContent: string[];
      };
      for (const [i, source] of sources.entries()) {
        assertEquals(sourcesContent[i] === readFileSync(projectPath(`dist/${source}`), "utf8"), true, source);
      }
    }
  });

  once("has every doc comment of the sources: deno doc", () => {
    interface Page {
      module_doc?: unknown;
      symbols: { name: string; declarations: { kind: string; jsDoc?: unknown }[] }[];
    }
    const documented = (entry: string) => {
      const nodes = JSON.parse(says(root, "deno", "doc", "--json", entry).stdout).nodes as Record<string, Page>;
      return Object.values(nodes).map(({ module_doc, symbols }) => ({
        module_doc,
        symbols: symbols.map(({ name, declarations }) => ({
          name,
          docs: declarations.flatMap(({ jsDoc }) => jsDoc ?? []),
        }))
          .sort((a, b) => a.name < b.name ? -1 : 1),
      }));
    };
    for (const [source, built] of [["mod.ts", "dist/mod.js"], ["ffi/save.ts", "dist/save.js"]]) {
      assertEquals(documented(built), documented(source));
    }
    assertEquals(says(root, "deno", "doc", "--lint", "dist/mod.js", "dist/save.js").stdout, "");
  });

  once("is what deno publish takes, with the texts, and has no slow types", () => {
    const { stderr } = says(root, "deno", "publish", "--dry-run", "--allow-dirty");
    assertStringIncludes(stderr, "Checking for slow types");
    assertStringIncludes(stderr, "Success");
    const files = [...stderr.matchAll(/^ +(file:\/\/\S+) \(/gm)].map(([, url]) =>
      decodeURIComponent(new URL(url).pathname).slice(root.length)
    );
    assertEquals(files.sort(), [...BUILT, ...TEXTS, "deno.json"].sort());
  });

  it("runs nothing where it is installed, and asks for nothing else", () => {
    const { scripts, dependencies, peerDependencies } = json("package.json");
    const run = ["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts);
    assertEquals([run, dependencies, peerDependencies], [[], undefined, undefined]);
  });

  once("is what npm pack takes, with the texts, and every file that package.json names", () => {
    const [{ files }] = JSON.parse(says(root, "npm", "pack", "--dry-run", "--json", "--silent").stdout) as [
      { files: { path: string }[] },
    ];
    const packed = files.map(({ path }) => path).sort();
    assertEquals(packed, [...BUILT, ...TEXTS, "dist/npm.d.ts", "package.json"].sort());
    const named = JSON.stringify(json("package.json").exports).match(/\.\/[\w./]+/g)!.filter((path) =>
      /\.[jt]s$/.test(path)
    );
    assertEquals(named.filter((path) => !existsSync(projectPath(path))), []);
  });
});
