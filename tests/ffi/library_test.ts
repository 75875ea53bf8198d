import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Library } from "../../ffi/backend.ts";
import { layouts } from "../../ffi/layout.ts";
import { bytesOf, openEmbedded, target } from "../../ffi/library.ts";
import { named } from "../../ffi/symbols.ts";
import { outcome } from "../support/cases.ts";
import { isDeno, projectPath } from "../support/process.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const prebuilt = projectPath("ffi/prebuilt");
const files = readdirSync(prebuilt, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(`${prebuilt}/${name}`).map((file) => `${name}/${file}`));
const objects = files.filter((file) => !file.endsWith(".ts"));

/** A runtime on some platform, which must not be asked to open anything. */
function loaderOn(os: string, arch: string): Library {
  const refuse = (): never => {
    throw new Error("nothing may be opened here");
  };
  return {
    os: () => os,
    arch: () => arch,
    open: refuse,
    libc: refuse,
    explain: (error: unknown) => error,
    engineSignals: {},
  };
}

describe("the prebuilt objects", () => {
  it("are there for every target that has a layout, and for no other", () => {
    const names = Object.keys(layouts).sort();
    assertEquals(objects.map((file) => file.split("/")[0]).sort(), names);
    for (const name of names) {
      const [os, arch] = name.split("-");
      assertEquals(target(loaderOn(os, arch)), name);
    }
  });

  it("are what SHA256SUMS says, line by line", () => {
    const sums = objects.map((file) => `${sha256(readFileSync(`${prebuilt}/${file}`))}  ${file}`);
    const listed = readFileSync(`${prebuilt}/SHA256SUMS`, "utf8").trimEnd().split("\n");
    assertEquals(listed.sort(), sums.sort());
  });

  for (const file of objects) {
    it(`are embedded to the byte: ${file}`, () => {
      const [os, arch] = file.split("/")[0].split("-");
      const bytes = bytesOf(loaderOn(os, arch));
      assertEquals(sha256(bytes), sha256(readFileSync(`${prebuilt}/${file}`)));
    });
  }

  it("are of the format and processor that their directory says", () => {
    const head = (file: string) => new DataView(new Uint8Array(readFileSync(`${prebuilt}/${file}`)).buffer);
    const found = objects.map((file) => {
      const view = head(file);
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

describe("a platform without a native part", () => {
  const platforms = [["windows", "x86_64"], ["linux", "riscv64"], ["freebsd", "x86_64"], ["android", "aarch64"]];
  for (const [os, arch] of platforms) {
    it(`is named in the error, with those that have one: ${os}-${arch}`, () => {
      const error = assertThrows(() => openEmbedded(loaderOn(os, arch)), Error);
      assertStringIncludes(error.message, `no native part for ${os}-${arch}`);
      for (const name of Object.keys(layouts)) assertStringIncludes(error.message, name);
      assert(!error.message.includes("\n"));
    });
  }
});

describe("opening", () => {
  (isDeno ? it : it.skip)("takes Deno two goes, and every function is opened by then", async () => {
    const [libc, ours, ...more] = await outcome<string[][]>("opens", []);
    assertEquals(libc.sort(), ["memfd_create", "write"]);
    assertEquals(ours.sort(), ["ps_call", ...named].sort());
    assertEquals(more, []);
  });
});
