/** What does importing the module and installing a first handler add to a program, in time and in
 * memory? */
import { readFileSync } from "node:fs";
import { compile, json, runtimes, stay } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const EMPTY = "empty program", OURS = "with a first signal()";

function status(pid: number, key: string): number {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${key}:\\s+(\\d+)`, "m"))![1]) / 1024;
}

export const question: Question = {
  name: "startup",
  title: "Starting, and resident memory",
  async run(context) {
    const driver = compile("startup");
    const book = new Notebook();
    const pairs = runtimes.flatMap(({ name, command }) => [
      { name: `${name}, ${EMPTY}`, command: (...args: string[]) => command("startup_empty.ts", ...args) },
      { name: `${name}, ${OURS}`, command: (...args: string[]) => command("startup_ours.ts", ...args) },
    ]);

    context.progress("whole processes");
    const runs = context.quick ? 5 : 40;
    const words = pairs.flatMap(({ command }) => ["--", ...command()]);
    const results = await json<{ ms: number[]; kib: number[] }[]>([driver, String(runs), ...words]);
    results.forEach(({ ms, kib }, i) => {
      ms.forEach((value) => book.note(pairs[i].name, "whole process", "ms", value));
      kib.forEach((value) => book.note(pairs[i].name, "most memory, whole process", "MB", value / 1024));
    });

    const rounds = context.quick ? 2 : 10;
    await interleave({ ...context, rounds }, pairs, async ({ name, command }) => {
      const program = stay(command("stay"));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      for (const key of ["VmRSS", "VmHWM", "RssAnon"]) {
        book.note(name, `${key} after 1 s`, "MB", status(program.pid, key));
      }
      program.stop();
    });

    for (const { name } of runtimes) {
      const pair = [`${name}, ${OURS}`, `${name}, ${EMPTY}`] as const;
      book.difference(...pair, "whole process", "ms", { atMost: 5 });
      book.difference(...pair, "VmRSS after 1 s", "MB", { atMost: 1.5 });
      book.difference(...pair, "VmHWM after 1 s", "MB");
      book.difference(...pair, "RssAnon after 1 s", "MB");
    }
    return book;
  },
};
