/** Node without the preload that the other tests of programs use. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { found } from "./support/cases.ts";
import { type End, isNode, Program, projectPath } from "./support/process.ts";

const inNode = isNode ? it : it.skip;

function start(...words: string[]): Promise<End> {
  const program = new Program([process.execPath, ...words]);
  program.closeInput();
  return program.ended;
}

const run = (what: string, ...flags: string[]): Promise<End> =>
  start(...flags, projectPath("tests/programs/node_only.ts"), what);

describe("in Node", () => {
  inNode("the ends of children are told, whoever listens to SIGCHLD", async () => {
    const expected = { ends: [1, 2, 3, 4, 5, 6], heard: 3, left: 0 };
    assertEquals(found(await run("children")), expected);
  });

  inNode("SIGUSR1 is ours while we listen, and starts the debugger again after", async () => {
    const end = await run("debugger");
    assertEquals(found(end), { before: "the runtime", heard: 1, after: "the runtime" });
    assertEquals(end.stderr.includes("Debugger listening"), false);
  });

  inNode("a program ends well while a caller of ours is being compiled", async () => {
    const words = ["--disable-warning=ExperimentalWarning", "--allow-natives-syntax"];
    for (let i = 0; i < 12; i++) {
      const { code, signal, stderr } = await start(...words, projectPath("tests/programs/node_ending.ts"));
      assertEquals([code, signal, stderr], [0, null, ""]);
    }
  });

  inNode("a warning says that node:ffi is experimental, and nothing else is said", async () => {
    const { stderr } = await run("debugger");
    assertMatch(stderr, /^\(node:\d+\) ExperimentalWarning: FFI is an experimental feature.*\n\(Use .*\)\n$/);
    assertEquals((await run("debugger", "--disable-warning=ExperimentalWarning")).stderr, "");
  });

  inNode("without node:ffi the error says which Node has it", async () => {
    const message = found<string>(await run("refused", "--no-experimental-ffi"));
    assertStringIncludes(message, `this Node, ${process.version}, has no node:ffi`);
    assertStringIncludes(message, "Node 26.10 or newer");
  });

  inNode("without the permission the error says which flag to add, and with it the call works", async () => {
    const flags = ["--permission", "--allow-fs-read=*"];
    assertStringIncludes(found<string>(await run("refused", ...flags)), "run again with --allow-ffi");
    assertEquals(found<string>(await run("refused", ...flags, "--allow-ffi")), "none");
  });
});
