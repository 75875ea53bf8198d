/** What does the handler itself cost above an empty one in C? */
import { compile, json, nativePart } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

export const question: Question = {
  name: "handler",
  title: "The handler itself",
  async run(context) {
    const driver = compile("handler", { flags: ["-ldl"] });
    const book = new Notebook();
    const rounds = context.quick ? 2 : 10;
    await interleave({ ...context, rounds }, [driver], async () => {
      const { empty, emptyAlone, ours, oursAlone } = await json<Record<string, number>>([driver, nativePart]);
      book.note("empty C handler", "in a burst", "ns", empty);
      book.note("ours", "in a burst", "ns", ours);
      book.note("empty C handler", "alone", "ns", emptyAlone);
      book.note("ours", "alone", "ns", oursAlone);
    });
    book.difference("ours", "empty C handler", "in a burst", "ns", { atMost: 200 });
    book.difference("ours", "empty C handler", "alone", "ns");
    return book;
  },
};
