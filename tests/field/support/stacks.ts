/** What the programs of the matrix are started under, outermost first. */
import type { Layer } from "./layers.ts";

const RUNNERS: Layer[][] = [[], ["deno task"], ["bun run"], ["npm run"]];

export const STACKS: readonly (readonly Layer[])[] = [
  ...RUNNERS,
  ...RUNNERS.map((runner): Layer[] => ["concurrently", ...runner]),
  ...RUNNERS.map((runner): Layer[] => ["dumb-init", ...runner]),
];
