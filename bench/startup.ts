/** What does importing the module and installing a first handler add to a program, in time and in
 * memory? And what do the same of the runtime's means take that anything of this kind needs? */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { compile, json, nativePart, projectPath, runtimes, stay } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const EMPTY = "empty program", OURS = "with a first signal()", BUNDLED = "the same in one file";
const FUNCTION = "one C function", FLOOR = "that and a way to be woken", MODULES = "as many empty modules";
const IMPORT = "importing alone", FUNCTIONS = "the C functions alone", SHA256 = "SHA-256 of the library alone";
/** What no program of this kind can do without. */
const LIMITS = [FUNCTIONS, FUNCTION, FLOOR, MODULES];

function status(pid: number, key: string): number {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${key}:\\s+(\\d+)`, "m"))![1]) / 1024;
}

/** Makes a program of as many modules as this one has, of one line each; its path from bench/peers. */
function makeModules(): string {
  const directory = projectPath("bench/results/tmp/modules");
  mkdirSync(directory, { recursive: true });
  const ours = ["src", "ffi"].flatMap((below) => readdirSync(projectPath(below), { recursive: true }).map(String))
    .filter((path) => path.endsWith(".ts") && !/^native|^save/.test(path));
  ours.forEach((_, i) => writeFileSync(`${directory}/${i}.ts`, `export const number: number = ${i};\n`));
  const imports = ["../../../peers/stay.js", ...ours.map((_, i) => `./${i}.ts`)];
  writeFileSync(`${directory}/all.js`, imports.map((path) => `import "${path}";\n`).join(""));
  return "../results/tmp/modules/all.js";
}

/** Our program in one file, as a program is shipped that is to start quickly; its path from bench/peers. */
function bundle(name: string, executable: string): string {
  const path = `../results/tmp/startup_${name}.js`;
  const file = projectPath(`bench/peers/${path}`);
  const source = projectPath("bench/peers/startup_ours.ts");
  const words = name === "Deno"
    ? ["bundle", "--quiet", "--platform=deno", "--output", file, source]
    : ["build", "--target=bun", "--outfile", file, source];
  const { status, stderr } = spawnSync(executable, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot bundle for ${name}:\n${stderr}`);
  return path;
}

export const question: Question = {
  name: "startup",
  title: "Starting, and resident memory",
  async run(context) {
    const modules = makeModules();
    const driver = compile("startup");
    const book = new Notebook();
    const programs = runtimes.flatMap(({ name, command }) => {
      const program = (what: string, file: string, ...words: string[]) => ({
        name: `${name}, ${what}`,
        command: (...args: string[]) => command(file, ...words, ...args),
      });
      return [
        program(EMPTY, "startup_empty.js"),
        program(FUNCTION, "startup_function.js"),
        program(FLOOR, "startup_floor.js"),
        program(MODULES, modules),
        program(OURS, "startup_ours.ts"),
        program(BUNDLED, bundle(name, command("")[0])),
        program(IMPORT, "startup_import.js"),
        program(FUNCTIONS, "startup_functions.js", nativePart),
        ...(name === "Deno" ? [program(SHA256, "startup_sha256.js")] : []),
      ];
    });

    context.progress("whole processes");
    const runs = context.quick ? 5 : 40;
    const words = programs.flatMap(({ command }) => ["--", ...command()]);
    const results = await json<{ ms: number[]; cpu: number[]; kib: number[] }[]>([driver, String(runs), ...words]);
    results.forEach(({ ms, cpu, kib }, i) => {
      ms.forEach((value) => book.note(programs[i].name, "whole process", "ms", value));
      cpu.forEach((value) => book.note(programs[i].name, "processor time", "ms", value));
      kib.forEach((value) => book.note(programs[i].name, "most memory, whole process", "MB", value / 1024));
    });

    const rounds = context.quick ? 2 : 10;
    await interleave({ ...context, rounds }, programs, async ({ name, command }) => {
      const program = stay(command("stay"));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      for (const key of ["VmRSS", "VmHWM", "RssAnon"]) {
        book.note(name, `${key} after 1 s`, "MB", status(program.pid, key));
      }
      program.stop();
    });

    for (const { name } of runtimes) {
      for (const what of [OURS, BUNDLED, IMPORT, ...(name === "Deno" ? [SHA256] : []), ...LIMITS]) {
        const pair = [`${name}, ${what}`, `${name}, ${EMPTY}`] as const;
        const ours = what === OURS || what === BUNDLED;
        const other = LIMITS.includes(what) ? { limit: true } : undefined;
        // On a busy machine the time of a process is that of others.
        for (const key of ["whole process", "processor time"]) {
          book.difference(...pair, key, "ms", ours ? { atMost: 5 } : other);
        }
        book.difference(...pair, "VmRSS after 1 s", "MB", ours ? { atMost: 1.5 } : other);
        for (const key of ["most memory, whole process", "VmHWM after 1 s", "RssAnon after 1 s"]) {
          book.difference(...pair, key, "MB");
        }
      }
    }
    return book;
  },
};
