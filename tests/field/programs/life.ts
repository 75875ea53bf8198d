/** The runtime's features as a program sees them while it listens to signals. Arguments: the log's path; "ours" or
 * "plain" (this module, or the runtime's own listeners as the control); the case; "beside" adds a listener of other
 * code; "settled" waits until the module's startup is over. Lines are appended to the log. */
import { AsyncLocalStorage } from "node:async_hooks";
import { execSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import * as signal from "../../../mod.ts";

const [log, who, name, ...args] = process.argv.slice(2);
const say = (line: unknown): void => appendFileSync(log, `${line}\n`);
const stayAlive = (): void => void setInterval(() => {}, 1000);
const listen = (sig: signal.SignalName, listener: () => unknown): void => {
  if (who === "ours") signal.on(sig, listener);
  else process.on(sig as NodeJS.Signals, listener as () => void);
};
/** The signal of an AbortController that `sig` aborts. */
const abortedBy = (sig: signal.SignalName): AbortSignal => {
  if (who === "ours") return signal.abortOn(sig).signal;
  const controller = new AbortController();
  process.on(sig as NodeJS.Signals, () => controller.abort());
  return controller.signal;
};
const throwUp = (): never => {
  throw new Error("thrown on purpose");
};
const context = new AsyncLocalStorage<string>();

const cases: Record<string, () => unknown> = {
  columns: () => {
    if (args[0] === "with resize") process.stdout.on("resize", () => {});
    listen("SIGWINCH", () => say(`columns ${process.stdout.columns} rows ${process.stdout.rows}`));
    stayAlive();
  },

  /** Our listener comes once for each SIGWINCH, though one of "resize", which the first one calls, runs handlers. */
  "resize runs handlers": () => {
    process.stdout.on("resize", () => {
      say("resize");
      signal.check();
      signal.raise("SIGUSR1");
    });
    signal.on("SIGUSR1", () => say("SIGUSR1"));
    listen("SIGWINCH", () => say("SIGWINCH"));
    stayAlive();
  },

  /** The listener of "resize" throws in our delivery, and leaves us nothing to deliver to. */
  "resize throws": () => {
    const listener = signal.on("SIGWINCH", () => say("SIGWINCH"));
    process.stdout.on("resize", () => {
      listener.off();
      throw new Error("resize");
    });
    void process.stdout.columns;
    execSync("stty cols 101", { stdio: "inherit" });
    for (let i = 0; i < 3; i++) {
      try {
        say(`check ${signal.check()}`);
      } catch (error) {
        say(String(error));
      }
    }
    process.stdout.removeAllListeners("resize");
  },

  prompt: () => {
    listen("SIGINT", () => say("listener"));
    say("ready");
    say(`answer ${JSON.stringify(prompt("name?"))}`);
  },

  readline: () => {
    listen("SIGINT", () => say("listener"));
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    if (args[0] === "with SIGINT") lines.on("SIGINT", () => say("readline SIGINT"));
    lines.on("close", () => say("closed"));
    lines.question("name?", (answer) => {
      say(`answer ${JSON.stringify(answer)}`);
      lines.close();
      process.exit(0);
    });
  },

  "throwing handler": () => {
    listen("SIGUSR1", throwUp);
    stayAlive();
  },

  "rejecting handler": () => {
    listen("SIGUSR1", async () => {
      await null;
      throwUp();
    });
    stayAlive();
  },

  "throwing abort listener": () => {
    abortedBy("SIGUSR1").addEventListener("abort", throwUp);
    stayAlive();
  },

  /** The errors of all three, reported to the program itself. */
  "errors seen": () => {
    process.on("uncaughtException", (error) => say(`uncaught ${error.message}`));
    process.on("unhandledRejection", (error) => say(`unhandled ${(error as Error).message}`));
    cases[args[0]]();
  },

  emit: () => {
    listen("SIGINT", () => say("listener"));
    process.emit("SIGINT", "SIGINT");
    say("emitted");
    setTimeout(() => process.exit(0), 100);
  },

  /** Of SIGUSR2, sent by the handler of SIGUSR1 within a context of its own; the module is opened in another. */
  "sent by a handler": () => {
    context.run("a request's", () => signal.on("SIGUSR2", () => say(`SIGUSR2 in ${context.getStore()}`)));
    signal.on("SIGUSR1", () => {
      context.run("the sender's", () => signal.raise("SIGUSR2"));
      setTimeout(() => process.exit(0), 10);
    });
    stayAlive();
    process.kill(process.pid, "SIGUSR1");
  },

  /** Of a signal that other code listens to as well, sent before the event loop has run. */
  "sent at once": () => {
    context.run("a request's", () => {
      process.on("SIGUSR1", () => {});
      signal.on("SIGUSR1", () => {
        say(`SIGUSR1 in ${context.getStore()}`);
        setTimeout(() => process.exit(0), 10);
      });
      process.kill(process.pid, "SIGUSR1");
    });
    stayAlive();
  },

  /** The first use of the module, which may open its wake-up descriptor, is in a request's context. */
  context: () => {
    const inOwn = (what: string, act: () => void) => context.run(`${what}'s own`, act);
    context.run("a request's", () => signal.on("SIGURG", () => {}));
    inOwn("handler", () => listen("SIGUSR2", () => say(`SIGUSR2 in ${context.getStore()}`)));
    listen("SIGUSR1", () => say(`SIGUSR1 in ${context.getStore()}`));
    const aborted = context.run("another request's", () => abortedBy("SIGUSR1"));
    inOwn("abort", () => aborted.addEventListener("abort", () => say(`abort in ${context.getStore()}`)));
    context.run("another's", stayAlive);
    if (who === "plain") return;
    context.run("once's own", async () => {
      await signal.once("SIGUSR1");
      say(`once in ${context.getStore()}`);
    });
    context.run("events' own", async () => {
      for await (const { name } of signal.events(["SIGUSR1", "SIGUSR2"])) {
        say(`events ${name} in ${context.getStore()}`);
      }
    });
    const end = context.run("setup's", () => signal.shutdown({ exit: 0 }));
    inOwn("defer", () => end.defer("the work", () => say(`defer in ${context.getStore()}`)));
    inOwn("end aborted", () => {
      end.signal.addEventListener("abort", () => say(`end aborted in ${context.getStore()}`));
    });
  },

  sent: () => {
    listen("SIGUSR1", () => say(`SIGUSR1 in ${context.getStore()}`));
    context.run("the sender's", () => {
      signal.kill(process.pid, "SIGUSR1");
      signal.raise("SIGUSR1");
      const section = signal.hold("SIGUSR1");
      signal.raise("SIGUSR1");
      section[Symbol.dispose]();
      signal.check();
    });
    setTimeout(() => process.exit(0));
  },
};

if (args.includes("beside")) context.run("other code's", () => process.on("SIGXCPU", () => {}));
await cases[name]();
if (args.includes("settled")) await new Promise((resolve) => setTimeout(resolve, 300));
if (name !== "prompt") say(`ready ${process.pid}`);
