/** `npm run demo`, `deno task demo`: examples/daemon.ts on Deno and on Bun, signalled from outside with
 * the shell's `kill`. Ends by itself, with status 0 if everything came that should. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { projectPath } from "./process.ts";

/** After this long a daemon is killed and the demo has failed. */
const LIMIT_MS = 30_000;

const runtimes = [
  { name: "Deno", bin: "deno", words: ["run", "--allow-ffi", "--allow-read"] },
  { name: "Bun", bin: "bun", words: [] },
];
type Runtime = (typeof runtimes)[number];

const directory = mkdtempSync(join(tmpdir(), "signal-demo-"));
const config = join(directory, "daemon.json");

function configure(greeting: string, tickSeconds: number): void {
  writeFileSync(config, JSON.stringify({ greeting, tickSeconds }) + "\n");
}

/** A program whose lines are shown as they come. */
class Shown {
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly #lines: string[] = [];
  #wake = () => {};
  #over = false;

  constructor(command: string, args: string[]) {
    const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.pid = child.pid!;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      console.log(`      ${line}`);
      this.#lines.push(line);
      this.#wake();
    });
    const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(limit);
        this.#over = true;
        this.#wake();
        resolve(signal ? `killed by ${signal}` : `status ${code}`);
      });
    });
  }

  /** Waits for a line that holds `text`; what came before it is done with. */
  async line(text: string): Promise<void> {
    for (;;) {
      const at = this.#lines.findIndex((line) => line.includes(text));
      if (at >= 0) {
        this.#lines.splice(0, at + 1);
        return;
      }
      if (this.#over) throw new Error(`the daemon ended and never said ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

async function show({ name, bin, words }: Runtime): Promise<void> {
  const path = projectPath(`node_modules/.bin/${bin}`);
  if (!existsSync(path)) throw new Error(`${name} is not installed here: npm install`);
  const version = execFileSync(path, ["--version"], { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)?.[0];
  console.log(`\n${name} ${version}\n`);

  configure("hello", 0.5);
  console.log(`  $ ${[bin, ...words, "examples/daemon.ts", "daemon.json"].join(" ")}`);
  const daemon = new Shown(path, [...words, projectPath("examples/daemon.ts"), config]);
  const kill = (signal: string, why: string) => {
    console.log(`  $ kill -${signal} ${daemon.pid}     # ${why}`);
    execFileSync("sh", ["-c", `kill -${signal} ${daemon.pid}`]);
  };

  await daemon.line("runs");
  await daemon.line("tick 2, hello");
  configure("good morning", 0.25);
  kill("HUP", "its configuration has changed");
  await daemon.line('greeting "good morning"');
  for (const tick of [3, 4, 5]) await daemon.line(`tick ${tick}, good morning`);
  kill("USR1", "how is it doing?");
  await daemon.line("reloads: 1");
  kill("TERM", "enough");
  await daemon.line("SIGTERM from process");
  const end = await daemon.ended;
  console.log(`  ended: ${end}`);
  if (end !== "status 0") throw new Error(`the daemon should have ended with status 0, not: ${end}`);
}

console.log("A daemon that is told everything by signals: examples/daemon.ts");
const failures: string[] = [];
for (const runtime of runtimes) {
  try {
    await show(runtime);
  } catch (error) {
    failures.push(`${runtime.name}: ${(error as Error).message}`);
  }
}
rmSync(directory, { recursive: true });
console.log(failures.length ? `\nFailed:\n  ${failures.join("\n  ")}` : "\nEvery signal arrived, on Deno and on Bun.");
process.exitCode = failures.length ? 1 : 0;
