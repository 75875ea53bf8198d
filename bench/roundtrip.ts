/** How long from a `kill` outside until the handler's own `kill` has come back? Without idleness
 * between two trips, and with 300 µs and 50 ms of it. */
import { compile, json, runtimes, subjects } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const NAMES: Record<number, string> = { 0: "hot", 300: "300 µs idle", 50_000: "50 ms idle" };

interface Trip {
  gap: number;
  median: number;
  p99: number;
}

export const question: Question = {
  name: "roundtrip",
  title: "Round trip: a signal from outside, answered by the handler",
  async run(context) {
    const plan = context.quick ? "0x500,300x100,50000x5" : "0x40000,300x1000,50000x40";
    const driver = compile("roundtrip");
    const book = new Notebook();
    const all = subjects("roundtrip", [compile("responder")]);
    const bare = compile("bare", { shared: true });
    for (const { name, command } of runtimes) {
      all.push({ name: `a bare byte on ${name}`, command: command("roundtrip_bare.js", bare) });
    }
    await interleave(context, all, async ({ name, command }) => {
      for (const { gap, median, p99 } of await json<Trip[]>([driver, plan, ...command])) {
        book.note(name, NAMES[gap], "µs", median);
        // Of forty trips the 99th in a hundred is the worst of all, which says little.
        if (gap < 50_000) book.note(name, `${NAMES[gap]}, p99`, "µs", p99);
      }
    });
    const own = { Deno: "Deno.addSignalListener", Bun: "Bun process.on" };
    for (const runtime of ["Deno", "Bun"] as const) {
      const ours = `ours on ${runtime}`;
      book.ratio(ours, own[runtime], "hot", { atMost: runtime === "Deno" ? 0.6 : 1 });
      book.ratio(ours, own[runtime], "300 µs idle", { atMost: 1 });
      book.ratio(ours, own[runtime], "50 ms idle", { atMost: 1 });
      book.ratio(ours, own[runtime], "hot, p99", { atMost: 1 });
      book.ratio(ours, own[runtime], "300 µs idle, p99", { atMost: 1 });
      book.ratio(ours, "C", "hot", { atMost: runtime === "Deno" ? 1.6 : 1.15 });
      book.ratio(ours, "C", "300 µs idle");
      for (const condition of ["hot", "300 µs idle", "50 ms idle"]) {
        book.ratio(`a bare byte on ${runtime}`, own[runtime], condition, { limit: true });
        book.ratio(ours, `a bare byte on ${runtime}`, condition);
      }
      for (const peer of ["Node process.on", "Python signal", "Python asyncio"]) book.ratio(ours, peer, "hot");
    }
    return book;
  },
};
