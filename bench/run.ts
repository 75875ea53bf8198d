/** Asks all questions, or the named ones: `deno task bench [--quick] [--rounds=N] [roundtrip flood ...]`.
 *
 * Writes bench/results/latest.json and latest.md, bench/charts, and the tables of README.md and bench/README.md.
 * The answers to questions that were not asked stay as they were, each with its own date; with `--tables` none is
 * asked. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { question as burst } from "./burst.ts";
import { question as calls } from "./calls.ts";
import { question as flood } from "./flood.ts";
import { question as handler } from "./handler.ts";
import { question as idle } from "./idle.ts";
import { question as roundtrip } from "./roundtrip.ts";
import { question as startup } from "./startup.ts";
import { charts } from "./support/charts.ts";
import { commit, projectPath, versions } from "./support/programs.ts";
import type { Question } from "./support/question.ts";
import { digits, figures, goals, markdown, type Results } from "./support/report.ts";
import { question as timer } from "./timer.ts";

const QUESTIONS: readonly Question[] = [roundtrip, flood, burst, calls, startup, idle, timer, handler];

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

// A short run is no result: it goes where git does not look.
const directory = projectPath(quick ? "bench/results/tmp/quick" : "bench/results");
const pictures = quick ? directory : projectPath("bench/charts");
mkdirSync(directory, { recursive: true });
mkdirSync(pictures, { recursive: true });
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
const asked = words.includes("--tables")
  ? []
  : QUESTIONS.filter(({ name }) => names.length === 0 || names.includes(name));
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
    // The others are worth having all the same.
    console.error(`${question.name} failed:`, error);
    process.exitCode = 1;
  }
  writeFileSync(file, JSON.stringify(collect(), null, 2) + "\n");
}

const results = asked.length > 0 ? collect() : before as Results;
writeFileSync(`${directory}/latest.md`, markdown(results));
const written = [file, `${directory}/latest.md`];
for (const [name, svg] of await charts(results)) {
  writeFileSync(`${pictures}/${name}.svg`, `<!-- deno-fmt-ignore-file -->\n${svg}\n`);
}
/** Writes a table where a page has a place for it. */
function place(page: string, name: string, table: string): void {
  const path = projectPath(page);
  const [start, end] = [`<!-- ${name}: written by bench/run.ts -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(path, "utf8");
  const [head, rest] = text.split(start);
  if (!rest?.includes(end)) throw new Error(`Cannot write the table: ${path} has no place for it`);
  writeFileSync(path, `${head}${start}\n\n${table}\n\n${end}${rest.slice(rest.indexOf(end) + end.length)}`);
  written.push(path);
}
if (!quick) {
  place("bench/README.md", "goals", goals(results));
  place("README.md", "figures", figures(results));
}
spawnSync(process.execPath, ["fmt", "--quiet", ...written]);
console.error(`wrote ${directory}/latest.json, latest.md, and the charts in ${pictures}`);
