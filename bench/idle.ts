/** What does an idle program with handlers do beyond an empty one? strace, where it is installed, counts system calls,
 * and /proc context switches of all threads. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { found, output, projectPath, runtimes, stay } from "./support/programs.ts";
import { Notebook, type Question } from "./support/question.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function switches(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    // Involuntary switches measure the machine's load, not the program.
    sum += Number(text.match(/^voluntary_ctxt_switches:\s+(\d+)/m)![1]);
  }
  return sum;
}

/** System calls of all threads for so many seconds. */
async function systemCalls(strace: string, pid: number, seconds: number): Promise<number> {
  const report = projectPath(`bench/results/tmp/strace-${pid}`);
  await output([
    "timeout",
    "--preserve-status",
    "--signal=INT",
    String(seconds),
    strace,
    "-f",
    "-q",
    "-o",
    report,
    "-p",
    String(pid),
  ])
    .catch(() => ""); // strace ends by the signal
  const lines = readFileSync(report, "utf8").split("\n");
  // Only completed calls count: not the one in which a thread waits at the beginning and at the end.
  return lines.filter((line) => /^\d+ +(\w+\(|<\.\.\. \w+ resumed)/.test(line) && !/<detached|<unfinished/.test(line))
    .length;
}

/** Bun's collector wakes every second until it has found nothing to do thirty times, and the last thread of the start
 * ends after a minute. */
const SETTLED_MS = 75_000;

export const question: Question = {
  name: "idle",
  title: "Doing nothing with handlers installed",
  async run(context) {
    mkdirSync(projectPath("bench/results/tmp"), { recursive: true });
    const seconds = context.quick ? 2 : 10;
    const strace = found("strace");
    const book = new Notebook();
    for (let round = 0; round < Math.min(context.rounds, 2); round++) {
      context.progress(`round ${round + 1}: a fresh program comes to rest, then ${seconds} s, twice`);
      const programs = runtimes.flatMap(({ name, command }) => [
        { name: `empty program on ${name}`, ...stay(command("idle_empty.js", "stay")) },
        { name: `a way to be woken on ${name}`, ...stay(command("idle_floor.js", "stay")) },
        { name: `ours on ${name}`, ...stay(command("idle_ours.ts")) },
      ]);
      await sleep(context.quick ? 3000 : SETTLED_MS);
      const before = programs.map(({ pid }) => switches(pid));
      await sleep(seconds * 1000);
      programs.forEach(({ name, pid }, i) =>
        book.note(name, `voluntary context switches in ${seconds} s`, "", switches(pid) - before[i])
      );
      if (strace) {
        await Promise.all(programs.map(async ({ name, pid }) => {
          book.note(name, `system calls in ${seconds} s`, "", await systemCalls(strace, pid, seconds));
        }));
      }
      for (const program of programs) program.stop();
    }
    for (const { name } of runtimes) {
      for (const what of ["voluntary context switches", ...strace ? ["system calls"] : []]) {
        const empty = `empty program on ${name}`, wakeable = `a way to be woken on ${name}`;
        const count = `${what} in ${seconds} s`;
        book.difference(`ours on ${name}`, empty, count, "", { atMost: 0 });
        book.difference(wakeable, empty, count, "", { limit: true });
        book.difference(`ours on ${name}`, wakeable, count, "");
      }
    }
    return book;
  },
};
