/** Runs a command in its own place, as `examples/wrapper.ts` does. The first argument is how it spawns: `node` uses
 * node:child_process, `runtime` Deno.Command or Bun.spawn, and `detached` gives the child a group of its own. Prints
 * the child's pid. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

interface Runtime {
  Deno?: { Command: new (command: string, options: object) => { spawn(): signal.Child } };
  Bun?: { spawn(words: string[], options: object): signal.Child };
}

const [kind, command, ...args] = process.argv.slice(2);
const { Deno, Bun } = globalThis as Runtime;

function ofRuntime(): signal.Child {
  const all = { stdin: "inherit", stdout: "inherit", stderr: "inherit" };
  if (Deno) return new Deno.Command(command, { args, ...all }).spawn();
  return Bun!.spawn([command, ...args], all);
}

const child = kind === "runtime"
  ? ofRuntime()
  : spawn(command, args, { stdio: "inherit", detached: kind === "detached" });
signal.forward(child);
console.log(`child ${child.pid}`);
