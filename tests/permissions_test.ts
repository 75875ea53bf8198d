import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { isBun, isDeno, onTerminal, Program, projectPath, run, start } from "./support/process.ts";

const PROGRAM = "tests/programs/perm_load.ts";
/** A path at which nobody can create a file, not even root. */
const READ_ONLY = "/proc";
const denied = ["net", "read", "write", "run", "env", "sys"].map((what) => `--deny-${what}`);
const flags = isBun ? undefined : ["--allow-ffi", ...denied];
const inDeno = isDeno ? it : it.skip;

describe("loading the native part", () => {
  it("needs no file, no network and no place to write: only --allow-ffi, in a read-only working directory", async () => {
    assertThrows(() => writeFileSync(`${READ_ONLY}/libsignal.so`, ""));
    const end = await run(PROGRAM, ["load"], { flags, cwd: READ_ONLY });
    assertEquals([end.code, end.stdout, end.stderr], [0, '["SIGUSR2"]\n', ""]);
  });

  it("leaves the mapping of a file that has no name, and no descriptor", async () => {
    const program = start(PROGRAM, ["stay"], { flags, cwd: READ_ONLY });
    await program.until("SIGUSR2");
    const own = `/proc/${program.pid}`;
    assertStringIncludes(readFileSync(`${own}/maps`, "utf8"), "/memfd:libsignal.so (deleted)");
    const open = readdirSync(`${own}/fd`).map((fd) => readlinkSync(`${own}/fd/${fd}`));
    const left = open.filter((target) => target.includes("libsignal"));
    assertEquals(left, []);
    await program.kill("SIGKILL");
    await program.ended;
  });

  it("does not happen on import, nor for what is only looked up", async () => {
    const end = await run(PROGRAM, ["pure"], { flags: isBun ? undefined : denied });
    assertEquals([end.code, end.stdout], [0, '[15,"Terminated",true]\n']);
  });

  it("on a platform without one fails at the first call that needs it, naming the platform and the others", async () => {
    const end = await run("tests/programs/ffi_platform.ts", ["linux", "riscv64"], { flags });
    assertEquals([end.code, end.stderr], [0, ""]);
    const { texts: [text], first } = JSON.parse(end.stdout);
    assertEquals(text, "none: Terminated");
    assertStringIncludes(first, "no native part for linux-riscv64");
    assertStringIncludes(first, "linux-x86_64, linux-aarch64, macos-aarch64, macos-x86_64");
  });
});

describe("without --allow-ffi", () => {
  /** At least one flag: a Deno started from Deno with none is given every permission. */
  const nothing = ["--deny-net"];
  const words = (name: string) => [process.execPath, "run", "--no-check", ...nothing, projectPath(PROGRAM), name];

  function assertNamesFlag({ name, message }: { name: string; message: string }): void {
    assertEquals(name, "NotCapable");
    assertStringIncludes(message, "run again with --allow-ffi");
    assert(!message.includes("\n") && !message.includes("    at "), message);
  }

  inDeno("each call that needs it says which flag to add, and no more", async () => {
    for (const grant of [nothing, denied, ["--allow-read", "--allow-env"]]) {
      const end = await run(PROGRAM, ["refused"], { flags: grant });
      assertEquals([end.code, end.stderr], [0, ""]);
      const errors = JSON.parse(end.stdout);
      assertEquals(errors.length, 3);
      for (const error of errors) assertNamesFlag(error);
    }
  });

  inDeno("it says so without --no-prompt as well, where nobody can be asked", async () => {
    const program = new Program(words("refused"));
    program.closeInput();
    for (const error of JSON.parse((await program.ended).stdout)) assertNamesFlag(error);
  });

  inDeno("a grant for some other file is not enough, and the error says what one file takes", async () => {
    const end = await run(PROGRAM, ["refused"], { flags: ["--allow-ffi=/nowhere/else.so"] });
    for (const error of JSON.parse(end.stdout)) {
      assertNamesFlag(error);
      assertStringIncludes(error.message, "--allow-ffi=./libsignal.so");
    }
  });

  inDeno("the program ends with status 1 when nobody catches the error, which comes first on its screen", async () => {
    const end = await run(PROGRAM, ["uncaught"], { flags: nothing });
    assertEquals([end.code, end.stdout], [1, ""]);
    assertStringIncludes(end.stderr.split("\n")[0], "run again with --allow-ffi");
  });

  /** Deno discards input typed before it began to read, so the answer is repeated until it is accepted. */
  async function answer(program: Program, key: string, text: string): Promise<void> {
    await program.until("Allow? [y/n");
    const typing = setInterval(() => program.write(`${key}\r`), 100);
    await program.until(text).finally(() => clearInterval(typing));
  }

  inDeno("someone at the keyboard is asked, and may say no", async () => {
    const program = onTerminal(words("uncaught"));
    await answer(program, "n", "run again with --allow-ffi (");
    assertEquals((await program.ended).code, 1);
  });

  inDeno("someone at the keyboard is asked, and may say yes", async () => {
    const program = onTerminal(words("load"));
    await answer(program, "y", '["SIGUSR2"]');
    assertEquals((await program.ended).code, 0);
  });
});
