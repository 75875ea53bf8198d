/** Checks the native part: `deno task native:check`.
 *
 * - The committed objects are those that the sources build.
 * - The handler calls only async-signal-safe functions, and takes little stack.
 * - libc.h agrees with the system's headers.
 * - The objects for macOS, which cannot be run here, have the form that its loader and its kernel accept.
 * - The programs in check/ pass: the sources under Clang's sanitizers, the ring's protocol in every order of its steps,
 *   and the shipped objects with glibc, with musl and, emulated, on the other processor. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import process from "node:process";
import { numbered, opened } from "../symbols.ts";
import {
  build,
  CLANG,
  COMPILE,
  ffi,
  here,
  inDirectory,
  layoutRows,
  type Row,
  run,
  sha256,
  SOURCES,
  TARGETS,
} from "./build.ts";
import { checkMacos } from "./check/macos.ts";

const failures: string[] = [];
function expect(condition: boolean, what: string): void {
  console.log(`${condition ? "ok  " : "FAIL"} ${what}`);
  if (!condition) failures.push(what);
}

/** What a handler reaches. */
const IN_HANDLER = ["handler", "ring", "ending", "confine"];

/** The files that run in handlers need nothing but async-signal-safe functions. */
function checkSymbols(work: string): void {
  const safe = new Set(
    readFileSync(join(here, "safe_symbols.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"))
      .map((line) => line.split(/\s/)[0]),
  );
  const unneeded = new Set(safe);
  for (const { name, arch } of TARGETS) {
    const symbols = (which: string) =>
      IN_HANDLER.flatMap((part) =>
        run("llvm-nm-14", [which, "--format=just-symbols", join(work, `${part}-${name}.o`)]).split("\n")
      ).filter(Boolean).map((symbol) => arch ? symbol.replace(/^_/, "") : symbol);
    const defined = symbols("--defined-only");
    const needed = symbols("-u").filter((symbol) => !defined.includes(symbol));
    const unsafe = needed.filter((symbol) => !safe.has(symbol));
    for (const symbol of needed) unneeded.delete(symbol);
    expect(
      unsafe.length === 0,
      `${name}: the handler calls only safe functions${unsafe.length ? `, not ${unsafe}` : ""}`,
    );
  }
  expect(unneeded.size === 0, `safe_symbols.txt lists what is needed${unneeded.size ? `, not ${[...unneeded]}` : ""}`);
}

/** The handler runs on an alternate stack as well, where the runtime has one: the deepest chain of its calls takes less
 * than a kilobyte. */
function checkStack(work: string): void {
  for (const { name, triple, flags } of TARGETS.filter(({ arch }) => !arch)) {
    const frames = new Map<string, number>();
    const calls = new Map<string, Set<string>>();
    for (const part of IN_HANDLER) {
      const object = join(work, `stack-${part}-${name}.o`);
      run(CLANG, [`--target=${triple}`, ...COMPILE, ...flags, "-fstack-usage", "-c", `${part}.c`, "-o", object]);
      for (const [, caller, bytes] of readFileSync(object.replace(/o$/, "su"), "utf8").matchAll(/:(\w+)\t(\d+)/g)) {
        frames.set(caller, Number(bytes));
      }
      let caller = "";
      for (const line of run("llvm-objdump-14", ["-dr", object]).split("\n")) {
        caller = line.match(/^[0-9a-f]+ <(\w+)>:$/)?.[1] ?? caller;
        const callee = line.match(/\t(?:callq?|jmp|bl?)\s.*<(\w+)>|R_(?:X86_64_PLT32|AARCH64_(?:CALL|JUMP)26)\t(\w+)/);
        const called = callee?.[1] ?? callee?.[2];
        if (called && called !== caller) calls.set(caller, (calls.get(caller) ?? new Set()).add(called));
      }
    }
    const depth = (from: string): number =>
      (frames.get(from) ?? 0) + Math.max(0, ...[...calls.get(from) ?? []].map((called) => 16 + depth(called)));
    const bytes = depth("ps_handler");
    expect(bytes > 200 && bytes < 1024, `${name}: the handler takes less than a kilobyte of stack: ${bytes} bytes`);
  }
}

/** A library that needs no other loads under glibc and musl alike. */
function checkNeeded(work: string): void {
  for (const { name, file } of TARGETS.filter((target) => !target.arch)) {
    const dynamic = run("llvm-readelf-14", ["-d", join(work, `${name}-${file}`)]);
    expect(!dynamic.includes("NEEDED"), `${name}: no NEEDED entry`);
    expect(dynamic.includes("NODELETE"), `${name}: marked NODELETE`);
  }
}

/** Each library offers what symbols.ts lists, and nothing else. */
function checkExports(work: string): void {
  const listed = Object.keys({ ...opened, ...numbered }).sort();
  for (const { name, file, arch } of TARGETS) {
    const library = join(work, `${name}-${file}`);
    const offered = arch
      ? [...run("llvm-objdump-14", ["--macho", "--exports-trie", library]).matchAll(/^0x\w+ +_(\w+)$/gm)].map(([, f]) =>
        f
      )
      : run("llvm-nm-14", ["-D", "--defined-only", "--format=just-symbols", library]).trim().split("\n");
    expect(offered.sort().join() === listed.join(), `${name}: exports the ${listed.length} functions of symbols.ts`);
  }
}

function checkHeaders(): void {
  const show = (rows: Row[]) => rows.map(({ table, name, value }) => `${table}.${name} = ${value}`);
  const system = show(layoutRows(["-std=gnu17", "-O2", "-DPS_SYSTEM_HEADERS"]));
  const ours = new Set(show(layoutRows(["--target=x86_64-linux-gnu", "-std=c17", "-O2", "-ffreestanding"])));
  const wrong = system.filter((row) => !ours.has(row));
  expect(system.length > 30 && wrong.length === 0, `libc.h agrees with <signal.h> in ${system.length} rows ${wrong}`);
}

function checkCommitted(built: Map<string, Uint8Array>): void {
  for (const [path, bytes] of built) {
    const committed = existsSync(join(ffi, path)) ? readFileSync(join(ffi, path)) : Buffer.alloc(0);
    expect(sha256(committed) === sha256(bytes), `${path} is what the sources build`);
  }
}

/** Runs a program to its end, which must come with status 0; what it says is shown if it does not. */
function succeeds(what: string, command: string, args: string[], cwd = here): boolean {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(status === 0, what);
  if (status !== 0) console.log(`${error ?? signal ?? `status ${status}`}\n${stdout}\n${stderr}`);
  return status === 0;
}

/** The sources themselves, driven from many threads. */
function checkSanitized(work: string): void {
  for (const sanitizer of ["thread", "address,undefined"]) {
    const program = join(work, `harness-${sanitizer}`);
    const flags = "-std=gnu17 -O1 -g -ffreestanding -fno-omit-frame-pointer -Wall -Wextra -Werror -pthread".split(" ");
    run(CLANG, [
      ...[...flags, `-fsanitize=${sanitizer}`, "-fno-sanitize-recover=all", "-Wl,--wrap=read", "-o", program],
      ...["check/harness.c", ...SOURCES.map((part) => `${part}.c`)],
    ]);
    succeeds(`the harness ends well under -fsanitize=${sanitizer}`, program, []);
  }
}

/** Every order of the protocol's steps, for small numbers of handlers; and that an order known to be
 * wrong is found. */
function checkProtocol(work: string): void {
  const explore = (options: string[]): { explored: boolean; output: string } => {
    run("cp", ["check/ring.pml", work]);
    execIn(work, "spin", [...options, "-a", "ring.pml"]);
    execIn(work, "gcc", ["-O2", "-DSAFETY", "-o", "pan", "pan.c"]);
    const { stdout } = spawnSync("./pan", ["-m100000", "-E"], { cwd: work, encoding: "utf8", timeout: 120_000 });
    return { explored: stdout.includes("errors: 0") && !stdout.includes("max search depth too small"), output: stdout };
  };
  const configurations = [
    ["-DWRITERS=2", "-DPUTS=2", "-DROOM=2", "-DSIGNAL=0"],
    ["-DWRITERS=2", "-DPUTS=2", "-DROOM=1", "-DSIGNAL=1"],
    ["-DWRITERS=3", "-DPUTS=1", "-DROOM=2", "-DSIGNAL=0"],
  ];
  for (const options of configurations) {
    const { explored, output } = explore(options);
    expect(explored, `the ring keeps every record in every order of steps: ${options.join(" ")}`);
    if (!explored) console.log(output);
  }
  const { output } = explore([...configurations[1], "-DCLEAR_FIRST"]);
  expect(
    output.includes("assertion violated"),
    "the model finds the wake-up that is lost when the flag is cleared first",
  );
}

function execIn(cwd: string, command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
}

/** The objects as they are shipped, loaded by C programs. */
function checkClients(work: string): void {
  const clients = [
    { name: "glibc on x86_64", compiler: "gcc", target: "linux-x86_64", wrapper: [] },
    { name: "musl on x86_64", compiler: "musl-gcc", target: "linux-x86_64", wrapper: [] },
    {
      name: "glibc on aarch64, emulated",
      compiler: "aarch64-linux-gnu-gcc",
      target: "linux-aarch64",
      wrapper: ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
    },
  ];
  const offsets = readFileSync(join(here, "confine.c"), "utf8").match(/enum \{\n#if defined\(__x86_64__\)[^}]*\};\n/)!;
  writeFileSync(join(work, "context.h"), offsets[0]);
  for (const { name, compiler, target, wrapper } of clients) {
    const program = join(work, `client-${compiler}`);
    run(compiler, [..."-std=gnu17 -O1 -Wall -Wextra -Werror".split(" "), `-I${work}`, "-o", program, "check/client.c"]);
    const [command, ...args] = [...wrapper, program, join(work, `${target}-libsignal.so`)];
    succeeds(`${target}/libsignal.so goes the whole way of a signal with ${name}`, command, args);
  }
}

inDirectory((work) => {
  checkCommitted(build(work));
  checkSymbols(work);
  checkStack(work);
  checkNeeded(work);
  checkExports(work);
  checkMacos(work, expect, succeeds);
  checkHeaders();
  checkSanitized(work);
  checkProtocol(work);
  checkClients(work);
});
if (failures.length) {
  console.error(`${failures.length} checks failed`);
  process.exitCode = 1;
}
