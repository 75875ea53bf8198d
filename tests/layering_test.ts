import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";
import { projectPath } from "./support/process.ts";

/** The names that a file uses: the modules that it imports or exports from, by path from the project's root where they
 * are files; identifiers; and strings. Comments are ignored. */
interface Names {
  modules: string[];
  identifiers: Set<string>;
  strings: string[];
  /** Statements other than `export ... from`. */
  statements: number;
}

function namesIn(path: string, source: string): Names {
  const names: Names = { modules: [], identifiers: new Set(), strings: [], statements: 0 };
  const module = ({ text }: { text: string }) =>
    names.modules.push(text.startsWith(".") ? posix.join(posix.dirname(path), text) : text);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.identifiers.add(node.text);
    else if (ts.isStringLiteralLike(node)) names.strings.push(node.text);
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      module(node.moduleSpecifier as ts.StringLiteral);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      module(node.argument.literal as ts.StringLiteral);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      module(ts.isStringLiteralLike(argument) ? argument : { text: "a computed name" });
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest);
  names.statements = file.statements.filter((node) => !ts.isExportDeclaration(node) || !node.moduleSpecifier).length;
  visit(file);
  return names;
}

/** The legal arrows of a file: mod -> src -> ffi -> native, and never back. */
function mayImport(from: string, to: string): boolean {
  if (from === "mod.ts") return to.startsWith("src/");
  if (from.startsWith("src/")) return to.startsWith("src/") || to === "ffi/mod.ts";
  if (from.startsWith("examples/")) return to === "mod.ts" || /^(examples\/|node:)/.test(to);
  if (from.startsWith("ffi/native/")) return /^(node:|ffi\/native\/|ffi\/(symbols|backend)\.ts)/.test(to);
  if (to.startsWith("ffi/prebuilt/")) return from === "ffi/library.ts";
  const room = /^ffi\/(deno|bun|node)\//.exec(to)?.[1];
  if (room) return from === "ffi/mod.ts" ? to === `ffi/${room}/mod.ts` : from.startsWith(`ffi/${room}/`);
  if (to.startsWith("node:")) return from === "ffi/save.ts"; // elsewhere a bundler for browsers would stop at it
  return /^ffi\/\w+\.ts$/.test(to);
}

/** Identifiers that only the boundary may use: the runtimes, memory, and the layout of numbers in it. */
const BOUNDARY =
  /^(Deno|Bun|process|Buffer|require|dlopen|DataView|Unsafe\w+|\w*[pP]ointer\w*|ptr|byteOffset|[gs]et(Ui|I|BigUi|BigI)nt\d+)$/;

function violations(path: string, source: string): string[] {
  const { modules, identifiers, strings, statements } = namesIn(path, source);
  const found = modules.filter((to) => !mayImport(path, to)).map((to) => `${path} imports ${to}`);
  const says = (what: string) => found.push(`${path} names ${what}`);
  if (path === "mod.ts" && statements > 0) found.push("mod.ts has code");
  if (path.startsWith("src/")) {
    for (const name of identifiers) if (BOUNDARY.test(name)) says(name);
    for (const text of strings) if (/^(Deno|Bun|node:.*|bun:.*|process)$/.test(text)) says(JSON.stringify(text));
  }
  if (path.startsWith("ffi/")) {
    for (const [name, owner] of [["Deno", "ffi/deno/"], ["Bun", "ffi/bun/"]]) {
      const picks = path === "ffi/mod.ts" ? 1 : 0; // the one line that chooses
      if (
        !path.startsWith(owner) && (identifiers.has(name) || strings.filter((text) => text === name).length > picks)
      ) {
        says(name);
      }
    }
  }
  return found;
}

function filesBelow(directory: string): string[] {
  return readdirSync(projectPath(directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts")).map((name) => `${directory}/${name}`);
}

describe("the layers", () => {
  for (const layer of ["mod.ts", "src", "ffi", "examples"]) {
    it(`are kept in ${layer}`, () => {
      const files = layer === "mod.ts" ? [layer] : filesBelow(layer);
      assertEquals(files.flatMap((path) => violations(path, readFileSync(projectPath(path), "utf8"))), []);
    });
  }

  const forbidden = [
    ["mod.ts", 'export { native } from "./ffi/mod.ts";'],
    ["mod.ts", 'import { signal } from "./src/posix/disposition.ts"; signal(1, 0);'],
    ["src/on.ts", 'import { toMask } from "../ffi/codec.ts";'],
    ["src/posix/send.ts", 'import type { Backend } from "../../ffi/backend.ts";'],
    ["src/posix/send.ts", 'import { createHash } from "node:crypto";'],
    ["src/posix/send.ts", 'const backend = await import("../../ffi/deno/mod.ts");'],
    ["src/on.ts", 'import * as signal from "../mod.ts";'],
    ["src/on.ts", "Deno.addSignalListener(name, listener);"],
    ["src/on.ts", '(globalThis as any)["Bun"].gc();'],
    ["src/on.ts", "process.on(name, listener);"],
    ["src/on.ts", "const number = new DataView(buffer).getInt32(16, true);"],
    ["src/on.ts", "const pointerOfRing = 0;"],
    ["ffi/codec.ts", 'import { nameOf } from "../src/signals.ts";'],
    ["ffi/codec.ts", 'export * from "../mod.ts";'],
    ["ffi/codec.ts", 'import { readFileSync } from "node:fs";'],
    ["ffi/codec.ts", 'import { sha256 } from "./prebuilt/linux-x86_64/embedded.ts";'],
    ["ffi/library.ts", 'import { backend } from "./deno/mod.ts";'],
    ["ffi/mod.ts", 'import { loop } from "./deno/loop.ts";'],
    ["ffi/bun/loop.ts", 'import { loop } from "../node/loop.ts";'],
    ["ffi/mod.ts", 'type Row = import("./native/build.ts").Row;'],
    ["ffi/mod.ts", 'const isBun = "Bun" in globalThis; const again = "Bun" in globalThis;'],
    ["ffi/deno/loop.ts", 'void import("node:net");'],
    ["ffi/bun/library.ts", 'import { dlopen } from "bun:ffi";'],
    ["ffi/bun/loop.ts", "if (Deno.build.os) throw 1;"],
    ["ffi/deno/library.ts", 'import { dlopen } from "bun:ffi";'],
    ["ffi/deno/loop.ts", "const name: string = Bun.version;"],
    ["examples/daemon.ts", 'import { native } from "../ffi/mod.ts";'],
  ];
  for (const [path, source] of forbidden) {
    it(`would not be kept by ${path} with: ${source}`, () => assertEquals(violations(path, source).length > 0, true));
  }

  it("let comments and messages speak of the runtimes", () => {
    const source = '/** Deno and Bun. */ throw new Error("In Deno run it with --allow-ffi"); // node:fs';
    assertEquals(violations("src/on.ts", source), []);
  });
});
