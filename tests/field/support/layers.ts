/** The runners below which programs are started: each layer turns a command into the command that runs it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, isDeno, projectPath } from "../../support/process.ts";

const bin = (name: string): string => projectPath(`node_modules/.bin/${name}`);

/** The command of a program of tests/field/programs, with every permission: it writes a log. */
export function programCommand(file: string, args: string[]): string[] {
  return command(`tests/field/programs/${file}`, args, isDeno ? ["-A"] : []);
}

interface Place {
  directory: string;
  /** Adds a script to the directory's deno.json and package.json and returns its name: task runners take no command
   * itself. */
  script(words: string[]): string;
}

const LAYERS = {
  "deno task": (words: string[], { script }: Place) => [bin("deno"), "task", "--quiet", script(words)],
  "bun run": (words: string[], { script }: Place) => [bin("bun"), "run", script(words)],
  "npm run": (words: string[], { script }: Place) => ["npm", "run", script(words)],
  concurrently: (words: string[]) => [bin("concurrently"), quote(words)],
  "dumb-init": (words: string[]) => ["dumb-init", "--", ...words],
  "dumb-init --single-child": (words: string[]) => ["dumb-init", "--single-child", "--", ...words],
  tini: (words: string[]) => ["tini", "-s", "--", ...words],
  "tini -g": (words: string[]) => ["tini", "-s", "-g", "--", ...words],
  timeout: (words: string[]) => ["timeout", "1000", ...words],
  "timeout --foreground": (words: string[]) => ["timeout", "--foreground", "1000", ...words],
  nohup: (words: string[]) => ["nohup", ...words],
  /** Without job control: SIGINT and SIGQUIT are ignored. */
  "sh &": (words: string[]) => ["sh", "-c", `${quote(words)} &`],
  tee: (words: string[]) => ["sh", "-c", `trap : INT; ${quote(words)} 2>&1 | tee /dev/null`],
  /** Debian's `sh` replaces itself by the last command; with `exit` after it, the shell stays. */
  sh: (words: string[]) => ["sh", "-c", `${quote(words)}; exit $?`],
  "foreground-child": (words: string[]) => ["node", projectPath("tests/field/programs/foreground_child.mjs"), ...words],
  supervisor: (words: string[]) => programCommand("supervisor.ts", words),
  "late supervisor": (words: string[]) => programCommand("supervisor.ts", ["after=1500", ...words]),
  "late tree supervisor": (words: string[]) => programCommand("supervisor.ts", ["after=1500", "tree", ...words]),
  "pm2-runtime": ([script, ...args]: string[], { directory }: Place) => {
    const file = join(directory, "pm2.json");
    const app = { name: "app", script, args, interpreter: "none", cwd: directory, autorestart: false };
    writeFileSync(file, JSON.stringify({ apps: [app] }));
    return ["env", `PM2_HOME=${directory}/pm2`, bin("pm2-runtime"), "start", file];
  },
  "process 1": (words: string[]) => ["unshare", "--pid", "--fork", "--mount-proc", ...words],
} satisfies Record<string, (words: string[], place: Place) => string[]>;

export type Layer = keyof typeof LAYERS;

/** The words, quoted for a shell. */
export function quote(words: string[]): string {
  return words.map((word) => /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** The command that runs `words` below these layers, the outermost first; their files go to `directory`. */
export function below(layers: readonly Layer[], words: string[], directory: string): string[] {
  const scripts: Record<string, string> = {};
  const script = (words: string[]) => {
    const name = `script${Object.keys(scripts).length}`;
    scripts[name] = quote(words);
    return name;
  };
  const made = layers.toReversed().reduce((words, layer) => LAYERS[layer](words, { directory, script }), words);
  writeFileSync(join(directory, "deno.json"), JSON.stringify({ tasks: scripts }));
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "field", version: "1.0.0", scripts }));
  return made;
}
