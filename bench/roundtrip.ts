/** How long from an outside `kill` to the handler's `kill` in answer? Without a gap between two trips, and with 300 µs
 * and 50 ms of idleness; with sender and receiver on one core, and on two. */
import { compile, json, runtimes, subjects } from "./support/programs.ts";
import { interleave, Notebook, type Question } from "./support/question.ts";

const NAMES: Record<number, string> = { 0: "hot", 300: "300 µs idle", 50_000: "50 ms idle" };
const CORES = { 1: "one core", 2: "two cores" };

interface Trip {
  gap: number;
  median: number;
  p99: number;
}

export const question: Question = {
  name: "roundtrip",
  title: "Round trip: a signal from outside, answered by the handler",
  async run(context) {
    const plan = context.quick ? "0x100x5,300x50x2,50000x2x2" : "0x250x16,300x100x10,50000x5x10";
    const driver = compile("roundtrip");
    const book = new Notebook();
    const all = subjects("roundtrip", [compile("responder")]);
    const bare = compile("bare", { shared: true });
    const told = compile("bare", { as: "told", shared: true, flags: ["-DTELLS"] });
    for (const { name, command } of runtimes) {
      all.push({ name: `a bare wake-up on ${name}`, command: command("roundtrip_bare.js", bare) });
      all.push({ name: `a wake-up with a SigInfo on ${name}`, command: command("roundtrip_told.js", told) });
    }
    await interleave(context, Object.entries(CORES), async ([cores, where], round) => {
      const programs = all.map((_, i) => all[(i + round) % all.length]);
      const words = programs.flatMap(({ command }) => ["--", ...command]);
      const trips = await json<Trip[][]>([driver, cores, plan, ...words]);
      programs.forEach(({ name }, i) => {
        for (const { gap, median, p99 } of trips[i]) {
          book.note(name, `${NAMES[gap]}, ${where}`, "µs", median);
          // Of 50 trips the 99th percentile is the slowest one.
          if (gap < 50_000) book.note(name, `${NAMES[gap]}, ${where}, p99`, "µs", p99);
        }
      });
    });
    const own = { Deno: "Deno.addSignalListener", Bun: "Bun process.on" };
    for (const runtime of ["Deno", "Bun"] as const) {
      const ours = `ours on ${runtime}`;
      const floors = [`a bare wake-up on ${runtime}`, `a wake-up with a SigInfo on ${runtime}`];
      for (const where of Object.values(CORES)) {
        for (const name of Object.values(NAMES)) {
          const condition = `${name}, ${where}`;
          const hotOnDeno = condition === "hot, one core" && runtime === "Deno";
          book.ratio(ours, own[runtime], condition, { atMost: hotOnDeno ? 0.6 : runtime === "Deno" ? 1 : 1.05 });
          for (const floor of floors) book.ratio(floor, own[runtime], condition, { limit: true });
          for (const floor of floors) book.ratio(ours, floor, condition);
        }
        for (const name of ["hot", "300 µs idle"]) {
          book.ratio(ours, own[runtime], `${name}, ${where}, p99`, { atMost: 1 });
          for (const floor of floors) book.ratio(floor, own[runtime], `${name}, ${where}, p99`, { limit: true });
        }
        book.ratio(ours, "C", `hot, ${where}`, { atMost: runtime === "Deno" ? 1.6 : 1.15 });
        book.ratio(own[runtime], "C", `hot, ${where}`, { limit: true });
        for (const floor of floors) book.ratio(floor, "C", `hot, ${where}`, { limit: true });
        book.ratio(ours, "C", `300 µs idle, ${where}`);
        for (const peer of ["Node process.on", "Python signal", "Python asyncio"]) {
          book.ratio(ours, peer, `hot, ${where}`);
        }
      }
    }
    return book;
  },
};
