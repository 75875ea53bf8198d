/** The layers below which the programs of the matrix are started, outermost first, and the ways to end them there. */
import type { Layer } from "./layers.ts";
import { ALL_WAYS, type Way } from "./matrix.ts";

export interface Stack {
  layers: readonly Layer[];
  ways: readonly Way[];
}

const RUNNERS: Layer[][] = [[], ["deno task"], ["bun run"], ["npm run"]];
const under = (layer: Layer | null, ways: readonly Way[], runners = RUNNERS): Stack[] =>
  runners.map((runner) => ({ layers: layer === null ? runner : [layer, ...runner], ways }));

export const RUNNER_STACKS: readonly Stack[] = [
  ...under(null, ALL_WAYS),
  ...under("concurrently", ALL_WAYS),
  ...under("dumb-init", ALL_WAYS),
];

const TERMINAL: Way[] = ["Ctrl+C", "terminal closed", "terminal of a shell closed"];
const [DENO, BUN, NPM]: Layer[][] = [["deno task"], ["bun run"], ["npm run"]];

/** The tests run these without their control. */
export const OTHER_STACKS: readonly Stack[] = [
  ...under("timeout", ["SIGTERM to the pid", "time over"]),
  ...under("supervisor", ["SIGTERM to the pid", "SIGTERM to the tree", ...TERMINAL], [[], DENO, BUN]),
  ...under("pm2-runtime", ["SIGTERM to the pid", "Ctrl+C"], [[], DENO]),
  ...under("tini -g", ["SIGTERM to the pid"], [DENO, NPM]),
  ...under("process 1", ["SIGTERM to the tree", ...TERMINAL], [[], DENO, BUN]),
  ...under("sh", ["SIGTERM to the tree", "terminal of a shell closed"], [DENO]),
  ...under("foreground-child", ["SIGTERM to the pid"], [[]]),
  { layers: ["npm run", "concurrently", "deno task"], ways: ["SIGTERM to the tree", "Ctrl+C"] },
  { layers: ["deno task", "concurrently"], ways: ["SIGTERM to the tree", "Ctrl+C"] },
  { layers: ["supervisor", "supervisor"], ways: ["SIGTERM to the tree", "Ctrl+C"] },
];

/** For rounds.ts alone. */
export const MORE_STACKS: readonly Stack[] = [
  ...under("timeout --foreground", ["SIGTERM to the pid", "time over", ...TERMINAL], [[], DENO]),
  ...under("pm2-runtime", ["SIGINT to the pid", "SIGTERM to the group"]),
  ...under("dumb-init --single-child", ["SIGTERM to the pid", "Ctrl+C"], [[], DENO]),
  ...under("tini", ["SIGTERM to the pid", "Ctrl+C"], [[], BUN]),
  ...under("tini -g", ["SIGTERM to the pid", "Ctrl+C"]),
  ...under("sh", ["SIGTERM to the group", "Ctrl+C", "terminal closed"], [[], DENO]),
  ...under("foreground-child", ["SIGTERM to the pid", "SIGTERM to the tree", ...TERMINAL], [[], BUN]),
  ...under("supervisor", ["SIGTERM to the group", "SIGTERM to the tree", ...TERMINAL], [NPM]),
  // No other way: when npm, the namespace's process 1, has ended, the kernel kills all other processes.
  ...under("process 1", ["Ctrl+C"], [NPM, ["tini", "npm run"]]),
];
