import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { projectPath } from "../support/process.ts";
import { CASES } from "./cases.ts";

const ids = Object.values(CASES).flatMap((group) => group.split(" "));
const rows = new Map<string, string>();
const doubles: string[] = [];
for (
  const [, id, text] of readFileSync(projectPath("tests/posix/coverage.md"), "utf8").matchAll(
    /^\| ([A-Z]{2}-\d+) \| (.*) \|$/gm,
  )
) {
  if (rows.has(id)) doubles.push(id);
  rows.set(id, text);
}

const sources = new Map<string, string>();
function source(file: string): string {
  if (!sources.has(file)) sources.set(file, readFileSync(projectPath(file), "utf8"));
  return sources.get(file)!;
}

/** Whether the file has a test of that name: written out, or as a template whose fixed parts the name contains in
 * order. */
function hasTest(file: string, name: string): boolean {
  const text = source(file);
  if (text.includes(`"${name.replaceAll('"', '\\"')}"`)) return true;
  return [...text.matchAll(/it\(\s*`([^`]*)`/g)].some(([, template]) => {
    const pattern = template.split(/\$\{(?:[^{}]|\{[^}]*\})*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+");
    return new RegExp(`^${pattern}$`).test(name);
  });
}

describe("the ledger", () => {
  it("has a row for each of the 200 cases, and one only", () => {
    assertEquals(ids.length, 200);
    assertEquals(ids.filter((id) => !rows.has(id)), []);
    assertEquals([...rows.keys()].filter((id) => !ids.includes(id)), []);
    assertEquals(doubles, []);
  });

  it("names only tests that exist, or says why a case does not apply", () => {
    const wrong: string[] = [];
    for (const [id, text] of rows) {
      const tests = [...text.matchAll(/`(tests\/[\w/]+_test\.ts): ([^`]+)`/g)];
      if (tests.length === 0 && !text.startsWith("Does not apply: ")) wrong.push(`${id}: neither a test nor a reason`);
      for (const [, file, name] of tests) if (!hasTest(file, name)) wrong.push(`${id}: no test ${file}: ${name}`);
    }
    assertEquals(wrong, []);
  });

  it("would notice a test that is gone", () => {
    assert(!hasTest("tests/posix/coverage_test.ts", ["is", "not", "here"].join(" ")));
    assert(hasTest("tests/posix/coverage_test.ts", "would notice a test that is gone"));
  });
});
