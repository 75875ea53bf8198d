/** Watched programs, and several programs in one process. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { CTRL_C, isBun, isDeno, projectPath } from "../support/process.ts";
import { sendTo, Session } from "./support/session.ts";

const inDeno = isDeno ? it : it.skip;
const inBun = isBun ? it : it.skip;
const RELOADS = 5;
const DENO = ["run", "--quiet", "--no-check", "-A", "--watch", "--no-clear-screen"];
const WATCH = ["--no-clear-screen", "--watch"];
const HOT = ["--no-clear-screen", "--hot"];

type Who = "version.ts" | "plain_version.js";
const BOTH: Who[] = ["plain_version.js", "version.ts"];
const saidBy = (who: Who) => who === "version.ts" ? "ours" : "the control";

/** Writes a version until it has started: a runtime may not watch yet when it has just started its program. */
async function write(session: Session, who: Who, version: number): Promise<void> {
  const file = join(session.directory, "program.ts");
  const text = `import { watched } from "${pathToFileURL(projectPath(`tests/field/programs/${who}`)).href}";
watched("${session.log}", ${version});
`;
  const write = () => writeFileSync(file, text, version > 1 ? { flag: "r+" } : {});
  if (version === 1 || readFileSync(file, "utf8") !== text) write();
  if (version === 1) return;
  const again = setInterval(write, 5000);
  await session.until(new RegExp(`^ready ${version}$`)).finally(() => clearInterval(again));
}

/** Starts the first version, reloads it, then asks for the end. */
async function reloaded(who: Who, words: string[], end: (session: Session) => unknown): Promise<Session> {
  const session = new Session();
  try {
    await write(session, who, 1);
    session.start(() => [process.execPath, ...words, join(session.directory, "program.ts")], {
      terminal: true,
      job: true,
    });
    await session.until(/^ready 1$/);
    for (let reload = 1; reload <= RELOADS; reload++) await write(session, who, reload + 1);
    await end(session);
    await session.empty(20_000);
    await session.end();
    return session;
  } catch (error) {
    await session.end();
    throw error;
  }
}

const versions = (last: number) => Array.from({ length: last }, (_, i) => i + 1);
/** Lines of the log, read before the session's directory is removed. */
async function linesOf(who: Who, words: string[], end: (session: Session) => unknown): Promise<string[]> {
  let lines: string[] = [];
  const session = await reloaded(who, words, async (session) => {
    await end(session);
    await session.empty(20_000);
    lines = session.lines();
  });
  // The control may live on: a watcher of Deno's misses a Ctrl+C now and then.
  if (who === "version.ts" && !lines.includes("gone")) {
    throw new Error(`It lives on:\n${lines.join("\n")}\n${session.output}`);
  }
  return lines;
}
const count = (lines: string[], line: string) => lines.filter((other) => other === line).length;

describe(`${RELOADS} reloads of a watched program, then Ctrl+C:`, () => {
  for (const who of BOTH) {
    inDeno(
      `deno run --watch: each version's work is begun and completed, once, by ${saidBy(who)}`,
      async () => {
        const lines = await linesOf(who, DENO, (session) => session.type(CTRL_C));
        for (const version of versions(RELOADS + 1)) {
          assertEquals([count(lines, `begin ${version}`), count(lines, `end ${version}`)], [1, 1], lines.join("\n"));
          if (version > RELOADS) continue;
          assertEquals(lines.indexOf(`end ${version}`) < lines.indexOf(`ready ${version + 1}`), true, lines.join("\n"));
          assertEquals(count(lines, `listener ${version} SIGTERM unknown`), 1, lines.join("\n"));
        }
      },
    );

    inBun(
      `bun --watch, which waits for nothing: each version's work is begun, once, by ${saidBy(who)}`,
      async () => {
        const lines = await linesOf(who, WATCH, (session) => session.type(CTRL_C));
        for (const version of versions(RELOADS)) {
          assertEquals(count(lines, `begin ${version}`), 1, lines.join("\n"));
          assertEquals(count(lines, `listener ${version} SIGTERM unknown`), 1, lines.join("\n"));
        }
        assertEquals(count(lines, `end ${RELOADS + 1}`), 1, lines.join("\n"));
      },
    );

    inBun(
      `bun --hot, which tells of no reload: every version's work is begun by ${saidBy(who)}`,
      async () => {
        const lines = await linesOf(who, HOT, (session) => session.type(CTRL_C));
        for (const version of versions(RELOADS + 1)) {
          assertEquals(count(lines, `begin ${version}`), 1, lines.join("\n"));
        }
        // The control's first version ends the process when it is done.
        if (who === "version.ts") assertEquals(count(lines, `end ${RELOADS + 1}`), 1, lines.join("\n"));
      },
    );
  }

  inDeno("deno run --watch is ended by Ctrl+C, its program has ended of itself", async () => {
    const session = new Session();
    try {
      const file = join(session.directory, "program.ts");
      writeFileSync(
        file,
        `import * as signal from "${pathToFileURL(projectPath("mod.ts")).href}";
signal.on("SIGINT", () => console.log("listener"));
console.log("over");
`,
      );
      const words = DENO.filter((word) => word !== "--quiet"); // the watcher prints that it waits for a change
      session.start(() => [process.execPath, ...words, file], { terminal: true, job: true });
      await session.wait(() => session.output.includes("Restarting on file change"));
      session.type(CTRL_C);
      assertEquals(await session.empty(10_000), true, `${session}`);
    } finally {
      await session.end();
    }
  });
});

describe("deno serve --parallel", () => {
  inDeno("runs what every worker has deferred; the last one ends the process", async () => {
    const session = new Session();
    try {
      const file = projectPath("tests/field/programs/serve.ts");
      const words = ["serve", "--quiet", "--parallel", "--no-check", "-A", "--port", "0", file];
      session.start(() => [process.execPath, ...words, `log=${session.log}`], { env: { DENO_JOBS: "3" } });
      await session.until(/^ready/, 3);
      sendTo(await session.pid(), "SIGTERM");
      await session.empty(20_000);
      assertEquals([session.count("begin"), session.count("end")], [3, 3], `${session}`);
      assertEquals(session.status(await session.pid()), "SIGTERM");
    } finally {
      await session.end();
    }
  });
});
