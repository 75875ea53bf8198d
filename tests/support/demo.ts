/** `npm run demo`, `deno task demo`: on Deno and on Bun a daemon that is told everything by signals, and a
 * program that hangs and is ended all the same, signalled from outside with the shell's `kill`. Ends by
 * itself, with status 0 if everything came that should. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { eventually, procHas, projectPath } from "./process.ts";

/** After this long a daemon is killed and the demo has failed. */
const LIMIT_MS = 30_000;

const runtimes = [
  { name: "Deno", bin: "deno", words: ["run", "--allow-ffi"], reads: ["--allow-read"] },
  { name: "Bun", bin: "bun", words: [], reads: [] },
];
type Runtime = (typeof runtimes)[number];

const directory = mkdtempSync(join(tmpdir(), "signal-demo-"));
const config = join(directory, "daemon.json");

function configure(greeting: string, tickSeconds: number): void {
  writeFileSync(config, JSON.stringify({ greeting, tickSeconds }) + "\n");
}

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const styled = (code: number) => (text: string): string => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
const bold = styled(1);
const dim = styled(2);
const green = styled(32);
const red = styled(31);

/** A program whose lines are shown as they come, with the seconds since it was started. */
class Shown {
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly #lines: string[] = [];
  readonly #started = performance.now();
  #wake = () => {};
  #over = false;

  constructor({ bin, words }: Runtime, flags: readonly string[], file: string, args: string[]) {
    const shown = args.map((arg) => arg.split("/").at(-1)!);
    console.log(`  ${bold(["$", bin, ...words, ...flags, file, ...shown].join(" "))}`);
    const command = [...words, ...flags, projectPath(file), ...args];
    const child: ChildProcess = spawn(pathOf(bin), command, { stdio: ["ignore", "pipe", "inherit"] });
    this.pid = child.pid!;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.show(line);
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
        const how = signal ? `killed by ${signal}` : `status ${code}`;
        this.show(dim(`ended: ${how}`));
        resolve(how);
      });
    });
  }

  show(line: string): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(2);
    console.log(`${dim(`${seconds.padStart(8)} s`)}  ${line}`);
  }

  kill(signal: string, why: string): void {
    console.log(`  ${bold(`$ kill -${signal} ${this.pid}`)}${dim(`     # ${why}`)}`);
    execFileSync("sh", ["-c", `kill -${signal} ${this.pid}`]);
  }

  async endsWith(expected: string): Promise<void> {
    const end = await this.ended;
    if (end !== expected) throw new Error(`it should have ended with ${expected}, not: ${end}`);
  }

  /** Waits for a line that holds `text`; what came before it is done with. */
  async line(text: string): Promise<void> {
    for (;;) {
      const at = this.#lines.findIndex((line) => line.includes(text));
      if (at >= 0) {
        this.#lines.splice(0, at + 1);
        return;
      }
      if (this.#over) throw new Error(`the program ended and never said ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

const pathOf = (bin: string): string => projectPath(`node_modules/.bin/${bin}`);

/** A daemon that is told everything by signals. */
async function tell(runtime: Runtime): Promise<void> {
  configure("hello", 0.5);
  const daemon = new Shown(runtime, runtime.reads, "examples/daemon.ts", [config]);
  await daemon.line("runs");
  await daemon.line("tick 2, hello");
  configure("good morning", 0.25);
  daemon.kill("HUP", "its configuration has changed");
  await daemon.line('greeting "good morning"');
  for (const tick of [3, 4, 5]) await daemon.line(`tick ${tick}, good morning`);
  daemon.kill("USR1", "how is it doing?");
  await daemon.line("reloads: 1");
  daemon.kill("TERM", "enough");
  await daemon.line("SIGTERM from process");
  await daemon.endsWith("status 0");
}

/** One that hangs: told once it has its deadline, told twice it goes at once. */
async function end(runtime: Runtime): Promise<void> {
  for (const [deadline, times] of [["1", 1], ["60", 2]] as const) {
    console.log();
    const stuck = new Shown(runtime, [], "examples/stuck.ts", [deadline]);
    await stuck.line("hangs");
    stuck.kill("TERM", times === 1 ? "no event loop turns any more; the deadline is kept" : "or do not wait for it:");
    if (times === 2) {
      // Not before the first one has arrived: the kernel merges two that are pending.
      const { SIGTERM } = constants.signals;
      await eventually(() => process.platform !== "linux" || !procHas(stuck.pid, "ShdPnd", SIGTERM), "SIGTERM arrives");
      stuck.kill("TERM", "now");
    }
    await stuck.endsWith("killed by SIGTERM");
  }
}

const failures: string[] = [];
for (const runtime of runtimes) {
  const { name, bin } = runtime;
  try {
    if (!existsSync(pathOf(bin))) throw new Error("not installed here: npm install");
    const version = execFileSync(pathOf(bin), ["--version"], { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)?.[0];
    console.log(`\n${green(`${name} ${version}`)}\n`);
    await tell(runtime);
    await end(runtime);
  } catch (error) {
    failures.push(`${name}: ${(error as Error).message}`);
  }
}
rmSync(directory, { recursive: true });
console.log(
  failures.length ? red(`\nFailed:\n  ${failures.join("\n  ")}`) : green("\nEvery signal arrived, on Deno and on Bun."),
);
process.exitCode = failures.length ? 1 : 0;
