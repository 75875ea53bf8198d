/** The package unpacked beside a program for Deno, as README says: the project's own checks do not include it. */
import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { projectPath } from "../support/process.ts";
import { assertAnswers } from "../support/shipped.ts";
import { bun, deno, once, pack, program, Project } from "./project.ts";

const MAIN = `import * as signal from "@posix/signal";

signal.signal("SIGHUP", (_signum, info) => console.log(info.name));
signal.raise("SIGHUP");
`;

describe("the package unpacked beside a program for Deno", () => {
  const readme = readFileSync(projectPath("README.md"), "utf8");
  const [, json] = /```json\n(\{\n {2}"imports".*?\n)```/s.exec(readme)!;

  once(
    "runs, and leaves the project's own check, lint and fmt alone",
    async () => {
      using project = new Project();
      const { archive } = pack(project.directory);
      assertEquals(readme.includes("(`tar -xzf posix-signal-"), true);
      await project.succeeds(`tar -xzf ${archive}; rm ${archive}`);
      project.save("deno.json", json);
      project.save("main.ts", MAIN);
      assertEquals(
        await project.succeeds(`${deno} run --no-prompt --allow-ffi main.ts`),
        "SIGHUP\n",
      );
      for (const words of ["check", "check .", "lint", "fmt --check"]) {
        await project.succeeds(`${deno} ${words} 2>&1`);
      }
      const checked = await project.succeeds(
        `${deno} lint 2>&1; ${deno} fmt --check 2>&1`,
      );
      assertEquals(checked, "Checked 1 file\nChecked 2 files\n"); // main.ts, and deno.json
      project.save(
        "wrong.ts",
        'import { raise } from "@posix/signal";\n\nraise("SIGTREM");\n',
      );
      assertEquals(
        await project.succeeds(
          `${deno} check 2>&1 | grep -o "'\\"SIGTREM\\"'"`,
        ),
        "'\"SIGTREM\"'\n",
      );
    },
  );

  once(
    "runs as a copy among the sources of a program, in Bun as well",
    async () => {
      using project = new Project();
      const { archive } = pack(project.directory);
      await project.succeeds(
        `tar -xzf ${archive}; mkdir vendor; mv package vendor/signal`,
      );
      project.save("main.ts", program("./vendor/signal/dist/mod.js"));
      for (
        const words of [[bun], [deno, "run", "--no-prompt", "--allow-ffi"]]
      ) {
        await assertAnswers([...words, "main.ts"], { cwd: project.directory });
      }
    },
  );
});
