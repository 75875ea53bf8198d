/** The package inside a program of one file, made by its users' bundlers, and run where no package is installed. */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { isBun } from "../support/process.ts";
import { assertAnswers } from "../support/shipped.ts";
import { bun, deno, esbuild, fetchTools, node, pack, program, Project } from "./project.ts";

// These programs are the same on either runtime.
const once = isBun ? it.skip : it;

const run: Record<string, (file: string) => string[]> = {
  Bun: (file) => [bun, file],
  Deno: (file) => [deno, "run", "--no-prompt", "--allow-ffi", file],
  "Node 26.10": (
    file,
  ) => [node("26.10"), "--disable-warning=ExperimentalWarning", file],
};
const everywhere = Object.keys(run);

const BUNDLERS: [words: string, runsOn: string[]][] = [
  [`${bun} build main.ts --outfile OUT.mjs`, everywhere],
  [`${bun} build main.ts --minify --target=bun --outfile OUT.mjs`, ["Bun"]],
  [`${bun} build main.ts --target=node --outfile OUT.mjs`, everywhere],
  [
    `${bun} build main.ts --format=cjs --target=node --outfile OUT.cjs`,
    everywhere,
  ],
  [
    `${esbuild} main.ts --bundle --format=esm --log-level=warning --outfile=OUT.mjs`,
    everywhere,
  ],
  [
    `${esbuild} main.ts --bundle --format=esm --minify --log-level=warning --outfile=OUT.mjs`,
    everywhere,
  ],
  [
    `${esbuild} main.ts --bundle --platform=node --log-level=error --outfile=OUT.cjs`,
    everywhere,
  ],
  [
    `${deno} bundle --quiet --platform=deno --output OUT.mjs main.ts`,
    everywhere,
  ],
  [
    `${deno} bundle --quiet --minify --platform=browser --output OUT.mjs main.ts`,
    everywhere,
  ],
];

describe("a bundle of a program that uses the package", () => {
  let project: Project;
  beforeAll(() => {
    if (isBun) return;
    fetchTools();
    using packing = new Project();
    project = new Project(pack(packing.directory).archive);
    project.save("main.ts", program());
  });
  afterAll(() => project?.[Symbol.dispose]());

  const shown = (words: string) => words.replace(/^\S*\//, "").replace(/ --(quiet|log-level=\w+)/g, "");

  for (const [words, runsOn] of BUNDLERS) {
    once(
      `runs by itself on ${runsOn.join(", ")}: ${shown(words)}`,
      async () => {
        using elsewhere = new Project();
        const output = `bundle${/\.[cm]js/.exec(words)![0]}`;
        await project.succeeds(
          words.replace(/OUT\.[cm]js/, elsewhere.path(output)),
        );
        for (const name of runsOn) {
          await assertAnswers(run[name](output), { cwd: elsewhere.directory });
        }
      },
    );
  }

  once("runs by itself, as an executable: bun build --compile", async () => {
    using elsewhere = new Project();
    await project.succeeds(
      `${bun} build --compile main.ts --outfile ${elsewhere.path("program")}`,
    );
    await assertAnswers([elsewhere.path("program")], { cwd: "/" });
  });
});
