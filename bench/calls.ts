/** What does a call cost in a hot loop, beside the same call in a C loop and in Python? And `check()`
 * beside the cheapest one that the runtime could make? */
import { compile, json, pythonCommand, runtimes, type Subject } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const CALLS = ["kill(pid, 0)", "alarm(0)", "setitimer", "sigprocmask", "getsignal"];

export const question: Question = {
  name: "calls",
  title: "Calls in a hot loop",
  async run(context) {
    const noop = compile("noop", { shared: true });
    const all: Subject[] = [{ name: "C", command: [compile("calls")] }];
    for (const { name, command } of runtimes) {
      all.push({ name: `ours on ${name}`, command: command("calls_ours.ts", noop) });
    }
    if (pythonCommand) all.push({ name: "Python signal", command: pythonCommand("calls_signal.py") });

    const book = new Notebook();
    await interleave(context, all, async ({ name, command }) => {
      for (const [call, ns] of Object.entries(await json<Record<string, number>>(command))) {
        book.note(name, call, "ns", ns);
      }
    });
    for (const runtime of ["Deno", "Bun"]) {
      const ours = `ours on ${runtime}`;
      book.value(ours, "check()", "ns", { atMost: runtime === "Deno" ? 4 : 2 });
      book.ratio(ours, ours, "check()", { atMost: 1.1 }, "the cheapest check()");
      book.ratio(ours, ours, "check()", undefined, "no-op call");
      for (const call of CALLS) {
        book.ratio(ours, "C", call, { atMost: 1.25 });
        book.ratio(ours, "Python signal", call, { atMost: 1 });
      }
      book.ratio(ours, "C", "raise");
      book.ratio(ours, "Python signal", "raise");
    }
    return book;
  },
};
