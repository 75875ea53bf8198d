/** The package in `node_modules`, on every runtime that supports npm packages. */
import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { existsSync, readFileSync, statSync } from "node:fs";
import { libraryPath } from "../support/library.ts";
import { isBun, Program, projectPath } from "../support/process.ts";
import { assertAnswers } from "../support/shipped.ts";
import { bun, deno, node, once, pack, packedProject, program, Project } from "./project.ts";

const LIBRARY = libraryPath();

const permitted: Record<string, string[]> = {
  Bun: [bun, "main.ts"],
  Deno: [deno, "run", "--no-prompt", "--allow-ffi", "main.ts"],
  "Node 26.10": [
    node("26.10"),
    "--disable-warning=ExperimentalWarning",
    "main.ts",
  ],
  "Node 26.10, from CommonJS": [
    node("26.10"),
    "--disable-warning=ExperimentalWarning",
    "main.cjs",
  ],
  "Bun, by require()": [bun, "main.cjs"],
};

describe("from node_modules", () => {
  let project: Project;
  beforeAll(() => {
    if (isBun) return;
    project = packedProject();
    project.save("main.ts", program());
    project.save(
      "main.cjs",
      program().replace(
        /import \* as signal from (.*);/,
        "const signal = require($1);",
      ).replace("!", ""),
    );
  });
  afterAll(() => project?.[Symbol.dispose]());

  for (const [runtime, words] of Object.entries(permitted)) {
    once(
      `a program runs: ${runtime}`,
      () => assertAnswers(words, { cwd: project.directory }),
    );
  }

  for (const version of ["22", "24"] as const) {
    for (const file of ["main.mjs", "main.cjs"]) {
      once(
        `Node ${version} imports it, and the first call says what it needs: ${file}`,
        async () => {
          const load = file.endsWith(".mjs")
            ? `import * as signal from "@posix/signal"`
            : `const signal = require("@posix/signal")`;
          project.save(
            `old/${file}`,
            `${load};\ntry { signal.signal("SIGHUP", () => {}); } catch (error) { console.log(error.message); }\n`,
          );
          const { ended } = new Program([node(version), `old/${file}`], {
            cwd: project.directory,
          });
          const { code, stdout } = await ended;
          assertEquals(code, 0);
          assertMatch(
            stdout,
            /^Cannot load the native part of @posix\/signal: this Node, v\d+\.\d+\.\d+, has no node:ffi; it comes with Node 26\.10 or newer, run without --no-experimental-ffi\n$/,
          );
        },
      );
    }
  }

  once("`engines` names the oldest Node on which it runs", async () => {
    const { engines } = JSON.parse(
      readFileSync(projectPath("package.json"), "utf8"),
    );
    const version = await project.succeeds(`${node("26.10")} --version`);
    assertEquals([engines.node, version], [">=26.10.0", "v26.10.0\n"]);
  });

  for (
    const [name, command] of [["Bun", bun], [
      "Deno",
      `${deno} run --no-prompt --allow-write=.`,
    ], ["Node", node("26.10")]]
  ) {
    once(`@posix/signal/save writes the library: ${name}`, async () => {
      project.save("save.mjs", 'import "@posix/signal/save";\n');
      assertEquals(
        await project.succeeds(`${command} save.mjs`),
        "./libsignal.so\n",
      );
      assertEquals(
        statSync(project.path("libsignal.so")).size,
        statSync(LIBRARY).size,
      );
      await project.succeeds("rm libsignal.so");
    });
  }

  once("`bun add` installs it, and nothing else", async () => {
    using packing = new Project();
    using own = new Project();
    own.save("package.json", '{ "type": "module" }\n');
    own.save("main.ts", program());
    await own.succeeds(`${bun} add ${pack(packing.directory).archive}`);
    assertEquals(
      await own.succeeds("ls node_modules node_modules/@posix"),
      "node_modules:\n@posix\n\nnode_modules/@posix:\nsignal\n",
    );
    assertEquals(
      existsSync(own.path("node_modules/@posix/signal/mod.ts")),
      false,
    );
    await assertAnswers([bun, "main.ts"], { cwd: own.directory });
    await own.succeeds(`${bun} node_modules/@posix/signal/dist/save.js lib.so`);
    assertEquals(statSync(own.path("lib.so")).size, statSync(LIBRARY).size);
  });
});
