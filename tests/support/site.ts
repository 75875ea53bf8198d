/** `deno task site`: the reference as `deno doc --html` makes it, with the pages of the folders among the modules, in
 * site/. The first page is README.md. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "./process.ts";

/** The name of each page on the site, and its source file. */
export const PAGES: Record<string, string> = {
  contract: "src/README.md",
  services: "src/SERVICES.md",
  native: "ffi/README.md",
  examples: "examples/README.md",
  tests: "tests/README.md",
  benchmarks: "bench/README.md",
  contributing: "CONTRIBUTING.md",
  changelog: "CHANGELOG.md",
  licence: "LICENSE",
};

/** A page as the doc comment of a module. Links to other pages are kept; a link into the sources, which are not part of
 * the site, is reduced to its text. `up` is the path from the page to the first one. */
function moduleDoc(file: string, up: string): string {
  const folder = file.includes("/") ? `${file.split("/")[0]}/` : "";
  const text = readFileSync(projectPath(file), "utf8").replace(/<!--.*?-->\n*/gs, "").replace(
    /(!?)\[([^\]]*)\]\(([^)#:]+)\)/g,
    (_, image: string, label: string, path: string) => {
      const target = new URL(path, `file:///${folder}`).pathname.slice(1);
      if (image) return `![${label}](${up}${target})`;
      if (target === "README.md") return `[${label}](${up}index.html)`;
      const page = Object.keys(PAGES).find((name) => PAGES[name] === target || PAGES[name] === `${target}README.md`);
      return page ? `[${label}](${up}${page}/index.html)` : label;
    },
  );
  return text.replaceAll("*/", `*${BREAK}/`);
}

/** Keeps the end of a comment out of the pages; removed again. */
const BREAK = "\u200b";

/** Links to the sources lead to the copies in `source/`. */
function finish(output: string, directory: string): void {
  for (const part of ["mod.ts", "src", "ffi"]) {
    cpSync(projectPath(part), join(output, "source", part), { recursive: true });
  }
  for (const page of readdirSync(output, { recursive: true, encoding: "utf8" })) {
    if (!page.endsWith(".html")) continue;
    const file = join(output, page), up = "../".repeat(page.split("/").length - 1);
    const text = readFileSync(file, "utf8").replaceAll("&#x2F;", "/").replaceAll(BREAK, "");
    writeFileSync(file, text.replaceAll(`file://${directory}/`, `${up}source/`));
  }
}

const asComment = (text: string): string =>
  `/**\n${text.split("\n").map((line) => ` * ${line}\n`).join("")} * @module */\n`;

/** Writes the site to `output`; throws the message of `deno doc` if that fails. */
export function buildSite(output: string): void {
  const directory = mkdtempSync(join(tmpdir(), "posix-signal-site-"));
  try {
    for (const part of ["mod.ts", "src", "ffi"]) cpSync(projectPath(part), join(directory, part), { recursive: true });
    const exports: Record<string, string> = { ".": "./mod.ts", "./save": "./ffi/save.ts" };
    for (const [name, file] of Object.entries(PAGES)) {
      exports[`./${name}`] = `./${name}.ts`;
      writeFileSync(join(directory, `${name}.ts`), `${asComment(moduleDoc(file, "../"))}export {};\n`);
    }
    const names = readFileSync(join(directory, "mod.ts"), "utf8").replace(/^\/\*\*.*?\*\/\n/s, "");
    writeFileSync(join(directory, "mod.ts"), asComment(moduleDoc("README.md", "./")) + names);
    const { name, version } = JSON.parse(readFileSync(projectPath("deno.json"), "utf8"));
    writeFileSync(join(directory, "deno.json"), JSON.stringify({ name, version, exports }));
    const words = ["doc", "--html", `--name=${name}`, `--output=${output}`, ...Object.values(exports)];
    const { status, stderr } = spawnSync(projectPath("node_modules/.bin/deno"), words, {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    if (status !== 0) throw new Error(stderr);
    finish(output, directory);
    mkdirSync(join(output, "bench"), { recursive: true });
    cpSync(projectPath("bench/charts"), join(output, "bench/charts"), { recursive: true });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const output = projectPath("site");
  rmSync(output, { recursive: true, force: true });
  buildSite(output);
  console.log(`${output}/index.html`);
}
