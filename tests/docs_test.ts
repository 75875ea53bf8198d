/** What the documentation shows is run, and prints what it says. */
import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as signal from "../mod.ts";
import { type Block, blocksOf, modules, Reader, told, withoutPids } from "./support/docs.ts";
import { type End, isBun, Program, projectPath, run, shell } from "./support/process.ts";

const reader = new Reader();
afterAll(() => reader[Symbol.dispose]());

const BIN = projectPath("node_modules/.bin");
const PATH = `${BIN}:${process.env.PATH}`;

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md", "bench/README.md"];
const shown = [...modules(), ...pages].flatMap(blocksOf);
const programs = shown.filter(({ language }) => language === "ts")
  .map((block, i) => ({ block, path: reader.save(block.file ?? `block${i}.ts`, block.lines.join("\n") + "\n") }));

/** How it ended, as the last line of what it printed. */
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

  for (const { block, path } of programs.filter(({ block }) => !block.file)) {
    it(`of ${block.at} prints what it says`, async () => {
      assertEquals(lines(await run(path)).map(withoutPids), told(block).map(withoutPids));
    });
  }
});

interface Documented {
  name: string;
  declarations: { kind: string; jsDoc?: { doc?: string; tags?: { kind: string }[] } }[];
}

describe("the reference", () => {
  const deno = (...words: string[]) =>
    spawnSync(join(BIN, "deno"), words, {
      cwd: projectPath(""),
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });

  it("leaves nothing public without a comment: deno doc --lint", () => {
    const { status, stderr } = deno("doc", "--lint", "mod.ts");
    assertEquals([status, stderr.replace(/^Checked .*\n/, "")], [0, ""]);
  });

  it("has an example of every function, class, type and constant but the signals' numbers", () => {
    const { nodes } = JSON.parse(deno("doc", "--json", "mod.ts").stdout);
    const symbols = (Object.values(nodes) as { symbols: Documented[] }[]).flatMap(({ symbols }) => symbols);
    assert(symbols.length > 100);
    const without = symbols.filter(({ name, declarations }) =>
      declarations.every(({ jsDoc }) => !jsDoc?.tags?.some(({ kind }) => kind === "example")) &&
      !/^SIG[A-Z][A-Z0-9]+$/.test(name)
    );
    assertEquals(without.map(({ name }) => name), []);
  });

  it("becomes pages: deno doc --html", () => {
    const { status, stderr } = deno("doc", "--html", `--output=${reader.directory}/html`, "mod.ts");
    assertEquals([status, existsSync(`${reader.directory}/html/index.html`)], [0, true], stderr);
  });
});

/** Commands that are shown and not run here, and why that is right. */
const NOT_RUN: Record<string, string> = {
  "npm run demo": ".ci/run runs it",
  "npm test": "this test is part of it",
  "npm install": "what is installed runs this test",
  "deno add jsr:@posix/signal": "the package is not published yet",
  "bunx jsr add @posix/signal": "the package is not published yet",
  "deno run --allow-write=. jsr:@posix/signal/save": "the package is not published yet",
  "bun node_modules/@posix/signal/ffi/save.ts lib/libsignal.so": "tests/shipping_test.ts runs it, from a package",
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

  it("name in README only what there is: functions and values", () => {
    const called = [...readFileSync(projectPath("README.md"), "utf8").matchAll(/^\|.*$/gm)]
      .map(([row]) => row.split("|")[2])
      .flatMap((cell) => [...cell.matchAll(/`(?:await )?(\w+)\(/g)].map(([, name]) => name));
    assert(called.length > 20);
    assertEquals(called.filter((name) => !(name in signal)), []);
  });
});

describe("CONTRIBUTING.md", () => {
  it("names only files that there are", () => {
    const text = readFileSync(projectPath("CONTRIBUTING.md"), "utf8");
    const paths = [...text.matchAll(/`((?:ffi|src|tests|\.ci)\/[\w./-]+)`/g)].map(([, path]) => path);
    assert(paths.length > 15);
    assertEquals(paths.filter((path) => !existsSync(projectPath(path))), []);
  });
});

describe("the first program of README", () => {
  it("prints what is recorded, told by a shell's kill", async () => {
    const [session, other] = shown.filter(({ at, language }) => at.startsWith("README") && language === "console");
    const commands = ({ lines }: Block) => lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
    const printed = session.lines.filter((line) => !line.startsWith("$ "));
    const [pid] = printed[0].match(/\d+/)!;
    const script = commands(session).join("\n").replace("deno run --allow-ffi", isBun ? "bun" : "$&");
    const program = new Program(["sh", "-c", script], { cwd: reader.directory, env: { PATH } });
    await program.until("is ready\n");
    const [actual] = program.stdout.match(/\d+/)!;
    for (const command of commands(other)) await shell(command.replace(pid, actual));
    const { stdout } = await program.ended;
    assertEquals(withoutPids(stdout).trimEnd().split("\n"), printed.map(withoutPids));
  });
});
