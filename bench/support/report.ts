/** Results as Markdown. */
import type { Answer, Comparison, Goal, Measure } from "./question.ts";

export interface Results {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly quick: boolean;
  readonly rounds: number;
  readonly versions: Record<string, string>;
  readonly questions: Record<string, { title: string; date: string; commit: string } & Answer>;
}

const where = ({ date, processor, cores, versions }: Results): string =>
  `${date.slice(0, 10)}, ${processor}, ${cores} cores, ${
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")
  }.`;

/** Three digits that count. */
export function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function goalText({ atMost, atLeast, every, limit }: Goal): string {
  if (limit) return "what it takes anyone";
  const bound = atMost === atLeast ? `${atMost}` : atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return every ? `${bound}, every round` : bound;
}

const row = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const range = ({ low, high }: { low: number; high: number }): string => `${digits(low)} – ${digits(high)}`;

function measureRow({ subject, condition, unit, rounds, ...of }: Measure): string {
  return row([subject, condition, `${digits(of.median)} ${unit}`.trim(), range(of), String(rounds.length)]);
}

function comparisonRow({ what, unit, goal, met, ...of }: Comparison): string {
  const verdict = met === undefined ? "" : met ? "met" : "**not met**";
  return row([what, `${digits(of.median)} ${unit}`.trim(), range(of), goal ? goalText(goal) : "", verdict]);
}

export function markdown(results: Results): string {
  const lines = [
    "# Results",
    "",
    where(results),
    "Medians of the rounds, and the least and most of them.",
  ];
  if (results.quick) lines.push("A short run: it shows that all works, and little else.");
  for (const { title, date, commit, comparisons, measures } of Object.values(results.questions)) {
    lines.push(
      "",
      `## ${title}`,
      "",
      `${date}, commit ${commit}.`,
      "",
      "| compared | median | rounds | goal | |",
      "|---|---|---|---|---|",
    );
    lines.push(...comparisons.map(comparisonRow));
    lines.push("", "| who | what | median | rounds | how many |", "|---|---|---|---|---|", ...measures.map(measureRow));
  }
  return lines.join("\n") + "\n";
}

/** Everything of which something is wanted, in one table. */
export function goals(results: Results): string {
  const lines = [
    where(results),
    `Median of the rounds (${results.rounds} unless latest.md says otherwise), least and most of them.`,
    "",
    "| question | compared | median | rounds | goal | |",
    "|---|---|---|---|---|---|",
  ];
  for (const [name, { comparisons }] of Object.entries(results.questions)) {
    for (const comparison of comparisons) {
      if (comparison.goal) lines.push(`| ${name} ${comparisonRow(comparison)}`);
    }
  }
  return lines.join("\n");
}

/** The columns of README's table, and who stands in them. */
const COLUMNS: readonly (readonly [title: string, ...subjects: string[]])[] = [
  ["here, on Deno", "ours on Deno", "signal() on Deno", "Deno, signal(), published"],
  ["Deno's own", "Deno.addSignalListener", "Deno, own listener"],
  ["here, on Bun", "ours on Bun", "signal() on Bun", "Bun, signal(), published"],
  ["Bun's own", "Bun process.on", "Bun, own listener"],
  ["Node's own", "Node process.on", "Node 26, own listener"],
  ["Python", "Python sigwaitinfo", "Python signal"],
  ["C", "C", "C sigwaitinfo"],
];

/** Its rows: a question, and the condition that tells most. */
const ROWS: readonly (readonly [title: string, question: string, condition: string])[] = [
  ["from an outside `kill` to the handler's answer, both on one core", "roundtrip", "hot, one core"],
  ["the same, after 300 µs of idleness", "roundtrip", "300 µs idle, one core"],
  ["the same, each on a core of its own, without idleness", "roundtrip", "hot, two cores"],
  ["queued values a second; Python and C in a loop of `sigwaitinfo`", "flood", "values a second"],
  ["`check()` with nothing pending", "calls", "check()"],
  ["`kill(pid, 0)`", "calls", "kill(pid, 0)"],
  ["processor time of a program that installs one handler and ends", "startup", "processor time"],
  ["the same, most memory", "startup", "most memory"],
];

/** A few of the medians, for those who do not see the charts. */
export function figures(results: Results): string {
  const cell = (question: string, condition: string, subjects: readonly string[]): string => {
    const measures = results.questions[question]?.measures.filter((measure) => measure.condition === condition) ?? [];
    const [found] = subjects.flatMap((subject) => measures.filter((measure) => measure.subject === subject));
    if (!found) return "";
    if (found.unit !== "1/s") return `${digits(found.median)} ${found.unit}`;
    return `${digits(Math.round(found.median / 1000))},000`;
  };
  return [
    `Medians of a run of ${where(results)}`,
    "",
    row(["", ...COLUMNS.map(([title]) => title)]),
    row(["---", ...COLUMNS.map(() => "---")]),
    ...ROWS.map(([title, question, condition]) =>
      row([title, ...COLUMNS.map(([, ...subjects]) => cell(question, condition, subjects))])
    ),
  ].join("\n");
}
