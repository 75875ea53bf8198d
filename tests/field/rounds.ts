/** The matrix of matrix_test.ts with several rounds a cell, as a table of how often the deferred work was completed:
 * ours, then the control. Run it with the runtime in question; arguments, each NAME=VALUE: rounds=10, at=4 (concurrent
 * sessions), only=REGEX (of "layers: way"). */
import process from "node:process";
import { endOnce, type Outcome, type Way, type Who } from "./support/matrix.ts";
import { runtimeName } from "../support/process.ts";
import { several } from "./support/session.ts";
import { MORE_STACKS, OTHER_STACKS, RUNNER_STACKS } from "./support/stacks.ts";

const given = Object.fromEntries(process.argv.slice(2).map((word) => /^(\w+)=(.*)$/.exec(word)!.slice(1)));
const { rounds = "10", at = "4", only = "" } = given;
const WHO: Who[] = ["graceful", "plain"];

const chosen = [...RUNNER_STACKS, ...OTHER_STACKS, ...MORE_STACKS].map(({ layers, ways }) => ({
  layers,
  ways: ways.filter((way) => new RegExp(only).test(`${layers.join(" > ") || "nothing"}: ${way}`)),
})).filter(({ ways }) => ways.length > 0);

const statuses = (
  outcomes: Outcome[],
) => [...new Set(outcomes.map(({ outer, program }) => program && program !== outer ? `${outer} (${program})` : outer))];

console.log(
  `${runtimeName}, ${rounds} rounds: completed by ours / by the control, and how the outermost process ended`,
);
for (const { layers, ways } of chosen) {
  console.log(`\n${layers.join(" > ") || "nothing"}`);
  const cells = ways.flatMap((way) => WHO.map((who) => [who, way] as [Who, Way]));
  const tasks = cells.flatMap(([who, way]) =>
    Array.from({ length: Number(rounds) }, () => () => endOnce(who, layers, way))
  );
  const outcomes = await several(Number(at), tasks);
  ways.forEach((way, index) => {
    const [ours, control] = [0, 1].map((who) =>
      outcomes.slice((2 * index + who) * Number(rounds)).slice(0, Number(rounds))
    );
    const count = (outcomes: Outcome[]) => outcomes.filter(({ completed }) => completed).length;
    console.log(
      `  ${way.padEnd(28)} ${count(ours)} / ${count(control)}   ${statuses(ours).join(", ")} / ${
        statuses(control).join(", ")
      }`,
    );
    if (process.env.SHOW && count(ours) < ours.length) console.log(ours.find(({ completed }) => !completed)!.text);
  });
}
