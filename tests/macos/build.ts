/** The native part for macOS in a form that Linux runs: its sources compiled as for macOS, linked with darwin.c. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { build } from "../../ffi/layout.ts";
import { dispatchSource } from "../../ffi/native/build.ts";
import { projectPath } from "../support/process.ts";

const native = projectPath("ffi/native");
const shim = projectPath("tests/macos/darwin.c");
const sources = readdirSync(native).filter((name) => name.endsWith(".c") && name !== "layout.c");

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error ?? stderr}`);
  return stdout;
}

/** What the object for macOS imports: libSystem.tbd. */
function imports(): string[] {
  const text = readFileSync(join(native, "libSystem.tbd"), "utf8").replaceAll(/#.*/g, "");
  return text.match(/\b_+[a-z]\w*/g)!.map((name) => name.slice(1));
}

/** @returns the path of darwin.c's library; the native part lies beside it, as darwin_extract() expects */
export function buildForLinux(): string {
  const hash = createHash("sha256").update(String(build));
  for (const name of readdirSync(native).filter((name) => /\.[ch]$/.test(name))) {
    hash.update(readFileSync(join(native, name)));
  }
  hash.update(dispatchSource()).update(readFileSync(shim));
  const directory = join(tmpdir(), `darwin-${process.getuid!()}-${hash.digest("hex").slice(0, 16)}`);
  const library = join(directory, "libdarwin.so");
  if (existsSync(library)) return library;
  const work = mkdtempSync(`${directory}.`);
  const [made, signal] = [join(work, "libdarwin.so"), join(work, "libdarwin.so.signal")];
  const flags = "-O1 -g -fPIC -shared -Wall -Wextra -Wno-cast-function-type -Werror".split(" ");
  run("gcc", ...flags, "-o", made, shim);
  const defined = new Set(run("nm", "--dynamic", "--defined-only", "--format=just-symbols", made).split("\n"));
  // Functions whose numbers or structures differ resolve to darwin.c, the others to the C library.
  const renamed = imports().filter((name) => defined.has(`darwin_${name}`))
    .map((name) => `--redefine-sym=${name}=darwin_${name}`);
  writeFileSync(join(work, "dispatch.c"), dispatchSource());
  const objects = [...sources.map((name) => join(native, name)), join(work, "dispatch.c")].map((source) => {
    const object = join(work, `${basename(source)}.o`);
    run(
      ...["gcc", "-c", "-O1", "-g", "-std=gnu17", "-fPIC", "-ffreestanding", "-fvisibility=hidden"] as const,
      ...["-fno-strict-aliasing", "-U__linux__", "-Ulinux", "-D__APPLE__", `-DPS_BUILD=${build}u`],
      ...[source, "-o", object],
    );
    run("objcopy", ...renamed, object);
    return object;
  });
  // Linked under its final path, which is written into the library.
  mkdirSync(directory, { recursive: true });
  renameSync(made, library);
  run("gcc", "-shared", "-Wl,-z,defs", "-Wl,-z,now", "-o", signal, ...objects, library);
  renameSync(signal, `${library}.signal`);
  rmSync(work, { recursive: true });
  return library;
}
