/** `npm run demo`, `deno task demo`: four programs twice, once with the runtime's own `process.on` and once with this
 * module, on Deno and on Bun. Exits with status 0 if this module kept its promises. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { styleText } from "node:util";
import * as signal from "../../mod.ts";
import { Reader } from "./docs.ts";
import { CTRL_C, onTerminal, Program, projectPath, shell } from "./process.ts";

interface Runtime {
  readonly name: string;
  readonly words: readonly string[];
}

const bin = (name: string): string => projectPath(`node_modules/.bin/${name}`);
const RUNTIMES: readonly Runtime[] = [
  { name: "Deno", words: [bin("deno"), "run", "--quiet", "--allow-ffi"] },
  { name: "Bun", words: [bin("bun")] },
];

/** In colour, if the terminal supports it and NO_COLOR is not set. */
const styled = (style: "bold" | "dim" | "green" | "red") => (text: string): string => styleText(style, text);
const [bold, dim, green, red] = [styled("bold"), styled("dim"), styled("green"), styled("red")];

using reader = new Reader();
const failures: string[] = [];

/** Prints a program, runs it, and prints the result; a program with this module must succeed. */
async function show(code: string, run: (file: string) => Promise<{ good: boolean; text: string }>): Promise<void> {
  const ours = code.includes("signal.");
  for (const line of code.trim().split("\n")) console.log(`   ${dim(line)}`);
  const file = reader.save("program.ts", (ours ? 'import * as signal from "@posix/signal";\n' : "") + code);
  const { good, text } = await run(file);
  console.log(`     ${good ? green(`✓ ${text}`) : red(`✗ ${text}`)}\n`);
  if (ours && !good) failures.push(text);
}

const heading = (number: number, text: string) => console.log(bold(`${number}. ${text}`));

/** A loop in which no handler of JavaScript can run. */
async function hung({ words }: Runtime): Promise<void> {
  heading(1, "The program hangs in a loop. We send SIGTERM.");
  const end = async (file: string) => {
    const program = new Program([...words, file]);
    await program.until("hangs\n");
    const began = performance.now();
    await program.kill("SIGTERM");
    const limit = setTimeout(() => program.kill("SIGKILL"), 3000);
    const { signal, code } = await program.ended;
    clearTimeout(limit);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (signal === "SIGKILL") return { good: false, text: `still hangs after ${seconds} s; only SIGKILL ends it` };
    return { good: signal === "SIGTERM", text: `killed by ${signal ?? `nothing, status ${code}`} after ${seconds} s` };
  };
  await show(`process.on("SIGTERM", () => process.exit(143));\nconsole.log("hangs");\nwhile (true);\n`, end);
  await show(`signal.shutdown({ deadline: 1 });\nconsole.log("hangs");\nwhile (true);\n`, end);
}

/** 1,000 signals sent while the event loop is busy. */
async function flood({ words }: Runtime): Promise<void> {
  const COUNT = 1000;
  heading(2, `The program is busy for half a second. We send ${COUNT} signals meanwhile, queued ones to the second.`);
  const busy = `
console.log("busy");
for (const end = Date.now() + 500; Date.now() < end;);
`;
  const count = (send: (pid: number, value: number) => void) => async (file: string) => {
    const program = new Program([...words, file]);
    await program.until("busy\n");
    for (let value = 1; value <= COUNT; value++) send(program.pid, value);
    const { stdout } = await program.ended;
    const said = stdout.trimEnd().split("\n").at(-1)!;
    return { good: said.startsWith(`${COUNT} arrived`), text: said };
  };
  await show(
    `let count = 0;
process.on("SIGUSR2", () => count++);${busy}setTimeout(() => (console.log(count, "arrived"), process.exit()), 100);
`,
    count((pid) => signal.kill(pid, "SIGUSR2")),
  );
  await show(
    `const numbers = [];
signal.on("SIGRTMIN", (_signum, { value }) => numbers.push(value));${busy}setTimeout(() => {
  console.log(numbers.length, "arrived, in order:", numbers.every((value, i) => value === i + 1));
}, 100);
`,
    async (file) => {
      const { good, text } = await count((pid, value) => signal.sigqueue(pid, "SIGRTMIN", value))(file);
      return { good: good && text.endsWith("in order: true"), text };
    },
  );
}

/** A shell continues its loop after a program that exits, and ends it after a program killed by SIGINT. */
async function loop({ words }: Runtime): Promise<void> {
  heading(3, "A shell runs the program three times. We press Ctrl+C once.");
  const press = async (file: string) => {
    const script = `for run in 1 2 3; do ${words.join(" ")} ${file}; done`;
    const terminal = onTerminal(["bash", "-c", script]);
    await terminal.until("works");
    terminal.write(CTRL_C);
    const goesOn = await terminal.until("works").then(() => true, () => false);
    if (goesOn) signal.kill(terminal.pid, "SIGKILL");
    const { stdout } = await terminal.ended;
    const cleaned = stdout.includes("cleaned up");
    const rest = goesOn ? "the shell starts it again" : "the shell ends its loop";
    return { good: cleaned && !goesOn, text: `${cleaned ? "cleaned up" : "not cleaned up"}; ${rest}` };
  };
  const work = `setInterval(() => {}, 1000);\nconsole.log("works");\n`;
  await show(
    `process.on("SIGINT", () => {\n  console.log("cleaned up");\n  process.exit(130);\n});\n${work}`,
    press,
  );
  await show(`signal.shutdown().defer("files", () => console.log("cleaned up"));\n${work}`, press);
}

/** The sender of a signal. */
async function sender({ words }: Runtime): Promise<void> {
  heading(4, "A shell sends SIGHUP. Who was it?");
  const ask = async (file: string) => {
    const program = new Program([...words, file]);
    await program.until("ready\n");
    const { stdout } = await shell(`echo $$; kill -HUP ${program.pid}`);
    await program.until("\n");
    signal.kill(program.pid, "SIGKILL");
    await program.ended;
    const said = program.stdout.split("\n")[1];
    const known = said.includes(`process ${stdout.trim()}`);
    return { good: known, text: known ? `${said}, the shell` : `${said}, from somewhere` };
  };
  const ready = `setInterval(() => {}, 1000);\nconsole.log("ready");\n`;
  await show(`process.on("SIGHUP", (name) => console.log(name));\n${ready}`, ask);
  await show(
    'signal.on("SIGHUP", (_signum, info) => {\n  console.log(`${info.name} from process ${info.pid} of user ${info.uid}`);\n});\n' +
      ready,
    ask,
  );
}

for (const runtime of RUNTIMES) {
  const [program] = runtime.words;
  try {
    if (!existsSync(program)) throw new Error("not installed here: npm install");
    const version = execFileSync(program, ["--version"], { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)?.[0];
    console.log(`\n${bold(`=== ${runtime.name} ${version} ===`)}\n`);
    await hung(runtime);
    await flood(runtime);
    if (process.platform === "linux") await loop(runtime); // script(1) differs elsewhere
    await sender(runtime);
  } catch (error) {
    failures.push(`${runtime.name}: ${(error as Error).message}`);
  }
}
console.log(
  failures.length
    ? red(`Failed:\n  ${failures.join("\n  ")}`)
    : green("This module kept its promises, on Deno and on Bun."),
);
process.exitCode = failures.length ? 1 : 0;
