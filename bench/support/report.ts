/** All results as Markdown. */
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

export const where = ({ date, processor, cores, versions }: Results): string =>
  `${date.slice(0, 10)}, ${processor}, ${cores} cores, ${
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")
  }.`;

/** Three significant digits. */
export function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export function goalText({ atMost, atLeast, every, limit }: Goal): string {
  if (limit) return "what it takes anyone";
  const bound = atMost === atLeast ? `${atMost}` : atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return every ? `${bound}, every round` : bound;
}

export const row = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
export const range = ({ low, high }: { low: number; high: number }): string => `${digits(low)} – ${digits(high)}`;

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
