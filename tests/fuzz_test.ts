import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { found } from "./support/cases.ts";
import { isBun, run } from "./support/process.ts";

interface Outcome {
  threw: number;
  returned: number;
  untried: string[];
}

/** A new seed each time; FUZZ_SEED repeats a failed run, which prints its own. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 150;

describe("hostile arguments of every type", () => {
  it("give the documented result or a documented error, which changes nothing [api: conventions]", async () => {
    const end = await run("tests/programs/fuzz.ts", [String(seed), String(RUNS)], { flags: isBun ? [] : ["-A"] });
    const { threw, returned, untried } = found<Outcome>(end);
    assertEquals(untried, []);
    assert(threw > 30 * RUNS / 2 && returned > RUNS, `${threw} threw, ${returned} returned`);
  });

  // Each of these was a bug once, and is rare among the values of a seed.
  it("a fraction is no signal, a false AbortSignal is refused, a false promise ends its hold(), and so do signals without end", async () => {
    const end = await run("tests/programs/fuzz_found.ts");
    assertEquals(found(end), [
      ["RangeError", "Cannot set a handler: signal 34.5 is none: they go from 1 to 64", "unchanged"],
      ["RangeError", "Cannot send a signal: signal 63.999 is none: they go from 1 to 64", "unchanged"],
      ["TypeError", "Cannot listen: 'signal' must be an AbortSignal, got an object", "unchanged"],
      ["TypeError", "Cannot listen: 'signal' must be an AbortSignal, got an object", "unchanged"],
      ["EvalError", "the caller's", "unchanged"],
      [
        "TypeError",
        "Cannot open: 'library' must be a path or a file URL, got file:///%zz, which cannot be decoded",
        "unchanged",
      ],
      ["RangeError", `Cannot open: 'library' must be the path of a file, got "libsignal.so\\u0000.so"`, "unchanged"],
      ["RangeError", `Cannot open: 'library' must be the path of a file, got "/libsignal.so\\u0000"`, "unchanged"],
      ["RangeError", `Cannot open: 'library' must be the path of a file, got ""`, "unchanged"],
      ["RangeError", "Cannot listen: the iterable must be finite, and has more than 10000", "unchanged"],
      ["RangeError", "Cannot set the mask: the iterable must be finite, and has more than 10000", "unchanged"],
    ]);
  });
});
