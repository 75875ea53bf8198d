/** For the runners beside suite.ts: a test file runs in a process group of its own. Killing the group removes what a
 * failed test left behind. Ctrl+C kills every group. */
import { spawn } from "node:child_process";
import process from "node:process";
import { projectPath } from "./process.ts";

/** By the pid of their first process. */
const groups = new Set<number>();

function end(group: number): void {
  groups.delete(group);
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // nothing is left of it
  }
}
process.on("exit", () => groups.forEach(end));
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

export interface GroupEnd {
  /** The exit code of the first process, or the signal that killed it. */
  status: number | string | null;
  /** Whether it was killed since its time was over. */
  late: boolean;
  /** Standard output and standard error, as they came. */
  output: string;
}

/** Runs a command in the project's root. */
export function runGroup(words: string[], env: NodeJS.ProcessEnv, limitMs: number): Promise<GroupEnd> {
  const [program, ...args] = words;
  const child = spawn(program, args, {
    cwd: projectPath(""),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const group = child.pid!;
  groups.add(group);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    end(group);
  }, limitMs);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output += text);
  }
  child.on("exit", () => end(group));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ status: code ?? signal, late, output });
    });
  });
}
