/** Is every tick of a 1 ms timer accounted for, and how late does its handler run? The signal is blocked for 100 ms in
 * the middle (held, for our handler of setitimer), so that ticks coalesce. */
import { compile, json, pythonCommand, runtimes, type Subject } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

interface Ticks {
  delivered: number;
  overrun: number;
  merged: number;
  missing: number;
  late: number;
  late99: number;
}

export const question: Question = {
  name: "timer",
  title: "A timer of 1 ms",
  async run(context) {
    const seconds = context.quick ? "2" : "10";
    const library = compile("ticker", { shared: true });
    const floor = compile("ticker", { flags: ["-DPROGRAM"] });
    const all: (Subject & { kind: string })[] = [];
    for (const kind of ["posix", "setitimer"]) {
      all.push({ kind, name: "C", command: [floor, kind, seconds] });
      for (const { name, command } of runtimes) {
        all.push({ kind, name: `ours on ${name}`, command: command("timer_ours.ts", kind, seconds, library) });
      }
    }
    if (pythonCommand) {
      all.push({
        kind: "setitimer",
        name: "Python signal",
        command: pythonCommand("timer_signal.py", "setitimer", seconds),
      });
    }
    const book = new Notebook();
    await interleave({ ...context, rounds: context.quick ? 1 : 2 }, all, async ({ kind, name, command }) => {
      const ticks = await json<Ticks>(command);
      const source = kind === "posix" ? "timer_settime" : "setitimer";
      for (const key of ["delivered", "overrun", "merged", "missing"] as const) {
        book.note(name, `${source}, ${key}`, "", ticks[key]);
      }
      book.note(name, `${source}, late`, "µs", ticks.late);
      book.note(name, `${source}, late, p99`, "µs", ticks.late99);
    });
    for (const runtime of ["Deno", "Bun"]) {
      book.value(`ours on ${runtime}`, "timer_settime, missing", "", { atLeast: 0, atMost: 0, every: true });
      for (const source of ["timer_settime", "setitimer"]) {
        book.difference(`ours on ${runtime}`, "C", `${source}, late`, "µs");
        book.difference(`ours on ${runtime}`, "C", `${source}, late, p99`, "µs");
      }
    }
    return book;
  },
};
