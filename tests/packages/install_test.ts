/** Installing a checkout: every platform gets its builds, and npm changes nothing and asks nothing. */
import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { isBun, projectPath, shell } from "../support/process.ts";
import { fetchTools, npms, once, Project } from "./project.ts";

/** Where the newest packages are tested, .ci/packages.mjs has removed the lock. */
const withLock = existsSync(projectPath("package-lock.json")) ? once : it.skip;

interface Entry {
  name?: string;
  resolved?: string;
  link?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}
const read = (path: string) => readFileSync(projectPath(path), "utf8");

for (const directory of ["", "tests/packages/", "tests/support/node/"]) {
  const file = `${directory}package-lock.json`;
  const { packages } = JSON.parse(read(file)) as {
    packages: Record<string, Entry>;
  };

  describe(file, () => {
    withLock(
      "names the builds for every platform of every package that has some",
      () => {
        const paths = Object.keys(packages);
        const missing = Object.values(packages).flatMap(({ optionalDependencies = {}, inBundle }) =>
          inBundle ? [] : Object.keys(optionalDependencies)
        ).filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
        assertEquals(missing, []);
      },
    );

    withLock("names no registry", () => {
      assertEquals(
        Object.values(packages).filter(({ resolved, link }) => resolved && !link),
        [],
      );
    });

    withLock(
      "and package.json say of every install script whether it may run",
      () => {
        const { allowScripts = {} } = JSON.parse(
          read(`${directory}package.json`),
        );
        const scripts = Object.entries(packages).filter((
          [, { hasInstallScript }],
        ) => hasInstallScript)
          .map(([path, { name }]) => name ?? path.slice(path.lastIndexOf("node_modules/") + 13));
        assertEquals(
          [...new Set(scripts)].sort(),
          Object.keys(allowScripts).sort(),
        );
      },
    );
  });
}

describe("npm install", () => {
  beforeAll(() => {
    if (!isBun) fetchTools();
  });

  for (const [version, npm] of Object.entries(npms)) {
    withLock(
      `leaves package-lock.json as it is: npm ${version}`,
      async () => {
        using project = new Project();
        for (
          const path of [
            "package.json",
            "package-lock.json",
            ".npmrc",
            "tests/std",
          ]
        ) {
          mkdirSync(dirname(project.path(path)), { recursive: true });
          cpSync(projectPath(path), project.path(path), { recursive: true });
        }
        const words = [
          ...npm,
          "install",
          "--package-lock-only",
          "--ignore-scripts",
          "--no-audit",
          "--no-fund",
        ];
        const { code, stderr } = await shell(words.join(" "), {
          cwd: project.directory,
          limitMs: 120_000,
        });
        assertEquals([code, code === 0 ? "" : stderr], [0, ""]);
        assertEquals(
          readFileSync(project.path("package-lock.json"), "utf8"),
          read("package-lock.json"),
        );
      },
    );
  }
});
