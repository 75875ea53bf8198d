/** How many of 200 signals does a program with a blocked event loop count? */
import { compile, json, subjects } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const CONDITIONS = { "each after the one before was delivered": "0", "at least 20 µs apart": "20" };

export const question: Question = {
  name: "burst",
  title: "200 signals at a blocked event loop",
  async run(context) {
    const driver = compile("burst");
    const book = new Notebook();
    await interleave(
      { ...context, rounds: Math.min(context.rounds, 2) },
      subjects("burst", [compile("counter")]),
      async ({ name, command }) => {
        for (const [condition, gap] of Object.entries(CONDITIONS)) {
          const { got } = await json<{ got: number }>([driver, "200", gap, ...command]);
          book.note(name, condition, "counted", got);
        }
      },
    );
    for (const runtime of ["Deno", "Bun"]) {
      book.value(`ours on ${runtime}`, "each after the one before was delivered", "counted", {
        atLeast: 200,
        every: true,
      });
    }
    return book;
  },
};
