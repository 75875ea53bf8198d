/** How many queued values a second are handled, from the first `sigqueue` outside to the last handler, and do all of
 * them arrive in order? */
import { compile, json, pythonCommand, runtimes, type Subject } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

interface Flood {
  rate: number;
  got: number;
  disordered: number;
}

export const question: Question = {
  name: "flood",
  title: "Flood: values by sigqueue, as fast as the kernel accepts them",
  async run(context) {
    const count = context.quick ? 10_000 : 100_000;
    const driver = compile("flood");
    const receiver = compile("receiver");
    const all: Subject[] = [
      { name: "C sigwaitinfo", command: [receiver, "sigwaitinfo"] },
      { name: "C handler", command: [receiver, "handler"] },
    ];
    for (const { name, command } of runtimes) {
      for (const way of ["signal", "events"]) {
        all.push({ name: `${way}() on ${name}`, command: command("flood_ours.ts", way) });
      }
    }
    if (pythonCommand) {
      all.push({ name: "Python signal", command: pythonCommand("flood_signal.py") });
      all.push({ name: "Python sigwaitinfo", command: pythonCommand("flood_sigwaitinfo.py") });
    }

    const book = new Notebook();
    await interleave(context, all, async ({ name, command }) => {
      const { rate, got, disordered } = await json<Flood>([driver, String(count), ...command]);
      book.note(name, "values a second", "1/s", rate);
      book.note(name, "not there or not in order", "", count - got + disordered);
    });
    for (const { name } of all.filter(({ name }) => name.includes(" on "))) {
      book.value(name, "not there or not in order", "", { atMost: 0, every: true });
      book.ratio(name, "C sigwaitinfo", "values a second", { atLeast: 0.5 });
      book.ratio(name, "C handler", "values a second");
      book.ratio(name, "Python signal", "values a second", { atLeast: 1 });
      book.ratio(name, "Python sigwaitinfo", "values a second", { atLeast: 1 });
    }
    book.ratio("C handler", "C sigwaitinfo", "values a second", { limit: true });
    book.ratio("C handler", "Python sigwaitinfo", "values a second", { limit: true });
    return book;
  },
};
