/** Runs the code of the documentation, and compares its output with the text. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { goals, table } from "../bench/support/figures.ts";
import * as signal from "../mod.ts";
import { type DefaultAction, defaultAction } from "../src/signals.ts";
import { blocksOf, modules, permissions, Reader, told, withoutPids } from "./support/docs.ts";
import { CTRL_C, CTRL_Z, type End, eventually, isBun, onTerminal, projectPath, run } from "./support/process.ts";
import { buildSite, PAGES } from "./support/site.ts";

const reader = new Reader();
afterAll(() => reader[Symbol.dispose]());

const BIN = projectPath("node_modules/.bin");
const PATH = `${BIN}:${process.env.PATH}`;

const FOLDERS = ["src", "ffi", "tests", "bench", "examples"];
const pages = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "src/SERVICES.md"],
  ...FOLDERS.map((folder) => `${folder}/README.md`),
];
const shown = [...modules(), ...pages].flatMap(blocksOf);
const programs = shown.filter(({ language }) => language === "ts")
  .map((block, i) => ({ block, path: reader.save(block.file ?? `block${i}.ts`, block.lines.join("\n") + "\n") }));

/** The output and, as the last line, the wait status. */
function lines({ code, signal, stdout, stderr }: End): string[] {
  assertEquals(stderr, "");
  const printed = stdout.split("\n").slice(0, -1);
  if (signal) return [...printed, `killed by ${signal}`];
  return code === 0 ? printed : [...printed, `status ${code}`];
}

describe("the code that is shown", () => {
  it("satisfies the compiler, with this runtime's types", () => {
    const [command, ...args] = isBun
      ? ["tsc", "--project", join(reader.directory, "bun-types.json")]
      : ["deno", "check", "--quiet"];
    const paths = isBun ? [] : programs.map(({ path }) => path);
    const { status, stdout, stderr } = spawnSync(join(BIN, command), [...args, ...paths], {
      cwd: reader.directory,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    assertEquals([status, stdout + stderr], [0, ""]);
  });

  // For examples of open({ library }): `@posix/signal/save` writes the library there.
  beforeAll(async () => {
    const flags = isBun ? [] : ["--allow-write=."];
    lines(await run("ffi/save.ts", [], { flags, cwd: reader.directory }));
  });

  const shownAlone = programs.filter(({ block }) => !block.file);
  const ends: Promise<End>[] = [];
  /** Many of them wait for something: a few run ahead of the test that checks them. */
  const endOf = (i: number): Promise<End> => {
    for (const { block, path } of shownAlone.slice(ends.length, i + 4)) {
      ends.push(run(path, [], { flags: isBun ? [] : permissions(block), cwd: reader.directory }));
    }
    return ends[i];
  };

  for (const [i, { block }] of shownAlone.entries()) {
    it(`of ${block.at} prints what it says`, async () => {
      assertEquals(lines(await endOf(i)).map(withoutPids), told(block).map(withoutPids));
    });
  }
});

/** The output of `deno doc --json`, as far as it is used. */
interface JsDoc {
  doc?: string;
  tags?: { kind: string; doc?: string }[];
}
interface Declaration {
  kind: string;
  jsDoc?: JsDoc;
  def?: { params?: unknown[]; hasBody?: boolean };
}
interface Page {
  module_doc?: JsDoc;
  symbols: { name: string; declarations: Declaration[] }[];
}

const DEFAULTS: Record<DefaultAction, string> = {
  terminate: "terminate",
  core: "terminate with a core dump",
  stop: "stop",
  continue: "continue",
  ignore: "ignore",
};

/** The parts that a comment lacks: a promise, a source, an example that shows the symbol unless it is a constant, and,
 * of a function with parameters, the errors. Of a signal: a promise and the default action; the table in signals.ts has
 * the sources. */
function lacking(name: string, { doc = "", tags = [] }: JsDoc = {}, takesArguments = false): string[] {
  const having = (kind: string) => tags.filter((tag) => tag.kind === kind);
  const lacks: string[] = [];
  if (!/^.{20,}\.( |\n|$)/s.test(doc)) lacks.push("a sentence that says what it is");
  if (isSignal(name)) {
    const number = signal.Signals[name] ?? signal[name as "SIGPOLL"];
    const action = number && `Default action: ${DEFAULTS[defaultAction(number)]}`;
    if (action && !new RegExp(`${action}[.;]`).test(doc)) lacks.push(action);
    return lacks.map((what) => `${name} lacks ${what}`);
  }
  if (!/^[A-Z_]+$/.test(name) && !having("example").some((tag) => new RegExp(`\\b${name}\\b`).test(tag.doc ?? ""))) {
    lacks.push("an example");
  }
  if (!having("see").some((tag) => tag.doc)) lacks.push("a source");
  if (takesArguments && having("throws").length === 0) lacks.push("its errors");
  return lacks.map((what) => `${name} lacks ${what}`);
}

const isSignal = (name: string): boolean => /^SIG(?!RT)[A-Z0-9]+$/.test(name);

describe("the reference", () => {
  const deno = (...words: string[]) =>
    spawnSync(join(BIN, "deno"), words, {
      cwd: projectPath(""),
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
  const pages = (entry: string): Page[] => Object.values(JSON.parse(deno("doc", "--json", entry).stdout).nodes);
  const entries = ["mod.ts", "ffi/save.ts"];

  it("leaves nothing public without a comment: deno doc --lint", () => {
    const { status, stderr } = deno("doc", "--lint", ...entries);
    assertEquals([status, stderr.replace(/^Checked .*\n/, "")], [0, ""]);
  });

  it("says of everything public what it is, its errors and its source, and shows it in an example", () => {
    const symbols = pages("mod.ts").flatMap(({ symbols }) => symbols);
    assert(symbols.length > 100);
    const lacks = symbols.flatMap(({ name, declarations }) =>
      declarations
        // Each signature of an overloaded function has its comment, and the implementation is not public.
        .filter(({ def }) => declarations.length === 1 || !def?.hasBody)
        .flatMap(({ kind, jsDoc, def }) => lacking(name, jsDoc, kind === "function" && !!def?.params?.length))
    );
    assertEquals(lacks, []);
  });

  it("would not be complete without any one of these", () => {
    const whole = "Ends the program.\n\nDefault action: terminate.";
    const tags = [{ kind: "example", doc: "kill(1, SIGTERM)" }, { kind: "see", doc: "POSIX" }];
    assertEquals(lacking("SIGTERM", { doc: whole }), []);
    assertEquals(lacking("SIGTERM", { doc: "Ends the program, politely." }).length, 1);
    assertEquals(lacking("SIGQUIT", { doc: whole }).length, 1);
    assertEquals(lacking("kill", { doc: whole, tags }), []);
    assertEquals(lacking("kill", { doc: whole, tags: tags.slice(1) }).length, 1);
    assertEquals(lacking("kill", { doc: whole, tags: tags.slice(0, 1) }).length, 1);
    assertEquals(lacking("kill", { doc: whole, tags }, true), ["kill lacks its errors"]);
    assertEquals(lacking("kill").length, 3);
  });

  it("begins with a page for every entry of the package", () => {
    for (const entry of entries) {
      const [{ module_doc: { doc = "", tags = [] } = {} }] = pages(entry);
      assert(doc.length > 200, entry);
      assert([doc, ...tags.map(({ doc }) => doc)].join("\n").includes("```ts\n"), `${entry} has no example`);
    }
  });

  it("becomes a site with the pages of the folders, whose links lead somewhere: deno task site", () => {
    const site = join(reader.directory, "site");
    buildSite(site);
    const html = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((page) => page.endsWith(".html"));
    const broken = html.flatMap((page) =>
      [...readFileSync(join(site, page), "utf8").matchAll(/(?:href|src)="(?!https?:)([^"#]+)/g)]
        .filter(([, path]) => !existsSync(join(site, dirname(page), path))).map(([, path]) => `${page}: ${path}`)
    );
    assertEquals(broken, []);
    const first = readFileSync(join(site, "index.html"), "utf8");
    const linked = Object.keys(PAGES).filter((page) => first.includes(`"./${page}/index.html"`));
    assertEquals(linked, Object.keys(PAGES));
  });
});

/** Commands that are shown and do not run here, with the reason. */
const NOT_RUN: Record<string, string> = {
  "npm run demo": ".ci/run runs it",
  "npm test": "this test is part of it",
  "npm install": "what is installed runs this test",
  "npm pack": "tests/packages does, and installs what it makes",
  "deno run --allow-write=. jsr:@posix/signal/save": "the package is not published yet",
  "bun node_modules/@posix/signal/dist/save.js lib/libsignal.so":
    "tests/packages/runtimes_test.ts runs it, from a package",
};

describe("the commands that are shown", () => {
  const ofConfig = (file: string, key: string) =>
    Object.keys(JSON.parse(readFileSync(projectPath(file), "utf8"))[key] as Record<string, string>);
  const tasks = ofConfig("deno.json", "tasks");
  const scripts = ofConfig("package.json", "scripts");

  for (const { at, lines } of shown.filter(({ language }) => language === "sh")) {
    it(`of ${at} are there`, () => {
      for (const line of lines.map((line) => line.replace(/ +#.*$/, "")).filter(Boolean)) {
        const [program, verb, name, ...rest] = line.split(" ");
        if (program === "npm" && verb === "run") assert(scripts.includes(name), line);
        if (line in NOT_RUN) continue;
        if (program === "deno" && verb === "task") {
          assert(tasks.includes(name), line);
          const files = rest.filter((word) => word.endsWith(".ts"));
          assertEquals(files.filter((file) => !existsSync(projectPath(file))), []);
          continue;
        }
        const file = line.split(" ").find((word) => word.endsWith(".ts"));
        assert(file && existsSync(projectPath(file)), `${at}: ${line} is neither run nor a task nor a file's`);
      }
    });
  }

  it("of .ci/run include the two that README gives", () => {
    const ci = readFileSync(projectPath(".ci/run"), "utf8");
    for (const command of ["npm test", "npm run demo"]) assert(ci.includes(` ${command}\n`), command);
  });

  it("name in src/README.md only what there is: functions and values", () => {
    const called = [...readFileSync(projectPath("src/README.md"), "utf8").matchAll(/^\|.*$/gm)]
      .map(([row]) => row.split("|")[2])
      .flatMap((cell) => [...cell.matchAll(/`(?:await )?(\w+)\(/g)].map(([, name]) => name));
    assert(called.length > 20);
    assertEquals(called.filter((name) => !(name in signal)), []);
  });
});

describe("the links of the pages", () => {
  for (const page of pages) {
    it(`lead somewhere: ${page}`, () => {
      const links = [...readFileSync(projectPath(page), "utf8").matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
      assertEquals(links.filter((path) => !existsSync(projectPath(join(dirname(page), path)))), []);
    });
  }
});

describe("the figures", () => {
  const words = (text: string) => text.replace(/[\s|-]+/g, " ");
  const recorded = JSON.parse(readFileSync(projectPath("bench/figures.json"), "utf8"));

  for (const [page, text] of [["README.md", table(recorded)], ["bench/README.md", goals(recorded)]]) {
    it(`of ${page} are those that bench/figures.json records`, () => {
      assertStringIncludes(words(readFileSync(projectPath(page), "utf8")), words(text));
    });
  }
});

describe("CONTRIBUTING.md", () => {
  it("names only files that there are", () => {
    const text = readFileSync(projectPath("CONTRIBUTING.md"), "utf8");
    const paths = [...text.matchAll(/`((?:ffi|src|tests|\.ci)\/[\w./-]+)`/g)].map(([, path]) => path);
    assert(paths.length > 10);
    assertEquals(paths.filter((path) => !existsSync(projectPath(path))), []);
  });
});

describe("a terminal", () => {
  const sessions = shown.filter(({ language }) => language === "console");
  /** The same on Bun, which has no permissions. */
  const onBun = (line: string) => isBun ? line.replace(/\bdeno run( --allow-\S+)*/g, "bun") : line;
  /** A free port in place of the one in the pages. */
  let port = "8080";
  beforeAll(async () => {
    const server = createServer().listen(0);
    await once(server, "listening");
    port = String((server.address() as AddressInfo).port);
    server.close();
  });
  const KEYS: Record<string, string> = { "^C": CTRL_C, "^Z": CTRL_Z };

  for (const block of sessions) {
    it(`shows what ${block.at} says`, async () => {
      const terminal = onTerminal(["bash", "--norc", "--noprofile", "--noediting", "-i"], {
        cwd: reader.directory,
        env: { PATH, TERM: "dumb", PORT: port },
      });
      /** The output of the programs, without job messages of bash and escape sequences. */
      const printed = () =>
        stripVTControlCharacters(terminal.stdout.replace(/^[^]*begun\r\n/, "")).split("\n").slice(0, -1)
          .map((line) => line.trimEnd()).filter((line) => line && !/^\[\d+\]/.test(line));
      const expected: string[] = [];
      let pid: string | undefined;
      terminal.write("PS1= PS2=; stty -echo cols 80; echo be''gun\n");
      await terminal.until("begun\r\n");
      for (const line of block.lines.map(onBun)) {
        const [, pressed, rest = line] = /^(\^[CZ])(.*)$/.exec(line) ?? [];
        if (line.startsWith("$ ")) {
          const actual = /process (\d+)/.exec(terminal.stdout)?.[1];
          terminal.write(line.slice(2).replaceAll(pid ?? "none", actual ?? "none").replaceAll("8080", port) + "\n");
          continue;
        }
        if (pressed) terminal.write(KEYS[pressed]);
        if (!rest) continue;
        pid ??= /process (\d+)/.exec(rest)?.[1];
        expected.push(rest);
        await eventually(() => printed().length >= expected.length, `${block.at}: ${rest}, after:\n${terminal.stdout}`);
      }
      process.kill(terminal.pid, "SIGKILL"); // the programs on the terminal end with it
      await terminal.ended;
      assertEquals(printed().map(withoutPids), expected.map(withoutPids));
    });
  }
});
