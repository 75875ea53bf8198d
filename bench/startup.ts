/** How much time and memory does this module add to a program's start, compared with the runtime's own listener? For
 * the package as it is published, in `node_modules` of a project, and for its sources. */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { compile, json, projectPath, runtimes } from "./support/programs.ts";
import { type Goal, Notebook, type Question } from "./support/question.ts";

const EMPTY = "empty program", OWN = "own listener", FLOOR = "ten C functions and own listener";
const MODULE = "own listener in two modules", IMPORT = "own listener, this module imported";
const PUBLISHED = "signal(), published", SOURCE = "signal(), from source";
const OWN_STAYS = "own listener, 100 ms", PUBLISHED_STAYS = "signal(), published, 100 ms";

const FILES: Readonly<Record<string, string>> = {
  [EMPTY]: "startup_empty.js",
  [OWN]: "startup_own.js",
  [FLOOR]: "startup_floor.js",
  [MODULE]: "startup_module.js",
  [IMPORT]: "startup_import.js",
  [PUBLISHED]: "startup_published.js",
  [SOURCE]: "startup_source.ts",
  [OWN_STAYS]: "startup_own_stays.js",
  [PUBLISHED_STAYS]: "startup_published_stays.js",
};

/** The limit of our start time, as a multiple of that with the runtime's own listener. */
const GOALS: Readonly<Record<string, number>> = { Bun: 1.6, Deno: 1.3, "Node 26": 1.3 };
const MEMORY_MIB = 7;

/** A project in which the package is installed as `npm pack` packs it. @returns its path, relative to bench/peers */
function install(): string {
  const path = "../results/tmp/startup_project";
  const directory = projectPath(`bench/peers/${path}`);
  const installed = `${directory}/node_modules/@posix/signal`;
  rmSync(directory, { recursive: true, force: true });
  execFileSync("npm", ["run", "--silent", "build"], { cwd: projectPath("") });
  cpSync(projectPath("dist"), `${installed}/dist`, { recursive: true });
  copyFileSync(projectPath("package.json"), `${installed}/package.json`);
  for (const name of readdirSync(projectPath("bench/peers")).filter((name) => /^startup_.*\.js$/.test(name))) {
    copyFileSync(projectPath(`bench/peers/${name}`), `${directory}/${name}`);
  }
  return path;
}

/** Node with node:ffi, as the tests install it; otherwise the one on PATH if that is new enough. */
function newestNode(): string | undefined {
  const own = projectPath("tests/support/node/node_modules/.bin/node");
  if (existsSync(own)) return realpathSync(own);
  const [major, minor] = execFileSync("node", ["--version"], { encoding: "utf8" }).slice(1).split(".").map(Number);
  return major > 26 || major === 26 && minor >= 10 ? "node" : undefined;
}

export const question: Question = {
  name: "startup",
  title: "Starting, beside the runtime's own listener",
  async run(context) {
    const driver = compile("startup");
    const book = new Notebook();
    const project = install();
    const node = newestNode();
    if (!node) context.progress("without Node: `npm run test:node` fetches it");
    const all = [
      ...runtimes.map(({ name, command }) => ({ name: name as string, command })),
      ...(node
        ? [{
          name: "Node 26",
          command: (
            file: string,
          ) => [node, "--disable-warning=ExperimentalWarning", projectPath(`bench/peers/${file}`)],
        }]
        : []),
    ];

    const runs = context.quick ? 5 : 20;
    for (const { name, command } of all) {
      context.progress(`whole processes on ${name}`);
      const words = Object.values(FILES).flatMap((file) => [
        "--",
        ...command(file.endsWith(".ts") ? file : `${project}/${file}`),
      ]);
      const results = await json<{ ms: number[]; cpu: number[]; kib: number[] }[]>([driver, String(runs), ...words]);
      Object.keys(FILES).forEach((what, i) => {
        const { ms, cpu, kib } = results[i];
        for (const value of ms) book.note(`${name}, ${what}`, "whole process", "ms", value);
        for (const value of cpu) book.note(`${name}, ${what}`, "processor time", "ms", value);
        for (const value of kib) book.note(`${name}, ${what}`, "most memory", "MiB", value / 1024);
      });

      const compare = (what: string, to: string, goal?: Goal, memory?: Goal): void => {
        const pair = [`${name}, ${what}`, `${name}, ${to}`] as const;
        for (const key of ["whole process", "processor time"]) book.ratio(...pair, key, goal);
        book.difference(...pair, "most memory", "MiB", memory);
      };
      compare(PUBLISHED, OWN, { atMost: GOALS[name] }, { atMost: MEMORY_MIB });
      compare(PUBLISHED_STAYS, OWN_STAYS, undefined, { atMost: MEMORY_MIB });
      for (const what of [MODULE, FLOOR]) compare(what, OWN, { limit: true }, { limit: true });
      for (const what of [IMPORT, SOURCE, EMPTY]) compare(what, OWN);
    }
    return book;
  },
};
