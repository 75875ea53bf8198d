import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Library } from "../../ffi/backend.ts";
import { layouts } from "../../ffi/layout.ts";
import { bytesOf, target } from "../../ffi/library.ts";
import { opened } from "../../ffi/symbols.ts";
import { outcome } from "../support/cases.ts";
import { isDeno, projectPath } from "../support/process.ts";

/** Hash and file of every object. */
const sums = readFileSync(projectPath("ffi/prebuilt/SHA256SUMS"), "utf8").trimEnd().split("\n")
  .map((line) => line.split("  "));

const on = (os: string, arch: string): Library => ({ os: () => os, arch: () => arch }) as Partial<Library> as Library;

/** An object's bytes, as its module stores them. */
function bytes(file: string): Uint8Array<ArrayBuffer> {
  const [os, arch] = file.split("/")[0].split("-");
  return bytesOf(on(os, arch));
}

describe("the prebuilt objects", () => {
  it("are there for every target that has a layout, and for no other", () => {
    const names = Object.keys(layouts).sort();
    assertEquals(sums.map(([, file]) => file.split("/")[0]).sort(), names);
    for (const name of names) {
      const [os, arch] = name.split("-");
      assertEquals(target(on(os, arch)), name);
    }
  });

  for (const [sum, file] of sums) {
    it(`are what SHA256SUMS says: ${file}`, () => {
      assertEquals(createHash("sha256").update(bytes(file)).digest("hex"), sum);
    });
  }

  it("are of the format and processor that their directory says", () => {
    const found = sums.map(([, file]) => {
      const view = new DataView(bytes(file).buffer);
      if (view.getUint32(0) === 0x7f454c46) return [file, "ELF", view.getUint16(18, true)];
      return [file, view.getUint32(0, true) === 0xfeedfacf ? "Mach-O" : "?", view.getUint32(4, true)];
    });
    assertEquals(found.sort(), [
      ["linux-aarch64/libsignal.so", "ELF", 183], // EM_AARCH64
      ["linux-x86_64/libsignal.so", "ELF", 62], // EM_X86_64
      ["macos-aarch64/libsignal.dylib", "Mach-O", 0x0100000c], // CPU_TYPE_ARM64
      ["macos-x86_64/libsignal.dylib", "Mach-O", 0x01000007], // CPU_TYPE_X86_64
    ]);
  });
});

describe("opening", () => {
  (isDeno ? it : it.skip)("takes Deno two goes, and every function is opened by then", async () => {
    const [libc, ours, ...more] = await outcome<string[][]>("opens", []);
    assertEquals(libc.sort(), ["memfd_create", "write"]);
    assertEquals(ours, Object.keys(opened));
    assertEquals(more, []);
  });
});
