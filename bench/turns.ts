/** How long does a turn of the event loop last while threads come and go, which ours asks to leave real-time signals to
 * the main thread? One of them is in vfork(2) for a tenth of a second at a time. */
import { compile, json, runtimes } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const LIMIT_MS = 20;

export const question: Question = {
  name: "turns",
  title: "The longest turn beside threads that come and go",
  async run(context) {
    const churn = compile("churn", { shared: true });
    const book = new Notebook();
    const seconds = context.quick ? "2" : "10";
    const programs = runtimes.flatMap(({ name, command }) => [
      { name: `ours on ${name}`, words: command("turns_ours.ts", churn, seconds) },
      { name: `${name} process.on`, words: command("turns_own.js", churn, seconds) },
    ]);
    await interleave({ ...context, rounds: Math.min(context.rounds, 3) }, programs, async ({ name, words }) => {
      const { longest, handled } = await json<{ longest: number; handled: number }>(words);
      if (handled === 0) throw new Error(`${name} handled no signal`);
      book.note(name, "200 signals a second", "ms", longest);
    });
    for (const { name } of runtimes) {
      book.value(`ours on ${name}`, "200 signals a second", "ms", { atMost: LIMIT_MS });
      book.ratio(`ours on ${name}`, `${name} process.on`, "200 signals a second");
    }
    return book;
  },
};
