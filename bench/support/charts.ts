/** Charts as SVG, drawn without a browser: bars of medians, with the rounds' spread as a line. */
import { parse, View } from "vega";
import { compile } from "vega-lite";
import type { Measure } from "./question.ts";
import type { Results } from "./report.ts";

interface Chart {
  readonly question: string;
  readonly conditions: readonly string[];
  readonly axis: string;
}

const CHARTS: readonly Chart[] = [
  {
    question: "roundtrip",
    conditions: ["one core", "two cores"].flatMap((where) =>
      ["hot", "300 µs idle", "50 ms idle"].map((gap) => `${gap}, ${where}`)
    ),
    axis: "microseconds, less is better",
  },
  { question: "flood", conditions: ["values a second"], axis: "values a second, more is better" },
  {
    question: "calls",
    conditions: ["kill(pid, 0)", "alarm(0)", "setitimer", "sigprocmask", "getsignal"],
    axis: "nanoseconds, less is better",
  },
];

function draw(
  title: string,
  subtitle: string,
  { conditions, axis }: Chart,
  measures: readonly Measure[],
): Promise<string> {
  const values = measures.filter(({ condition }) => conditions.includes(condition))
    .map(({ subject, condition, median, low, high }) => ({ subject, condition, median, low, high }));
  const subjects = [...new Set(values.map(({ subject }) => subject))];
  const shared = { y: { field: "subject", type: "nominal", sort: subjects, title: null, axis: { labelLimit: 300 } } };
  const { spec } = compile({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: title, subtitle, anchor: "start" },
    data: { values },
    facet: { field: "condition", type: "nominal", sort: [...conditions], title: null },
    columns: conditions.length > 3 ? 3 : conditions.length,
    resolve: { scale: { x: "independent" } },
    spec: {
      width: 260,
      layer: [
        {
          mark: "bar",
          encoding: {
            ...shared,
            x: { field: "median", type: "quantitative", title: axis },
            color: {
              condition: { test: "test(/^(ours|signal|events).* on /, datum.subject)", value: "#2b6cb0" },
              value: "#a0aec0",
            },
          },
        },
        {
          mark: { type: "rule", strokeWidth: 1.5 },
          encoding: { ...shared, x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
        },
      ],
    },
    // deno-lint-ignore no-explicit-any -- the literal types of its nested unions are lost on a variable
  } as any);
  return new View(parse(spec), { renderer: "none" }).toSVG();
}

/** For each chart whose question was asked: its name and picture. */
export async function charts(results: Results): Promise<[name: string, svg: string][]> {
  const pictures: [string, string][] = [];
  for (const chart of CHARTS) {
    const answer = results.questions[chart.question];
    if (!answer) continue;
    const { Deno, Bun } = results.versions;
    const subtitle = `${
      answer.date.slice(0, 10)
    }, ${results.processor}, ${results.cores} cores, Deno ${Deno}, Bun ${Bun}`;
    pictures.push([chart.question, await draw(answer.title, subtitle, chart, answer.measures)]);
  }
  return pictures;
}
