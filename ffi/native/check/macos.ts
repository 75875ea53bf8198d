/** The part of native:check that is about macOS: no such machine is at hand, so what its loader, its kernel
 * and its headers say is held against the objects and the sources. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLANG, here, run, TARGETS } from "../build.ts";
import { checkSignature, readMachO } from "./macho.ts";

type Expect = (holds: boolean, what: string) => void;
type Succeeds = (what: string, command: string, args: string[]) => boolean;

const macos = TARGETS.filter((target) => target.arch);

/** What dyld checks when it opens a library, and the kernel when its pages are touched. */
function checkObjects(work: string, expect: Expect): void {
  const allowed = readFileSync(join(here, "libSystem.tbd"), "utf8").replaceAll(/#.*/g, "").match(/\b_+[a-z]\w*/g)!
    .sort();
  const count = (macho: ReturnType<typeof readMachO>) =>
    Object.entries(macho.commands).map(([command, times]) => `${times} ${command}`).sort().join();
  for (const { name, file, arch } of macos) {
    const library = join(work, `${name}-${file}`);
    const bytes = new Uint8Array(readFileSync(library));
    const macho = readMachO(bytes);
    const { segments, build } = macho;
    const says = (holds: boolean, what: string) => expect(holds, `${name}: ${what}`);

    // MH_DYLIB; MH_NOUNDEFS, MH_DYLDLINK, MH_TWOLEVEL, MH_NO_REEXPORTED_DYLIBS
    says(macho.cpu === arch && macho.fileType === 6 && macho.flags === 0x100085, `a library for ${arch}`);
    says(
      count(macho) === "1 BUILD_VERSION,1 CODE_SIGNATURE,1 DATA_IN_CODE,1 DYLD_INFO_ONLY,1 DYSYMTAB," +
          "1 FUNCTION_STARTS,1 ID_DYLIB,1 LOAD_DYLIB,1 SYMTAB,1 UUID,4 SEGMENT_64",
      `its load commands are those of such a library, no LC_RPATH among them: ${count(macho)}`,
    );
    says(build?.platform === 1 && build.minimum === "11.0" && build.sdk === "11.0", "for macOS from 11.0 on");
    says(macho.installName === "@rpath/libsignal.dylib", `named ${macho.installName}`);
    says(macho.needs.join() === "/usr/lib/libSystem.B.dylib", `needs ${macho.needs}, and no other library`);

    const page = arch === "arm64" ? 16384 : 4096;
    const placed = segments.every(({ at, size, address, memory, protection: [initial, maximum], sections }, i) =>
      at % page === 0 && address % page === 0 && initial === maximum && size <= Math.ceil(memory / page) * page &&
      (i === 0 ? at === 0 && address === 0 : address >= segments[i - 1].address + segments[i - 1].memory) &&
      sections.every((section) => section.address >= address && section.address + section.size <= address + memory)
    );
    says(placed, `its segments lie in order, on pages of ${page} bytes, with their sections within`);
    const protections = segments.map(({ name, protection: [initial] }) => `${name} ${initial}`).join(", ");
    says(
      protections === "__TEXT r-x, __DATA_CONST rw-, __DATA rw-, __LINKEDIT r--",
      `nothing is writable and executable: ${protections}`,
    );
    // S_REGULAR, S_ZEROFILL, literals, S_NON_LAZY_SYMBOL_POINTERS; not S_MOD_INIT_FUNC_POINTERS, stubs, threads' own
    const types = segments.flatMap(({ sections }) => sections.map(({ type }) => type));
    says(types.every((type) => [0, 1, 2, 3, 4, 6, 14].includes(type)), "nothing of it runs as it is loaded");

    const binds = (kind: string) =>
      run("llvm-objdump-14", ["--macho", `--${kind}`, library]).split("\n")
        .filter((line) => line.startsWith("__")).map((line) => line.trim().split(/ +/));
    const eager = binds("bind");
    says(
      eager.every((words) => words[0] === "__DATA_CONST" && words[5] === "libSystem") &&
        eager.map((words) => words[6]).sort().join() === allowed.join(),
      `imports from libSystem the ${allowed.length} functions that libSystem.tbd lists`,
    );
    says(!binds("lazy-bind").length && !binds("weak-bind").length, "every one is bound as the library is opened");

    const wrong = checkSignature(bytes);
    says(wrong.length === 0, `its signature holds, page by page ${wrong}`);
    const end = macho.signature?.at ?? 0;
    const unnoticed = Array.from({ length: Math.ceil(end / 4096) }, (_, i) => i).filter((page) => {
      const changed = bytes.slice();
      changed[Math.min(page * 4096 + 4095, end - 1)] ^= 1;
      return checkSignature(changed).join() !== `page ${page} is not what its hash says`;
    });
    says(unnoticed.length === 0, `and no longer where one bit of any page has changed ${unnoticed}`);
  }
}

/** libc.h against what Apple publishes. */
function checkHeaders(succeeds: Succeeds): void {
  for (const { name, triple } of macos) {
    const flags = "-std=c17 -ffreestanding -Wall -Wextra -Wpedantic -Werror -fsyntax-only".split(" ");
    const source = "check/macos_headers.c";
    const assertions = readFileSync(join(here, source), "utf8").match(/^(IS|AT|_Static_assert)\(/gm)!.length;
    succeeds(`${name}: libc.h agrees with Apple's headers in ${assertions} points`, CLANG, [
      ...[`--target=${triple}`, ...flags],
      source,
    ]);
  }
}

export function checkMacos(work: string, expect: Expect, succeeds: Succeeds): void {
  checkObjects(work, expect);
  checkHeaders(succeeds);
}
