/** The ways to ship a program that uses this module from its sources, each tried to the end: bundled, compiled, and
 * with a permission as narrow as one file. tests/packages ships the built package. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "../ffi/layout.ts";
import { compile } from "./support/compile.ts";
import { libraryPath } from "./support/library.ts";
import { command, isBun, type Options, Program, projectPath, run } from "./support/process.ts";
import { assertAnswers, inDirectory, SHIP, succeeds } from "./support/shipped.ts";

const runtime = process.execPath;
const inDeno = isBun ? it.skip : it;
const inBun = isBun ? it : it.skip;

describe("a bundle", () => {
  for (
    const words of isBun ? ["build", "build --minify --target=bun"] : ["bundle --quiet", "bundle --quiet --minify"]
  ) {
    it(`of one file runs by itself: ${isBun ? "bun" : "deno"} ${words}`, async () => {
      await inDirectory(async (directory) => {
        const output = join(directory, "program.js");
        await succeeds(`"${runtime}" ${words} ${projectPath(SHIP)} ${isBun ? "--outfile" : "--output"} ${output}`);
        await assertAnswers(command(output), { cwd: directory });
      });
    });
  }
});

describe("a program compiled to one file", () => {
  inBun("runs by itself: bun build --compile", async () => {
    await inDirectory(async (directory) => {
      await succeeds(`"${runtime}" build --compile ${projectPath(SHIP)} --outfile program`, { cwd: directory });
      await assertAnswers([join(directory, "program")], { cwd: "/" });
    });
  });

  // Deno downloads the base of its executables, which not every machine can: then only that download fails.
  inDeno("runs by itself: deno compile", async () => {
    await inDirectory(async (directory) => {
      const output = join(directory, "program");
      const words = `compile --quiet --no-check --allow-ffi --output ${output} ${projectPath(SHIP)}`;
      try {
        await succeeds(`"${runtime}" ${words}`);
      } catch (error) {
        assertMatch((error as Error).message, /denort|dl\.deno\.land/);
        console.log("deno compile: not run, Deno's base program cannot be fetched from here");
        return;
      }
      await assertAnswers([output], { cwd: "/" });
    });
  });
});

const LIBRARY = libraryPath();

describe("a library of its own", () => {
  const from = (library: string, options: Options = {}) =>
    run("tests/programs/ship_library.ts", [library], { flags: isBun ? [] : [`--allow-ffi=${library}`], ...options });
  const words = (library: string) =>
    command("tests/programs/ship_library.ts", [library], isBun ? [] : [`--allow-ffi=${library}`]);

  /** Saved by the package's own program, with the permission to write there and no other. */
  async function save(directory: string, ...args: string[]): Promise<string> {
    const end = await run("ffi/save.ts", args, {
      flags: isBun ? [] : ["--allow-write=.", "--deny-read", "--deny-ffi", "--deny-env", "--deny-net"],
      cwd: directory,
    });
    assertEquals([end.code, end.stderr], [0, ""]);
    return end.stdout;
  }

  it("is saved to a file, also in place of one that a program runs with, and is what was built", async () => {
    await inDirectory(async (directory) => {
      assertEquals(await save(directory), "./libsignal.so\n");
      assert(readFileSync(join(directory, "libsignal.so")).equals(readFileSync(LIBRARY)));
      const program = new Program(words("./libsignal.so"), { cwd: directory });
      await program.until("ready\n");
      assertEquals(await save(directory, "libsignal.so"), "libsignal.so\n"); // the program has it mapped
      await program.kill("SIGUSR1");
      assertEquals((await program.ended).code, 0);
      assert(readFileSync(join(directory, "libsignal.so")).equals(readFileSync(LIBRARY)));
    });
  });

  for (const name of ["./libsignal.so", "libsignal.so"]) {
    it(`is all that a program needs a permission for: --allow-ffi=${name}`, async () => {
      await inDirectory(async (directory) => {
        await save(directory);
        await assertAnswers(words(name), { cwd: directory });
      });
    });
  }

  it("is never looked for where LD_LIBRARY_PATH says: a bare name is a file of the working directory", async () => {
    await inDirectory(async (directory) => {
      await save(directory);
      const end = await from("libsignal.so", {
        cwd: "/",
        env: { LD_LIBRARY_PATH: directory },
        flags: isBun ? [] : ["-A"],
      });
      assertEquals([end.code, end.stdout], [1, ""]);
      assertMatch(end.stderr, /\/libsignal\.so: cannot open shared object file/);
    });
  });

  it("is refused when it is of another version, or of something else, with what to do", async () => {
    await inDirectory(async (directory) => {
      const bytes = readFileSync(LIBRARY);
      const head = new Uint8Array(new Uint32Array([build]).buffer);
      let found = 0;
      for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 4), found++) bytes[at] ^= 1;
      assert(found > 0, "the object does not name its build");
      const old = join(directory, "old.so");
      writeFileSync(old, bytes);
      for (const library of [old, compile("native", { shared: true })]) {
        const end = await from(library);
        assertEquals([end.code, end.stdout], [1, ""]);
        assertStringIncludes(end.stderr, `'${library}' is of another version of @posix/signal: write it again, with`);
      }
      writeFileSync(old, "not a library");
      assertMatch((await from(old)).stderr, /old\.so: (file too short|invalid ELF header)/);
    });
  });
});
