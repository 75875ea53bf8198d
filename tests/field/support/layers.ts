/** What programs are started under, where they really run: each layer makes of a command the command that runs it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, isDeno, projectPath } from "../../support/process.ts";

const bin = (name: string): string => projectPath(`node_modules/.bin/${name}`);

/** The command of a program of tests/field/programs, with every permission: it writes a log. */
export function programCommand(file: string, args: string[]): string[] {
  return command(`tests/field/programs/${file}`, args, isDeno ? ["-A"] : []);
}

/** One script of the directory's deno.json and package.json: task runners take no command itself. */
type Script = (words: string[]) => string;

const LAYERS = {
  "deno task": (words: string[], script: Script) => [bin("deno"), "task", "--quiet", script(words)],
  "bun run": (words: string[], script: Script) => [bin("bun"), "run", script(words)],
  "npm run": (words: string[], script: Script) => ["npm", "run", script(words)],
  concurrently: (words: string[]) => [bin("concurrently"), quote(words)],
  "dumb-init": (words: string[]) => ["dumb-init", "--", ...words],
  "dumb-init --single-child": (words: string[]) => ["dumb-init", "--single-child", "--", ...words],
  tini: (words: string[]) => ["tini", "-s", "--", ...words],
  "tini -g": (words: string[]) => ["tini", "-s", "-g", "--", ...words],
  /** Debian's `sh` stays where something follows the command. */
  sh: (words: string[]) => ["sh", "-c", `${quote(words)}; exit $?`],
  "foreground-child": (words: string[]) => ["node", projectPath("tests/field/programs/foreground_child.mjs"), ...words],
  supervisor: (words: string[]) => programCommand("supervisor.ts", words),
  "process 1": (words: string[]) => ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", ...words],
};

export type Layer = keyof typeof LAYERS;

/** The words for a shell. */
export function quote(words: string[]): string {
  return words.map((word) => /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** The command that runs `words` below these layers, the outermost first; scripts go to `directory`. */
export function below(layers: readonly Layer[], words: string[], directory: string): string[] {
  const scripts: Record<string, string> = {};
  const script: Script = (words) => {
    const name = `script${Object.keys(scripts).length}`;
    scripts[name] = quote(words);
    return name;
  };
  const made = layers.toReversed().reduce((words, layer) => LAYERS[layer](words, script), words);
  writeFileSync(join(directory, "deno.json"), JSON.stringify({ tasks: scripts }));
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "field", version: "1.0.0", scripts }));
  return made;
}
