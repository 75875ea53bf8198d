/** A libstdc++.so.6 for musl, which Debian does not package: the part of its static libstdc++ that a program imports,
 * linked without glibc. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });

/** Names of dynamic symbols, without their versions; those that may be missing are left out. */
function symbols(file: string, which: "--defined-only" | "--undefined-only"): Set<string> {
  const rows = run("nm", "--dynamic", which, file).split("\n").map((line) => line.trim().split(/ +/));
  return new Set(rows.filter((row) => row.at(-2) !== "w").map((row) => row.at(-1)!.replace(/@.*/, "")).filter(Boolean));
}

/** Data of which the program keeps a copy, such as vtables: defined there, and filled from the library. */
function copied(program: string): string[] {
  return [...run("readelf", "--relocs", "--wide", program).matchAll(/ R_X86_64_COPY +\S+ (\S+)/g)]
    .map(([, name]) => name.replace(/@.*/, ""));
}

/** @param program the executable to be run
 * @param musl the directory of musl's libc.so and crt files
 * @param work a directory for intermediate files and the library
 * @returns the library's path */
export function buildLibstdcxx(program: string, musl: string, work: string): string {
  const gcc = dirname(run("gcc", "-print-file-name=libstdc++.a"));
  const libc = symbols(join(musl, "libc.so"), "--defined-only");
  const imports = [...symbols(program, "--undefined-only"), ...copied(program)].filter((name) => !libc.has(name));
  const library = join(work, "libstdc++.so.6");
  const versions = join(work, "libstdcxx.map");
  writeFileSync(versions, `{ global: ${imports.map((name) => `${name};`).join(" ")} local: *; };\n`);
  run(
    ...["gcc", "-O2", "-fPIC", "-shared", "-nostdlib", "-o", library, "-Wl,-soname,libstdc++.so.6"] as const,
    ...["-Wl,--gc-sections", `-Wl,--version-script=${versions}`, ...imports.map((name) => `-Wl,--undefined=${name}`)],
    ...[join(musl, "crti.o"), join(gcc, "crtbeginS.o"), fileURLToPath(new URL("glibc.c", import.meta.url))],
    ...["-Wl,-Bstatic", "-lstdc++", "-lgcc_eh", "-lgcc", "-Wl,-Bdynamic"],
    ...[join(gcc, "crtendS.o"), join(musl, "crtn.o")],
  );
  const missing = [...symbols(library, "--undefined-only")].filter((name) => !libc.has(name));
  if (missing.length) throw new Error(`libstdc++ for musl still needs ${missing.join(", ")}: define them in glibc.c`);
  return library;
}
