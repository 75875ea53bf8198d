/** The runtime's own features keep working while a program listens to signals. A control that listens with the
 * runtime's own means runs beside each case. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { CTRL_C, isBun, isDeno, projectPath } from "../support/process.ts";
import { programCommand } from "./support/layers.ts";
import { sendTo, Session, type SessionOptions } from "./support/session.ts";

type Who = "ours" | "plain";
const TERMINAL: SessionOptions = { terminal: true, job: true };
const CTRL_D = "\x04";
const LIMIT_MS = 10_000;
const inDeno = isDeno ? it : it.skip;
const MODULE = pathToFileURL(projectPath("mod.ts")).href;

/** Runs a session for a test, and ends it; a failure prints the session. */
async function withSession<T>(
  words: (session: Session) => string[],
  place: SessionOptions,
  test: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session();
  try {
    session.start(words, place);
    return await test(session);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n--- log:\n${session}`, { cause: error });
  } finally {
    await session.end();
  }
}

/** A case of life.ts that is ready. */
function withCase<T>(
  who: Who,
  args: string[],
  place: SessionOptions,
  test: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession((session) => programCommand("life.ts", [session.log, who, ...args]), place, async (session) => {
    await session.until(/^ready/);
    return await test(session);
  });
}

/** The lines that the program itself has logged since it was ready. */
const said = (session: Session): string[] =>
  session.lines().filter((line) => !/^(command|ready|ended|gone)\b/.test(line));

/** The program's setup, for a test's name. */
const SETUPS = [[], ["beside"], ["settled"], ["beside", "settled"]];
const how = (args: string[]): string =>
  (args.includes("beside") ? ", beside listeners of other code" : "") +
  (args.includes("settled") ? ", when it has run for a while" : "");

async function endOf(session: Session): Promise<string> {
  if (!(await session.empty(LIMIT_MS))) throw new Error("it lives on");
  return session.status(await session.pid())!;
}

describe("process.stdout.columns in a handler of SIGWINCH is the new size, each time,", () => {
  for (const args of [["with resize"], ["without"], ["with resize", "beside"], ["without", "settled"]]) {
    it(`${args[0]} a listener of "resize"${how(args.slice(1))}`, async () => {
      await withCase("ours", ["columns", ...args], TERMINAL, async (session) => {
        const sizes = [101, 102, 103, 104, 105].map((columns) => `columns ${columns} rows ${columns - 70}`);
        for (const [index, size] of sizes.entries()) {
          session.resize(...size.match(/\d+/g)!.map(Number).toReversed() as [number, number]);
          await session.until(/^columns/, index + 1);
        }
        assertEquals(said(session), sizes);
      });
    });
  }

  it('and the handler runs once where a listener of "resize" runs other handlers', async () => {
    await withCase("ours", ["resize runs handlers"], TERMINAL, async (session) => {
      for (const [index, columns] of [101, 102].entries()) {
        session.resize(31, columns);
        for (const line of [/^SIGWINCH/, /^SIGUSR1/]) await session.until(line, index + 1);
      }
      // The runtime may emit "resize" itself, before our handler is due.
      assertEquals(said(session).toSorted(), ["SIGUSR1", "SIGUSR1", "SIGWINCH", "SIGWINCH", "resize", "resize"]);
    });
  });
});

describe('a listener of "resize" that throws while SIGWINCH is delivered', () => {
  it("is reported once by the call that delivers, and the signal is over", async () => {
    await withCase("ours", ["resize throws"], TERMINAL, async (session) => {
      assertEquals(await endOf(session), "exit 0");
      assertEquals(said(session), ["Error: resize", "check 1", "check 0"]);
    });
  });
});

describe("handlers run outside any AsyncLocalStorage context, and what is awaited in its own:", () => {
  for (const args of SETUPS) {
    it(`of on, abortOn, shutdown, once, events${how(args)}`, async () => {
      await withCase("ours", ["context", ...args], {}, async (session) => {
        sendTo(await session.pid(), "SIGUSR1");
        await session.until(/^once/);
        sendTo(await session.pid(), "SIGUSR2");
        await session.until(/^events SIGUSR2/);
        sendTo(await session.pid(), "SIGTERM");
        assertEquals(await endOf(session), "exit 0");
        // A function runs in the async context in which it was registered.
        const own = (line: string) => line.replace(/ in (handler|abort|defer|end aborted)'s own$/, " in undefined");
        assertEquals(said(session).map(own).toSorted(), [
          "SIGUSR1 in undefined",
          "SIGUSR2 in undefined",
          "abort in undefined",
          "defer in undefined",
          "end aborted in undefined",
          "events SIGUSR1 in events' own",
          "events SIGUSR2 in events' own",
          "once in once's own",
        ]);
      });
    });
  }

  it("of a signal that the program sends itself within one", async () => {
    await withCase("ours", ["sent"], {}, async (session) => {
      assertEquals(await endOf(session), "exit 0");
      assertEquals(said(session), new Array(3).fill("SIGUSR1 in undefined"));
    });
  });

  it("of a signal that other code hears as well, sent before the event loop has run", async () => {
    await withCase("ours", ["sent at once"], {}, async (session) => {
      assertEquals(await endOf(session), "exit 0");
      assertEquals(said(session), ["SIGUSR1 in undefined"]);
    });
  });

  it("of a signal that a handler sends within one", async () => {
    await withCase("ours", ["sent by a handler"], {}, async (session) => {
      assertEquals(await endOf(session), "exit 0");
      assertEquals(said(session), ["SIGUSR2 in undefined"]);
    });
  });
});

describe("an error thrown", () => {
  for (const what of ["throwing handler", "rejecting handler", "throwing abort listener"]) {
    for (const args of SETUPS) {
      it(`is shown with its message and stack, and ends the program: ${what}${how(args)}`, async () => {
        const [ours, control] = await Promise.all(
          (["ours", "plain"] as Who[]).map((who) =>
            withCase(who, [what, ...args], {}, async (session) => {
              sendTo(await session.pid(), "SIGUSR1");
              const status = await endOf(session);
              return { status, stderr: session.stderr };
            })
          ),
        );
        assertEquals(ours.status, control.status);
        for (const { stderr } of [control, ours]) {
          assertMatch(stderr, /error: .*thrown on purpose[^]*throwUp \(.*life\.ts:\d+/);
          assertEquals(stderr.match(/^error: /gm)?.length, 1, stderr);
        }
      });

      it(`is seen once by a program that looks: ${what}${how(args)}`, async () => {
        await withCase("ours", ["errors seen", what, ...args], {}, async (session) => {
          sendTo(await session.pid(), "SIGUSR1");
          await session.until(/thrown on purpose/);
          sendTo(await session.pid(), "SIGTERM");
          await endOf(session);
          assertEquals(said(session).length, 1);
        });
      });
    }
  }
});

describe("process.emit(signal)", () => {
  for (const who of ["plain", "ours"] as Who[]) {
    it(`reaches a listener, once, before it returns: ${who}`, async () => {
      await withCase(who, ["emit"], {}, async (session) => {
        assertEquals(await endOf(session), "exit 0");
        assertEquals(said(session), ["listener", "emitted"]);
      });
    });
  }
});

describe("on a terminal, Ctrl+C and then a line: the program sees what the control sees, in", () => {
  for (const args of [["prompt"], ["readline", "with SIGINT"], ["readline", "without"]]) {
    it(`${args.join(", ")}`, async () => {
      const [ours, control] = await Promise.all(
        (["ours", "plain"] as Who[]).map((who) =>
          withCase(who, args, TERMINAL, async (session) => {
            await session.wait(() => session.output.includes("name?"));
            session.type(CTRL_C);
            session.type("abc\n");
            const status = await endOf(session);
            return { status, said: said(session) };
          })
        ),
      );
      assertEquals(ours, control);
    });
  }
});

describe(`${isBun ? "bun" : "deno"} repl`, () => {
  for (const who of ["plain", "ours"] as Who[]) {
    it(`goes on after Ctrl+C, and ends by Ctrl+D: ${who}`, async () => {
      const words = isDeno ? ["repl", "--quiet", "-A"] : ["repl"];
      const listen = who === "ours"
        ? `const signal = await import("${MODULE}"); signal.on("SIGINT", () => console.log("listener"));`
        : `process.on("SIGINT", () => console.log("listener"));`;
      await withSession(() => [process.execPath, ...words], TERMINAL, async (session) => {
        let prompts = 0;
        // Deno discards input typed before its prompt, which turns bracketed paste on.
        const prompt = async () => {
          prompts++;
          await session.wait(() => isBun || session.output.split("\x1b[?2004h").length > prompts, LIMIT_MS);
        };
        const seen = async (number: number) => {
          session.type(`"mar" + "ker" + ${number}\n`);
          if (!(await session.wait(() => session.output.includes(`marker${number}`), LIMIT_MS))) {
            throw new Error(`marker ${number} was not evaluated`);
          }
          await prompt();
        };
        await prompt();
        session.type(`${listen}\n`);
        await prompt();
        await seen(1);
        session.type(CTRL_C);
        await prompt();
        await seen(2);
        session.type(CTRL_D);
        assertEquals(await endOf(session), "exit 0");
      });
    });
  }
});

describe("deno test", () => {
  const listen = {
    ours: (name: string, say: string) => `signal.on("${name}", () => ${say});`,
    plain: (name: string, say: string) => `Deno.addSignalListener("${name}", () => ${say});`,
  };

  inDeno("with a hanging test that listens to SIGINT ends on Ctrl+C, as the control", async () => {
    const ends = await Promise.all((["plain", "ours"] as Who[]).map((who) =>
      withSession(
        (session) => {
          const file = join(session.directory, "hanging_test.ts");
          writeFileSync(
            file,
            `import * as signal from "${MODULE}";
Deno.test("hangs", async () => {
  setInterval(() => {}, 1000);
  ${listen[who]("SIGINT", `console.log("listener")`)}
  console.log("hanging");
  await new Promise(() => {});
});
`,
          );
          return [process.execPath, "test", "--no-check", "-A", file];
        },
        TERMINAL,
        async (session) => {
          await session.wait(() => session.output.includes("hanging\r\n"), LIMIT_MS);
          session.type(CTRL_C);
          const status = await endOf(session);
          assertMatch(session.output, /hangs/);
          return status;
        },
      )
    ));
    assertEquals(ends[1], ends[0]);
  });

  inDeno(
    "--sanitize-ops --sanitize-resources finds nothing left behind by tests that do so",
    async () => {
      await withSession(
        (session) => {
          const file = join(session.directory, "tidy_test.ts");
          writeFileSync(
            file,
            `import * as signal from "${MODULE}";
signal.open();
Deno.test("on", () => {
  using _listener = signal.on("SIGUSR1", () => {});
  signal.raise("SIGUSR1");
});
Deno.test("once", async () => {
  const once = signal.once("SIGUSR1");
  Deno.kill(Deno.pid, "SIGUSR1");
  await once;
});
Deno.test("events", async () => {
  await using stream = signal.events(["SIGUSR1", "SIGTERM"]);
  Deno.kill(Deno.pid, "SIGTERM");
  await stream.next();
});
Deno.test("handlers and masks", () => {
  const before = signal.signal("SIGUSR2", () => {});
  signal.hold("SIGUSR2", () => signal.raise("SIGUSR2"));
  signal.signal("SIGUSR2", before ?? signal.SIG_DFL);
  signal.sigtimedwait(["SIGUSR2"], 0.001);
});
Deno.test("abort", () => {
  using aborted = signal.abortOn("SIGHUP", "SIGINT");
  signal.raise("SIGINT");
  if (!aborted.signal.aborted) throw new Error("not aborted");
});
Deno.test("calls", () => {
  signal.getitimer(signal.ITIMER_REAL);
  signal.alarm(0);
  signal.inspect();
  signal.stats();
  signal.sigpending();
  signal.deadline(1, () => {});
});
Deno.test("shutdown", async () => {
  await using end = signal.shutdown();
  end.defer("nothing", () => {});
});
`,
          );
          const flags = ["--no-check", "--quiet", "--sanitize-ops", "--sanitize-resources", "--allow-ffi"];
          return [process.execPath, "test", ...flags, file];
        },
        {},
        async (session) => {
          const status = await endOf(session);
          assertEquals(status, "exit 0");
          assertMatch(session.output, /ok \| 7 passed/);
        },
      );
    },
  );
});

describe("packages that clean up at the end:", () => {
  const withPackage = (who: Who, name: string, test: (session: Session) => Promise<void>) =>
    withSession((session) => programCommand("packages.js", [session.log, who, name]), {}, async (session) => {
      await session.until(/^ready/);
      await test(session);
    });

  for (const order of ["ours first", "ours last"]) {
    for (const pack of ["signal-exit 4", "signal-exit 3", "execa 8", "proper-lockfile"]) {
      for (const who of ["plain", "ours"] as Who[]) {
        it(`${pack}: the graceful end is completed, its clean-up runs once: ${who}, ${order}`, async () => {
          await withPackage(who, `${pack}, graceful end, ${order}`, async (session) => {
            sendTo(await session.pid(), "SIGTERM");
            const status = await endOf(session);
            assertEquals(status, who === "ours" ? "SIGTERM" : "exit 143");
            assertEquals(said(session).map((line) => line.replace(/ .*/, "")), [
              ...["begin", "end"],
              ...(pack.startsWith("signal-exit") ? ["hook"] : []),
            ]);
            assert(!session.exists("locked.lock"), "the lock is left behind");
          });
        });
      }

      it(`${pack}: a listener of ours runs once a signal, and nothing ends: ${order}`, async () => {
        await withPackage("ours", `${pack}, listener, ${order}`, async (session) => {
          for (const times of [1, 2]) {
            sendTo(await session.pid(), "SIGTERM");
            await session.until(/^listener$/, times);
            // Signals that the package sends itself have arrived before the second mark.
            for (const mark of [2 * times - 1, 2 * times]) {
              sendTo(await session.pid(), "SIGUSR1");
              await session.until(/^mark$/, mark);
            }
          }
          assertEquals([session.count("listener"), said(session).filter((line) => line.startsWith("hook"))], [2, []]);
        });
      });
    }
  }
});
