/** Charts as SVG, drawn without a browser: bars of medians, with the rounds' spread as a line. */
import { parse, View } from "vega";
import { compile } from "vega-lite";
import { type Chart, CHARTS, type Figures, type Quoted } from "./figures.ts";

function draw({ title, machine, measures }: Quoted, { conditions, axis }: Chart): Promise<string> {
  const values = conditions.flatMap((condition) =>
    Object.entries(measures[condition]?.of ?? {}).map(([subject, [median, low, high]]) => ({
      ...{ subject, condition, median, low, high },
    }))
  );
  const subjects = [...new Set(values.map(({ subject }) => subject))];
  const shared = { y: { field: "subject", type: "nominal", sort: subjects, title: null, axis: { labelLimit: 300 } } };
  const { spec } = compile({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: title, subtitle: machine.split(", Node")[0], anchor: "start" },
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
export function charts(figures: Figures): Promise<[name: string, svg: string][]> {
  const asked = CHARTS.filter(({ question }) => question in figures);
  return Promise.all(asked.map(async (chart) => [chart.question, await draw(figures[chart.question], chart)]));
}
