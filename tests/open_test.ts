/** open(): the native part by hand. ffi/library_test.ts tests how it is found without. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { outcome } from "./support/cases.ts";
import { libraryPath } from "./support/library.ts";
import { isBun } from "./support/process.ts";

const PROGRAM = "daemon_stats";

/** A copy of the native part, in a directory whose name needs escaping in a URL. */
async function withCopy<T>(use: (path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "open 100% "));
  const path = join(directory, "libsignal.so");
  copyFileSync(libraryPath(), path);
  try {
    return await use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("open()", () => {
  it("may be repeated with the same options, not with others [api: open]", async () => {
    const opened = "Error: Cannot open: the native part is open already, with 100 records from the embedded object";
    const [none, same, records, library] = await outcome<string[]>(PROGRAM, ["openedTwice"]);
    assertEquals([none, same], ["none", "none"]);
    for (const each of [records, library]) assertEquals(each.slice(0, opened.length), opened);
  });

  it("comes too late with other options after the first use of another function [api: open]", async () => {
    const [none, other] = await outcome<string[]>(PROGRAM, ["openedLate"]);
    assertEquals(none, "none");
    assertMatch(other, /^Error: Cannot open: .* 131072 records .*before the first other function$/);
  });

  it("refuses bad arguments and names them [api: conventions]", async () => {
    const refusals = await outcome<string[]>(PROGRAM, ["openArguments"]);
    const expected = [
      /^RangeError: .*'records'.* 0$/,
      /^RangeError: .*'records'.* 1\.5$/,
      /^RangeError: .*'records'.* 16777217$/,
      /^TypeError: .*'records'.*"100"/,
      /^TypeError: .*'library'.* 1$/,
      /^TypeError: .*'library'.*https:/,
      /^TypeError: .*'?size'?/,
      /^TypeError: .* 100$/,
    ];
    assertEquals(refusals.length, expected.length);
    refusals.forEach((text, i) => assertMatch(text, expected[i]));
  });

  for (const form of ["path", "url"]) {
    it(`loads the library from a given file (${form}), with no permission but for that file [api: open]`, async () => {
      await withCopy(async (path) => {
        const flags = isBun ? [] : [`--allow-ffi=${path}`];
        assertEquals(await outcome(PROGRAM, ["library", path, form], { flags }), 1);
      });
    });
  }

  it("takes a bare name for a file of the present directory, with --allow-ffi=./libsignal.so [api: open]", async () => {
    await withCopy(async (path) => {
      const flags = isBun ? [] : ["--allow-ffi=./libsignal.so"];
      assertEquals(await outcome(PROGRAM, ["bareName"], { flags, cwd: dirname(path) }), 0);
    });
  });

  it("says which file it could not load [api: open]", async () => {
    assertMatch(await outcome<string>(PROGRAM, ["noLibrary", "/nowhere/libsignal.so"]), /\/nowhere\/libsignal\.so/);
  });
});
