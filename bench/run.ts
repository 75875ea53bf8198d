/** Asks all questions, or the named ones: `deno task bench [--quick] [--rounds=N] [roundtrip flood ...]`.
 *
 * Every round goes to bench/results, which git ignores. The figures that the pages quote go to bench/figures.json, and
 * from there to bench/charts and the tables of README.md and bench/README.md; that wants a tree without changes, so
 * that the commit named beside the figures is the one that was measured. `--quick` writes to bench/results/tmp alone.
 * Questions that were not asked keep their figures, each with its own date and commit. `--tables` measures nothing and
 * writes charts and tables again. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { question as burst } from "./burst.ts";
import { question as calls } from "./calls.ts";
import { question as cold } from "./cold.ts";
import { question as flood } from "./flood.ts";
import { question as handler } from "./handler.ts";
import { question as idle } from "./idle.ts";
import { question as roundtrip } from "./roundtrip.ts";
import { question as startup } from "./startup.ts";
import { charts } from "./support/charts.ts";
import { commit, projectPath, versions } from "./support/programs.ts";
import type { Question } from "./support/question.ts";
import { type Figures, goals, quoted, table } from "./support/figures.ts";
import { digits, markdown, type Results } from "./support/report.ts";
import { question as timer } from "./timer.ts";
import { question as turns } from "./turns.ts";

const QUESTIONS: readonly Question[] = [roundtrip, cold, flood, burst, calls, startup, idle, turns, timer, handler];

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const quick = words.includes("--quick");
const rounds = Number(words.find((word) => word.startsWith("--rounds="))?.slice(9) ?? (quick ? 1 : 7));
const unknown = names.filter((name) => !QUESTIONS.some((question) => question.name === name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    `Cannot run ${words.join(" ")}: usage is [--quick] [--rounds=N] [--tables] [${
      QUESTIONS.map(({ name }) => name).join(" ")
    }]`,
  );
  process.exit(2);
}

const tables = words.includes("--tables");
if (!quick && !tables && commit().endsWith("-dirty")) {
  console.error("Cannot record figures: the tree has changes that are not committed; commit them, or try with --quick");
  process.exit(2);
}

const directory = projectPath(quick ? "bench/results/tmp/quick" : "bench/results");
mkdirSync(directory, { recursive: true });
const file = `${directory}/latest.json`;
const before: Partial<Results> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const answers = new Map(Object.entries(before.questions ?? {}));

function collect(): Results {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0].model,
    cores: cpus().length,
    quick,
    rounds,
    versions: versions(),
    questions: Object.fromEntries(
      QUESTIONS.flatMap(({ name }) => answers.has(name) ? [[name, answers.get(name)!]] : []),
    ),
  };
}

const began = Date.now();
const asked = tables ? [] : QUESTIONS.filter(({ name }) => names.length === 0 || names.includes(name));
for (const [i, question] of asked.entries()) {
  const progress = (text: string): void => {
    const seconds = Math.round((Date.now() - began) / 1000);
    console.error(`${String(seconds).padStart(4)} s  ${i + 1}/${asked.length} ${question.name}: ${text}`);
  };
  progress("begins");
  try {
    const { measures, comparisons } = await question.run({ quick, rounds, progress });
    answers.set(question.name, {
      title: question.title,
      date: new Date().toISOString(),
      commit: commit(),
      measures,
      comparisons,
    });
    for (const { what, unit, median, low, high, met } of comparisons) {
      const verdict = met === undefined ? "" : met ? "  met" : "  NOT MET";
      console.error(`        ${what}: ${digits(median)} ${unit} (${digits(low)} - ${digits(high)})${verdict}`);
    }
  } catch (error) {
    // The other questions are still asked.
    console.error(`${question.name} failed:`, error);
    process.exitCode = 1;
  }
  writeFileSync(file, JSON.stringify(collect(), null, 2) + "\n");
}

const written: string[] = [];
function write(path: string, text: string): void {
  writeFileSync(path, text);
  written.push(path);
}

/** Writes a table where a page has a place for it. */
function place(page: string, name: string, table: string): void {
  const path = projectPath(page);
  const [start, end] = [`<!-- ${name}: written by bench/run.ts -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(path, "utf8");
  const [head, rest] = text.split(start);
  if (!rest?.includes(end)) throw new Error(`Cannot write the table: ${path} has no place for it`);
  write(path, `${head}${start}\n\n${table}\n\n${end}${rest.slice(rest.indexOf(end) + end.length)}`);
}

/** Draws the charts; the tables follow where the figures are kept. */
async function publish(figures: Figures, pictures: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const [name, svg] of await charts(figures)) {
    writeFileSync(`${pictures}/${name}.svg`, `<!-- deno-fmt-ignore-file -->\n${svg}\n`);
  }
  if (quick) return;
  place("bench/README.md", "goals", goals(figures));
  place("README.md", "figures", table(figures));
}

const FIGURES = projectPath("bench/figures.json");
const kept: Figures = existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, "utf8")) : {};
if (tables) await publish(kept, projectPath("bench/charts"));
else {
  const results = collect();
  write(`${directory}/latest.md`, markdown(results));
  const figures = { ...(quick ? {} : kept), ...quoted(results) };
  if (!quick) {
    write(
      FIGURES,
      JSON.stringify(figures, null, 2).replace(/\[[^[\]]*\]/g, (list) => list.replace(/\s+/g, " ")),
    );
  }
  await publish(figures, quick ? directory : projectPath("bench/charts"));
}
spawnSync(process.execPath, ["fmt", "--quiet", ...written]);
console.error(`wrote ${written.join(", ")}`);
