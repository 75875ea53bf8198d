/** Orphans and children of the runtime at once. Arguments: `reap`, `subreaper` or `none`; the number of children; the
 * number of orphans. Prints which statuses were wrong and the longest turn of its event loop, then goes on until its
 * input ends. */
import { exec, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import * as signal from "../../../mod.ts";

interface Output {
  code: number;
}
interface Runtime {
  Deno?: {
    Command: new (command: string, options: object) => {
      spawn(): { status: Promise<Output> };
      output(): Promise<Output>;
      outputSync(): Output;
    };
  };
  Bun?: {
    spawn(words: string[], options?: object): { exited: Promise<number> };
    spawnSync(words: string[]): { exitCode: number };
    $: (words: TemplateStringsArray, ...values: unknown[]) => { nothrow(): { quiet(): Promise<{ exitCode: number }> } };
  };
}

const [way, children, orphans] = process.argv.slice(2);
const { Deno, Bun } = globalThis as Runtime;
if (way !== "none") signal.reap({ subreaper: way === "subreaper" });

type Form = (script: string) => number | null | Promise<number | null>;
const codeOf = (error: unknown) => (error as { code: number }).code;
const statusOf = (error: unknown) => (error as { status: number }).status;
const sh = (script: string) => ["-c", script];

const forms: Record<string, Form> = {
  spawn: (script) => new Promise((resolve) => spawn("sh", sh(script)).on("exit", resolve)),
  exec: (script) => promisify(exec)(script).then(() => 0, codeOf),
  execFile: (script) => promisify(execFile)("sh", sh(script)).then(() => 0, codeOf),
  spawnSync: (script) => spawnSync("sh", sh(script)).status,
  execFileSync: (script) => {
    try {
      execFileSync("sh", sh(script));
      return 0;
    } catch (error) {
      return statusOf(error);
    }
  },
  // Its output ends a while after the child itself: a grandchild has inherited it.
  outlived: (script) => promisify(exec)(`sleep 0.7 & ${script}`).then(() => 0, codeOf),
};
if (Deno) {
  const command = (script: string) => new Deno.Command("sh", { args: sh(script) });
  forms["Deno.Command.spawn"] = async (script) => (await command(script).spawn().status).code;
  forms["Deno.Command.output"] = async (script) => (await command(script).output()).code;
  forms["Deno.Command.outputSync"] = (script) => command(script).outputSync().code;
}
if (Bun) {
  forms["Bun.spawn"] = (script) => Bun.spawn(["sh", "-c", script]).exited;
  forms["Bun.spawnSync"] = (script) => Bun.spawnSync(["sh", "-c", script]).exitCode;
  forms["Bun.$"] = async (script) => (await Bun.$`sh -c ${script}`.nothrow().quiet()).exitCode;
}

const wrong: string[] = [];

// A child that ends while the event loop is blocked for much longer than the grace period of an orphan.
const late = spawn("sh", sh("exit 77"));
const told = new Promise((resolve) => late.on("exit", resolve));
for (const end = performance.now() + 1500; performance.now() < end;);
if (await told !== 77) wrong.push(`busy: ${await told}`);

let before = performance.now();
let longestTurn = 0;
setInterval(() => {
  longestTurn = Math.max(longestTurn, performance.now() - before);
  before = performance.now();
}, 10).unref();

// Each generation ends before the next one, which becomes an orphan.
for (let i = 0; i < Number(orphans); i += 4) {
  spawnSync("sh", sh("(sleep 0.2; (sleep 0.4; (sleep 0.6; sleep 0.2 &) & ) & ) >/dev/null 2>&1 &"), {
    stdio: "ignore",
  });
}

let next = 0;
async function worker(): Promise<void> {
  for (let i; (i = next++) < Number(children);) {
    const name = Object.keys(forms)[i % Object.keys(forms).length];
    const expected = i % 200;
    const code = await forms[name](`exit ${expected}`);
    if (code !== expected) wrong.push(`${name}: ${code} instead of ${expected}`);
  }
}
await Promise.all(Array.from({ length: 16 }, worker));

console.log(JSON.stringify({ wrong, forms: Object.keys(forms).length, longestTurn }));
process.stdin.resume();
