/** The differences between macOS and Linux, point by point: by Apple's sources as named here, on macOS itself, and on
 * Linux with the sources compiled as for macOS over darwin.c. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { found } from "../support/cases.ts";
import { CTRL_BACKSLASH, CTRL_C, isBun, isNode, Program, projectPath, runnersReady } from "../support/process.ts";
import { env, flags, isMacos, onTerminal, start, temporary, words } from "./programs.ts";

const FILE = "tests/programs/macos.ts";
/** preload.ts emulates macOS in Bun and in Deno. */
const unlessNode = isNode ? it.skip : it;
const BIN = projectPath("node_modules/.bin");
const PATH = `${BIN}:${process.env.PATH}`;

async function ended<T>(program: Program): Promise<T> {
  program.closeInput();
  return found<T>(await program.ended);
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "macos-"));
});
afterAll(() => {
  for (const path of [directory, temporary]) rmSync(path, { recursive: true });
});

describe("1. si_code is 0 for every kill and keypress [xnu: sendsig()]", () => {
  unlessNode("so SI_USER is the name of 0, and a keypress has no pid", async () => {
    const program = onTerminal(words(FILE, "senders"));
    await program.until("SIGUSR2 SI_USER self\r\nSIGUSR2 SI_USER self\r\nready\r\n");
    program.write(CTRL_C);
    await program.until("SIGINT SI_USER nobody\r\n");
    program.write(CTRL_C);
    await program.until("SIGINT SI_USER nobody\r\n");
    program.write(CTRL_BACKSLASH);
    await program.ended;
  });

  unlessNode("so one from another process is told by its pid", async () => {
    const program = start(FILE, "senders");
    await program.until("ready\n");
    await program.kill("SIGUSR1");
    await program.until("SIGUSR1 SI_USER other\n");
    await program.kill("SIGTERM");
    await program.until("SIGTERM SI_USER other\n");
    assertEquals((await program.ended).code, 0);
  });

  const runners = {
    "deno task": [join(BIN, "deno"), "task", "--quiet"],
    "bun run": [join(BIN, "bun"), "run"],
    "npm run": ["npm", "run"],
  };
  for (const [name, runner] of Object.entries(runners)) {
    const serve = async (seconds: number) => {
      const script = words("tests/programs/daemon_shutdown.ts", "clean", "{}", String(seconds))
        .map((word) => `'${word}'`).join(" ");
      writeFileSync(join(directory, "deno.json"), JSON.stringify({ tasks: { serve: script } }));
      writeFileSync(
        join(directory, "package.json"),
        JSON.stringify({ name: "keypress", version: "1.0.0", scripts: { serve: script } }),
      );
      const program = onTerminal([...runner, "serve"], { cwd: directory, env: { PATH } });
      await program.until("ready ");
      await program.until("\n");
      const pid = Number(/ready (\d+)/.exec(program.stdout)![1]);
      await runnersReady(pid);
      return { program, pid };
    };

    unlessNode(`so one Ctrl+C under ${name} begins the graceful end, and its work is finished`, async () => {
      const { program } = await serve(0.5);
      program.write(CTRL_C);
      assertMatch((await program.ended).stdout, /stopping\r\nfinished\r\n/);
    });

    unlessNode(`and a second one under ${name} kills`, async () => {
      const { program, pid } = await serve(1000);
      program.write(CTRL_C);
      await program.until("stopping\r\n");
      program.write(CTRL_C);
      const isThere = () => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      const end = performance.now() + 10_000;
      while (isThere() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
      assertEquals([isThere(), program.stdout.includes("finished")], [false, false]);
      await program.ended;
    });
  }
});

/** A program that prints its version with each signal, and does not remove its handlers; no later version replaces the
 * first one's third handler. When the timer expires, the runtime has closed the previous version's library, unless
 * something pins it. */
const version = (number: number) => `
import * as signal from "${pathToFileURL(projectPath("mod.ts")).href}";
signal.signal("SIGUSR1", (_signum, info) => console.log("SIGUSR1", info.codeName, "at version ${number}"));
signal.on("SIGUSR2", () => console.log("SIGUSR2 at version ${number}"));
if (${number} === 1) signal.signal("SIGVTALRM", () => {});
setInterval(() => {}, 1000);
setTimeout(() => console.log("ready ${number}"), 300);
`;

describe("2. nothing but dlopen() pins a library [dyld: RTLD_NODELETE]", () => {
  const watching = isBun
    ? [...flags, "--no-clear-screen", "--watch"]
    : ["run", "--quiet", "--no-check", "--allow-ffi", ...flags, "--watch", "--no-clear-screen"];

  unlessNode(
    "so it stays as a watched program starts again, whose next version takes over what the last one left",
    async () => {
      const file = join(directory, "watched.ts");
      writeFileSync(file, version(1));
      const program = new Program([process.execPath, ...watching, file], { env });
      for (let number = 1; number <= 3; number++) {
        const write = () => writeFileSync(file, version(number), { flag: "r+" });
        if (readFileSync(file, "utf8") !== version(number)) write();
        const again = setInterval(write, 3000); // a runtime may not watch yet when it has just started its program
        await program.until(`ready ${number}\n`).finally(() => clearInterval(again));
        await program.kill("SIGUSR1");
        await program.until(`SIGUSR1 SI_USER at version ${number}\n`);
        await program.kill("SIGUSR2");
        await program.until(`SIGUSR2 at version ${number}\n`);
      }
      await program.kill("SIGVTALRM"); // its default action is restored
      const { signal, stdout } = await program.ended;
      assertEquals(signal, "SIGVTALRM");
      assertEquals(stdout.match(/SIGUSR[12] /g)!.length, 6);
    },
  );
});

describe("3. sigprocmask() changes every thread's mask, pthread_sigmask() the caller's [xnu: kern_sig.c]", () => {
  unlessNode("so pthreadSigmask() leaves other threads to take the signal", async () => {
    const program = start(FILE, "threadMask");
    await program.until("ready\n");
    await program.kill("SIGUSR1");
    assertEquals(await ended(program), [false, true, true, false]);
  });

  unlessNode("so the objects import pthread_sigmask() alone", () => {
    const imported = readFileSync(projectPath("ffi/native/libSystem.tbd"), "utf8").match(/\b_\w*sig\w*mask\b/g);
    assertEquals(imported, ["_pthread_sigmask"]);
  });
});

describe("4. a fault sent by kill() looks like one of the processor's, and SIGTRAP's is 0 [xnu: sendsig()]", () => {
  unlessNode("so all five are the runtime's, and neither caught nor held", async () => {
    const { refused, held } = await ended<{ refused: string[]; held: number[] }>(start(FILE, "faults"));
    assertEquals(refused.length, 5);
    for (const message of refused) assertStringIncludes(message, "belongs to the runtime");
    assertEquals(held, []);
  });
});

describe("6. sigaction() of SIGKILL fails, and does not report SA_RESETHAND [xnu: sigaction()]", () => {
  unlessNode("so queries of what cannot be caught answer by themselves", async () => {
    const einval = "PosixError EINVAL 22";
    assertEquals(await ended(start(FILE, "queries")), {
      handlers: [0, 0],
      actions: [0, 0],
      install: [einval, einval],
      reset: "unknown",
    });
  });
});

describe("7. a program in its sandbox writes to the user's own directory [<unistd.h>: confstr()]", () => {
  unlessNode("so the library goes by that, and leaves nothing there", async () => {
    const sandbox = '(version 1)(allow default)(deny file-write* (subpath "/private/tmp"))';
    const wrapper = isMacos ? ["sandbox-exec", "-p", sandbox] : [];
    const before = isMacos ? [] : readdirSync(temporary);
    const program = new Program([...wrapper, ...words(FILE, "queries")], { env });
    await ended(program);
    if (!isMacos) assertEquals(readdirSync(temporary), before);
  });
});

describe("what macOS has no timer for", () => {
  unlessNode("a thread does: a program that is stuck dies at the deadline of shutdown()", async () => {
    const program = start(FILE, "stuck");
    await program.until("ready\n");
    await program.kill("SIGTERM");
    const { signal, code } = await program.ended;
    assert(signal === "SIGTERM" || code === 143, `${signal} ${code}`);
  });
});
