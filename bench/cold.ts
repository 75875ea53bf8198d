/** The round trip of a program that has just started: its first 200 signals. A daemon may get ten in its life. */
import { compile, json, subjects } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const TRIPS = 200;
const GAPS = { 0: "first 200, hot", 1000: "first 200, 1 ms apart" };

export const question: Question = {
  name: "cold",
  title: "Round trip of the first 200 signals of a process",
  async run(context) {
    const driver = compile("cold");
    const all = subjects("roundtrip", [compile("responder")]);
    const book = new Notebook();
    const rounds = context.quick ? 1 : Math.max(12, context.rounds); // every round starts new processes
    for (const [gap, condition] of Object.entries(GAPS)) {
      await interleave({ ...context, rounds }, all, async ({ name, command }) => {
        const { median, p99 } = await json<{ median: number; p99: number }>([driver, gap, String(TRIPS), ...command]);
        book.note(name, condition, "µs", median);
        book.note(name, `${condition}, p99`, "µs", p99);
      });
    }
    for (const [ours, own] of [["ours on Deno", "Deno.addSignalListener"], ["ours on Bun", "Bun process.on"]]) {
      for (const condition of Object.values(GAPS)) {
        book.ratio(ours, own, condition, { atMost: 1.15 });
        book.ratio(ours, own, `${condition}, p99`);
      }
    }
    return book;
  },
};
