/** Random programs, run here and by a model of a POSIX process: tests/programs/model.ts. */
import { assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { found } from "./support/cases.ts";
import { isBun, isEmulated, run } from "./support/process.ts";

/** A new seed each time; MODEL_SEED repeats a failed run, which prints its own. */
const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PROGRAMS = isEmulated ? 20 : 500;

describe("random programs", () => {
  it("see and do what a POSIX process does [POSIX 2.4]", async () => {
    const end = await run("tests/programs/model.ts", [String(seed), String(PROGRAMS)], { flags: isBun ? [] : ["-A"] });
    assertGreater(found<{ steps: number }>(end).steps, 10 * PROGRAMS);
  });
});
