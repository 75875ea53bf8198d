/** Builds the native part for every target: `deno task native:build` writes ffi/prebuilt/ and
 * ffi/layout.ts; check.ts builds again beside them and compares.
 *
 * One Debian clang and lld build all four objects. No header and no SDK is read, no path or date
 * enters the output, so a rebuild is the same to the bit. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Buffer } from "node:buffer";
import type { Prototype } from "../backend.ts";
import { numbered } from "../symbols.ts";

export const CLANG = "clang-14";
const LINKERS = { elf: "ld.lld-14", macho: "ld64.lld-14" };
/** `-fno-strict-aliasing`: a siginfo_t is copied by words. At -Os, ps_replay() read its number before that. */
export const COMPILE = [
  ..."-std=c17 -O2 -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector".split(" "),
  ..."-fno-asynchronous-unwind-tables -fno-ident -fno-strict-aliasing -Wall -Wextra -Wpedantic -Werror".split(" "),
];
/** `-z nodelete`: Deno unmaps a library when the Worker that opened it ends; a signal after that
 * would run unmapped code. */
const LINK_ELF = [
  ..."-shared -z now -z nodelete -z noexecstack -z text -z norelro -z noseparate-code".split(" "),
  ..."--build-id=none --hash-style=both --gc-sections --strip-all".split(" "),
];
const LINK_MACHO = [
  ..."-dylib -adhoc_codesign -platform_version macos 11.0 11.0".split(" "),
  ..."-install_name @rpath/libsignal.dylib libSystem.tbd".split(" "),
];

/** Inline atomics: where clang finds a GCC for aarch64 it would call the functions of that. */
const INLINE_ATOMICS = ["-mno-outline-atomics"];

/** Calls go through pointers that dyld fills in as it opens the object. Otherwise it would look a function
 * up at its first call, under its lock, and that call may be the handler's. */
const BOUND_AT_OPEN = ["-fno-plt"];

export const TARGETS = [
  { name: "linux-x86_64", triple: "x86_64-linux-gnu", file: "libsignal.so", arch: "", flags: [] },
  { name: "linux-aarch64", triple: "aarch64-linux-gnu", file: "libsignal.so", arch: "", flags: INLINE_ATOMICS },
  {
    name: "macos-aarch64",
    triple: "arm64-apple-macos11",
    file: "libsignal.dylib",
    arch: "arm64",
    flags: [...BOUND_AT_OPEN, "-mllvm", "-aarch64-enable-nonlazybind"],
  },
  {
    name: "macos-x86_64",
    triple: "x86_64-apple-macos11",
    file: "libsignal.dylib",
    arch: "x86_64",
    flags: BOUND_AT_OPEN,
  },
];

export const SOURCES = "ring handler ending confine threads proc calls shutdown programs services".split(" ");

export const here: string = dirname(fileURLToPath(import.meta.url));
export const ffi: string = dirname(here);

export function run(command: string, args: string[]): string {
  return execFileSync(command, args, { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function toolchain(): string {
  const version = (command: string) => run(command, ["--version"]).split("\n")[0];
  return [
    version(CLANG),
    version(LINKERS.elf),
    `compile: ${COMPILE.join(" ")}`,
    `link, Linux: ${LINK_ELF.join(" ")}`,
    `link, macOS: ${LINK_MACHO.join(" ")}`,
    "",
  ].join("\n");
}

/** Tells one state of the sources from another: an object that is loaded from a file may be an old one. */
function sourceId(): string {
  const sources = readdirSync(here).filter((file) => /\.[ch]$/.test(file)).sort()
    .map((file) => readFileSync(join(here, file), "utf8"));
  return `0x${sha256(Buffer.from(sources.join("") + dispatchSource())).slice(0, 8)}`;
}

interface Numbered extends Prototype {
  readonly name: string;
  readonly number: number;
}

const functions: Numbered[] = Object.entries(numbered).map(([name, prototype], number) => ({
  name,
  number,
  ...prototype,
}));

/** Whether `ps_call_numbers` calls it; the others are called by `ps_call`. */
const takesNumbers = ({ args }: Numbered): boolean => args.length <= 3 && !args.includes("buffer");

const NUMBERS = "abcdef", BUFFERS = "pq";

/** The parameters in the order of the prototype, by the names they have in a call. */
function parameters({ args }: Numbered): string[] {
  let numbers = 0, buffers = 0;
  return args.map((type) => type === "buffer" ? BUFFERS[buffers++] : NUMBERS[numbers++]);
}

/** dispatch.c: calls a function by its number. Every number crosses as a double, which holds it exactly. */
export function dispatchSource(): string {
  const c = { i32: "int", u32: "uint32_t", f64: "double", buffer: "void *", void: "void" } as const;
  const declarations = functions.map(({ name, args, result }) =>
    `${c[result]} ${name}(${args.map((type) => c[type]).join(", ") || "void"});\n`
  );
  const dispatch = (name: string, takes: string[], called: Numbered[]): string => {
    const cases = called.map((called) => {
      const { name, number, args, result } = called;
      const given = parameters(called).map((parameter, i) =>
        args[i] === "buffer" ? parameter : `(${c[args[i]]})${parameter}`
      );
      const call = `${name}(${given.join(", ")})`;
      return `    case ${number}: ${result === "void" ? `${call}; return 0;` : `return (double)${call};`}\n`;
    });
    return `__attribute__((visibility("default"))) double ${name}(uint32_t number, ${takes.join(", ")}) {\n` +
      `  switch (number) {\n${cases.join("")}    default: return -1;\n  }\n}\n`;
  };
  const numbers = (names: string): string[] => [...names].map((name) => `double ${name}`);
  return `#include <stdint.h>\n${declarations.join("")}` +
    dispatch("ps_call_numbers", numbers("abc"), functions.filter(takesNumbers)) +
    dispatch("ps_call", [...numbers(NUMBERS), "void *p", "void *q"], functions.filter((one) => !takesNumbers(one)));
}

/** calls.ts: the same from TypeScript. */
function callsSource(): string {
  const lines = functions.map((called) => {
    const given = parameters(called);
    const or = (name: string, none: string): string => given.includes(name) ? name : none;
    const numbers = [...takesNumbers(called) ? "abc" : NUMBERS].map((name) => or(name, "0"));
    const buffers = [...takesNumbers(called) ? "" : BUFFERS].map((name) => or(name, "none"));
    const call = takesNumbers(called) ? "ps_call_numbers" : "ps_call";
    const words = [called.number, ...numbers, ...buffers].join(", ");
    return `    ${called.name}: (${given.join(", ")}) => ${call}(${words}),\n`;
  });
  return `/** The numbered functions of symbols.ts, generated by native/build.ts. */
import type { Functions } from "./backend.ts";
import type { numbered, opened } from "./symbols.ts";

const none = new Uint8Array(0);

export function withNumbered(functions: Functions<typeof opened>): Functions<typeof opened & typeof numbered> {
  const { ps_call, ps_call_numbers } = functions;
  return {
    ...functions,
${lines.join("")}  };
}
`;
}

export type Row = { table: string; name: string; type: string; why: string; value: number };

export function layoutRows(args: string[]): Row[] {
  return [...run(CLANG, [...args, "-S", "-o", "-", "layout.c"]).matchAll(/@@ (\S+) (\S+) (\S+) (\S+) = [$#]?(-?\d+)/g)]
    .map(([, table, name, type, why, value]) => ({ table, name, type, why, value: Number(value) }));
}

/** The rows of one target as the body of an object literal. */
function layoutSource(rows: Row[]): string {
  const tables = [...new Set(rows.map((row) => row.table))];
  return tables.map((table) => {
    const lines = rows.filter((row) => row.table === table).map(({ name, type, why, value }) => {
      const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
      if (type === "-") return `      ${key}: ${value},`;
      return `      ${key}: { at: ${value}, type: "${type}" }, // ${why.replaceAll("~", " ")}`;
    });
    return `    ${table}: {\n${lines.join("\n")}\n    },`;
  }).join("\n");
}

/** Half of an object for macOS is the zeros that fill its pages: only what lies between is embedded. */
function nonZeroParts(bytes: Uint8Array): [at: number, part: Uint8Array][] {
  const parts: [number, Uint8Array][] = [];
  for (let at = 0; at < bytes.length;) {
    let end = at;
    for (let zeros = 0; end < bytes.length && zeros < 256; end++) zeros = bytes[end] === 0 ? zeros + 1 : 0;
    const part = bytes.subarray(at, end);
    if (part.some((byte) => byte !== 0)) parts.push([at, part]);
    at = end;
    while (at < bytes.length && bytes[at] === 0) at++;
  }
  return parts;
}

/** Everything that is generated, as path below ffi/ -> bytes. */
export function build(work: string): Map<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  const text = (path: string, content: string) => out.set(path, new TextEncoder().encode(content));
  const sums: string[] = [];
  let layouts = "";
  writeFileSync(join(work, "dispatch.c"), dispatchSource());
  for (const { name, triple, file, arch, flags } of TARGETS) {
    const objects = [...SOURCES, "dispatch"].map((part) => {
      const object = join(work, `${part}-${name}.o`);
      run(CLANG, [
        `--target=${triple}`,
        ...COMPILE,
        ...flags,
        `-DPS_BUILD=${sourceId()}u`,
        "-c",
        part === "dispatch" ? join(work, "dispatch.c") : `${part}.c`,
        "-o",
        object,
      ]);
      return object;
    });
    const library = join(work, `${name}-${file}`);
    if (arch) run(LINKERS.macho, ["-arch", arch, ...LINK_MACHO, ...objects, "-o", library]);
    else {
      const page = name.endsWith("x86_64") ? "4096" : "65536";
      run(LINKERS.elf, [...LINK_ELF, "-z", `max-page-size=${page}`, ...objects, "-o", library]);
    }
    const bytes = new Uint8Array(readFileSync(library));
    sums.push(`${sha256(bytes)}  ${name}/${file}`);
    const parts = nonZeroParts(bytes)
      .map(([at, part]) => `    [${at}, "${Buffer.from(part).toString("base64")}"],\n`).join("");
    text(
      `prebuilt/${name}/embedded.ts`,
      `/** ${file}, generated by ffi/native/build.ts: what lies between its zeros, as\n` +
        ` * [offset, base64]. */\nimport type { Embedded } from "../../library.ts";\n\n` +
        `export const embedded = (): Embedded => ({\n  size: ${bytes.length},\n` +
        `  parts: [\n${parts}  ],\n});\n`,
    );
    layouts += `  "${name}": {\n${
      layoutSource(layoutRows([`--target=${triple}`, "-std=c17", "-O2", "-ffreestanding"]))
    }\n  },\n`;
  }
  text("prebuilt/SHA256SUMS", sums.join("\n") + "\n");
  text("prebuilt/TOOLCHAIN", toolchain());
  text("calls.ts", callsSource());
  text(
    "layout.ts",
    "/** Offsets in bytes, sizes and constants of every target, generated by native/build.ts from\n" +
      " * native/layout.c. Never edited by hand. */\n" +
      `export const layouts = {\n${layouts}} as const;\n\n` +
      `/** Identifies the sources of the objects: ps_build(). */\nexport const build = ${sourceId()};\n`,
  );
  return out;
}

/** Runs `body` with a directory that is gone afterwards. */
export function inDirectory(body: (work: string) => void): void {
  const work = mkdtempSync(join(tmpdir(), "native-"));
  try {
    body(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  inDirectory((work) => {
    const built = build(work);
    for (const [path, bytes] of built) {
      mkdirSync(dirname(join(ffi, path)), { recursive: true });
      // A new file, not the old one overwritten: a running program may have that mapped.
      writeFileSync(join(ffi, `${path}.new`), bytes);
      renameSync(join(ffi, `${path}.new`), join(ffi, path));
    }
    console.log(new TextDecoder().decode(built.get("prebuilt/SHA256SUMS")));
  });
}
