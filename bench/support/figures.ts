/** The results that the pages quote: bench/figures.json, the source of the charts and the tables. */
import { digits, goalText, range, type Results, row, where } from "./report.ts";

/** The figures of one question. */
export interface Quoted {
  readonly title: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  /** Condition -> subject -> median, least, most. */
  readonly measures: Record<string, { unit: string; of: Record<string, readonly [number, number, number]> }>;
  readonly goals: number;
  /** The goals that were not met: compared, median, rounds, goal. */
  readonly missed: readonly (readonly string[])[];
}

export type Figures = Record<string, Quoted>;

export interface Chart {
  readonly question: string;
  readonly conditions: readonly string[];
  readonly axis: string;
}

export const CHARTS: readonly Chart[] = [
  {
    question: "roundtrip",
    conditions: ["hot, one core", "300 µs idle, one core"],
    axis: "microseconds, less is better",
  },
  { question: "flood", conditions: ["values a second"], axis: "values a second, more is better" },
  {
    question: "calls",
    conditions: ["kill(pid, 0)", "setitimer", "sigprocmask"],
    axis: "nanoseconds, less is better",
  },
];

/** The columns of README's table, each with the subjects that may fill it. */
const COLUMNS: readonly (readonly [title: string, ...subjects: string[]])[] = [
  ["here, on Deno", "ours on Deno", "signal() on Deno", "Deno, signal(), published"],
  ["Deno's own", "Deno.addSignalListener", "Deno, own listener"],
  ["here, on Bun", "ours on Bun", "signal() on Bun", "Bun, signal(), published"],
  ["Bun's own", "Bun process.on", "Bun, own listener"],
  ["Node's own", "Node process.on", "Node 26, own listener"],
  ["Python", "Python sigwaitinfo", "Python signal"],
  ["C", "C", "C sigwaitinfo"],
];

/** Its rows: a question and one of its conditions. */
const ROWS: readonly (readonly [title: string, question: string, condition: string])[] = [
  ["from an outside `kill` to the handler's answer, both on one core", "roundtrip", "hot, one core"],
  ["the same, after 300 µs of idleness", "roundtrip", "300 µs idle, one core"],
  ["the same, the first 200 signals of a process", "cold", "first 200, hot"],
  ["queued values a second; Python and C in a loop of `sigwaitinfo`", "flood", "values a second"],
  ["of 200 signals to a busy program, counted by it", "burst", "each after the one before was delivered"],
  ["`check()` with nothing pending", "calls", "check()"],
  ["`kill(pid, 0)`", "calls", "kill(pid, 0)"],
  ["processor time of a program that installs one handler and ends (Node 26)", "startup", "processor time"],
  ["the same, most memory", "startup", "most memory"],
];

/** The results that are stored. */
export function quoted(results: Results): Figures {
  const shown = (question: string, condition: string) =>
    ROWS.some(([, asked, about]) => asked === question && about === condition) ||
    CHARTS.some((chart) => chart.question === question && chart.conditions.includes(condition));
  const short = (value: number) => Number(value.toPrecision(4));
  return Object.fromEntries(
    Object.entries(results.questions).map(([name, { title, date, commit, measures, comparisons }]) => {
      const kept: Quoted["measures"] = {};
      for (const { subject, condition, unit, median, low, high } of measures) {
        if (!shown(name, condition)) continue;
        (kept[condition] ??= { unit, of: {} }).of[subject] = [short(median), short(low), short(high)];
      }
      const judged = comparisons.filter(({ met }) => met !== undefined);
      const missed = judged.filter(({ met }) => !met).map(({ what, unit, goal, ...of }) => [
        ...[what, `${digits(of.median)} ${unit}`.trim(), range(of), goalText(goal!)],
      ]);
      return [name, { title, date, commit, machine: where(results), measures: kept, goals: judged.length, missed }];
    }),
  );
}

/** The table of bench/README.md: the goals that were not met. */
export function goals(figures: Figures): string {
  const all = Object.entries(figures);
  const [asked, missed] = [all.reduce((sum, [, of]) => sum + of.goals, 0), all.flatMap(([, of]) => of.missed).length];
  return [
    `${asked - missed} of ${asked} goals are met. Not met:`,
    "",
    row(["question", "compared", "median", "rounds", "goal"]),
    row(Array(5).fill("---")),
    ...all.flatMap(([name, of]) => of.missed.map((cells) => row([name, ...cells]))),
  ].join("\n");
}

/** The table of README.md. */
export function table(figures: Figures): string {
  const cell = (question: string, condition: string, subjects: readonly string[]): string => {
    const { unit = "", of = {} } = figures[question]?.measures[condition] ?? {};
    const found = subjects.find((subject) => subject in of);
    if (!found) return "";
    const [median] = of[found];
    if (unit === "counted") return String(median);
    return unit === "1/s" ? `${digits(Math.round(median / 1000))},000` : `${digits(median)} ${unit}`;
  };
  return [
    `Medians, ${figures.roundtrip.machine}`,
    "",
    row(["", ...COLUMNS.map(([title]) => title)]),
    row(["---", ...COLUMNS.map(() => "---")]),
    ...ROWS.filter(([, question, condition]) => figures[question]?.measures[condition]).map((
      [title, question, condition],
    ) => row([title, ...COLUMNS.map(([, ...subjects]) => cell(question, condition, subjects))])),
  ].join("\n");
}
