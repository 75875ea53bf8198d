/** What does the handler itself cost above an empty one in C? */
import process from "node:process";
import { compile, json, projectPath } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const ARCHITECTURES: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

export const question: Question = {
  name: "handler",
  title: "The handler itself",
  async run(context) {
    const library = projectPath(`ffi/prebuilt/linux-${ARCHITECTURES[process.arch]}/libsignal.so`);
    const driver = compile("handler", { flags: ["-ldl"] });
    const book = new Notebook();
    const rounds = context.quick ? 2 : 10;
    await interleave({ ...context, rounds }, [driver], async () => {
      const { empty, emptyAlone, ours, oursAlone } = await json<Record<string, number>>([driver, library]);
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
