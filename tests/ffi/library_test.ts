import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Backend } from "../../ffi/backend.ts";
import { layouts } from "../../ffi/layout.ts";
import { target, verifiedBytes } from "../../ffi/library.ts";
import { sha256 as ownSha256 } from "../../ffi/sha256.ts";
import { first } from "../../ffi/symbols.ts";
import { outcome } from "../support/cases.ts";
import { isDeno, projectPath } from "../support/process.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const prebuilt = projectPath("ffi/prebuilt");
const files = readdirSync(prebuilt, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(`${prebuilt}/${name}`).map((file) => `${name}/${file}`));
const objects = files.filter((file) => !file.endsWith(".ts"));

/** A runtime on some platform, which must not be asked to open anything. */
function backendOn(os: string, arch: string): Backend {
  const refuse = (): never => {
    throw new Error("nothing may be opened here");
  };
  return {
    name: "none",
    os,
    arch,
    sha256,
    open: refuse,
    libc: refuse,
    watch: refuse,
    explain: (error: unknown) => error,
    engineSignals: {},
  } as Partial<Backend> as Backend;
}

describe("the prebuilt objects", () => {
  it("are there for every target that has a layout, and for no other", () => {
    const names = Object.keys(layouts).sort();
    assertEquals(objects.map((file) => file.split("/")[0]).sort(), names);
    for (const name of names) {
      const [os, arch] = name.split("-");
      assertEquals(target(backendOn(os, arch)), name);
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
      const bytes = verifiedBytes(backendOn(os, arch));
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

describe("verifiedBytes()", () => {
  it("refuses bytes that are not those that were built, naming both hashes", () => {
    const base64 = btoa("not a library");
    const error = assertThrows(
      () => verifiedBytes(backendOn("linux", "x86_64"), { sha256: "00".repeat(32), size: 13, parts: [[0, base64]] }),
      Error,
      "damaged",
    );
    assertStringIncludes(error.message, "00".repeat(32));
    assertStringIncludes(error.message, sha256(new TextEncoder().encode("not a library")));
    assertStringIncludes(error.message, "install the package again");
  });

  it("notices a single changed bit", () => {
    const bytes = verifiedBytes(backendOn("linux", "x86_64"));
    const right = sha256(bytes);
    bytes[bytes.length >> 1] ^= 1;
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    assertThrows(
      () => verifiedBytes(backendOn("linux", "x86_64"), { sha256: right, size: bytes.length, parts: [[0, base64]] }),
      Error,
      "damaged",
    );
  });
});

describe("sha256()", () => {
  it("agrees with node:crypto around every block boundary and on the objects", () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7);
    for (let length = 0; length <= 200; length++) {
      assertEquals(ownSha256(bytes.subarray(0, length)), sha256(bytes.subarray(0, length)));
    }
    for (const file of objects) {
      const object = new Uint8Array(readFileSync(`${prebuilt}/${file}`));
      assertEquals(ownSha256(object), sha256(object));
    }
  });
});

describe("opening", () => {
  (isDeno ? it : it.skip)("takes Deno two goes for all that a handler and its first signal need", async () => {
    const [libc, ours, ...more] = await outcome<string[][]>("opens", []);
    assertEquals(libc.sort(), ["close", "fcntl", "memfd_create", "write"]);
    assertEquals(ours, [...first]);
    assertEquals(more, []);
  });
});
