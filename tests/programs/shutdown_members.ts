/** The members of a Shutdown; the first argument picks the case. Each prints its steps, in order. */
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../../mod.ts";

const say = (text: unknown): void => console.log(String(text));
const stayAlive = (): void => void setInterval(() => {}, 1000);
const kill = (name: signal.SignalName = "SIGTERM"): void => signal.kill(process.pid, name);
const message = (call: () => unknown): string => {
  try {
    return `returned ${call()}`;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const fail = (how: string): never => {
  throw new Error(`${how} on purpose`);
};

/** A deferred function that takes a while. */
function work(end: signal.Shutdown, seconds = 0.1): void {
  end.defer("the work", async () => {
    say("begin");
    await delay(seconds * 1000);
    say("end");
  });
}

const cases: Record<string, (...args: string[]) => unknown> = {
  async scope(how) {
    await using end = signal.shutdown();
    end.signal.addEventListener("abort", () => say(`aborted: ${end.signal.reason.info.signum}`));
    work(end);
    say("in the scope");
    if (how === "throw") throw new Error("on purpose");
  },

  /** The signals have their default action again. */
  async "after the scope"() {
    {
      await using end = signal.shutdown();
      work(end);
    }
    say(signal.getsignal("SIGTERM") === signal.SIG_DFL);
    const second = signal.shutdown({ exit: 3 });
    work(second);
    kill();
    await second.done;
  },

  async "scope of a begun end"(name) {
    await using end = signal.shutdown();
    work(end);
    if (name === "begin") end.begin(4);
    else kill(name as signal.SignalName);
    say("leaving");
  },

  /** The abort leaves the scope after every deferred function has run. */
  async "scope of an end that is over"() {
    await using end = signal.shutdown();
    end.defer("at once", () => say("end"));
    setTimeout(kill, 20);
    await delay(100_000, undefined, { signal: end.signal });
  },

  /** The signal arrives while the scope ends. */
  async "signal at the end of a scope"() {
    {
      await using end = signal.shutdown();
      work(end);
      end.defer("signal", () => kill());
    }
    say("never");
  },

  async "signal at the end of a synchronous scope"() {
    {
      await using end = signal.shutdown();
      end.defer("signal", () => kill());
    }
    say("never");
  },

  /** Only an error that reports the abort follows from the scope's end. */
  async "background of a scope"() {
    {
      await using end = signal.shutdown();
      end.defer("at once", () => say("end"));
      void delay(100_000, undefined, { signal: end.signal });
    }
    say("after the scope");
  },

  async "error at the end of a scope"(how) {
    {
      await using end = signal.shutdown();
      work(end);
      end.defer("fails", () => {
        if (how === "thrown") setTimeout(() => fail(how));
        else if (how === "rejected") void Promise.reject(new Error(how));
        else fail(how);
      });
    }
    say("after the scope");
  },

  /** A listener of once() hears one rejection, and the next has no listener. */
  async "listener of once"() {
    process.once("unhandledRejection", (error) => say(`once: ${(error as Error).message}`));
    {
      await using end = signal.shutdown();
      work(end);
      end.defer("rejects", async () => {
        void Promise.reject(new Error("first"));
        await delay(1);
        void Promise.reject(new Error("second"));
        await delay(1);
      });
    }
    say("never");
  },

  async "two scopes"() {
    const scope = async (name: string, ms: number): Promise<void> => {
      await using end = signal.shutdown();
      end.defer(name, () => delay(50).then(() => say(`${name} deferred`)));
      await delay(ms);
    };
    await Promise.all([scope("one", 1), scope("two", 20)]);
    say("after both");
  },

  /** The signal is held while the scope ends: it takes its default action at the end of the section. */
  async "scope in a section"() {
    const section = signal.hold("SIGTERM");
    {
      await using end = signal.shutdown();
      work(end);
      kill();
    }
    say("after the scope");
    section[Symbol.dispose]();
    say("never");
  },

  async "deadline of a scope"() {
    await using end = signal.shutdown({ deadline: 1 });
    work(end, 1000);
  },

  /** No limit, which extend() does not change. */
  "no deadline"() {
    const end = signal.shutdown({ deadline: Infinity });
    end.extend(0.01);
    end.defer("extends", () => end.extend(0.01));
    work(end, 0.3);
    kill();
    return end.done;
  },

  async "await done"(how) {
    const end = signal.shutdown();
    work(end);
    if (how === "scope") setTimeout(() => end[Symbol.asyncDispose](), 1).unref();
    if (how === "begin") end.begin(6);
    else if (how !== "scope") setTimeout(() => how === "cancel" ? end.cancel() : kill(), 50).unref();
    const info = await end.done;
    say(info ? info.name : info);
    if (how === "cancel") say("after cancel()");
  },

  "begin"(status, failing) {
    stayAlive();
    const end = signal.shutdown({ signals: "SIGHUP" });
    work(end);
    if (failing) {
      end.defer("fails", () => {
        throw new Error("on purpose");
      });
    }
    process.on("exit", (code) => say(`exit ${code} ${process.exitCode}`));
    if (status === "") end.begin();
    else end.begin(Number(status));
    end.begin(9);
    say(end.signal.aborted);
  },

  "begin stuck"() {
    const end = signal.shutdown({ deadline: 0.3 });
    end.defer("the loop", () => {
      for (;;);
    });
    end.begin(0);
  },

  /** A signal arrives while the program ends by itself. */
  "begin, then a signal"() {
    const end = signal.shutdown();
    work(end, 0.3);
    end.begin(5);
    setTimeout(kill, 100);
  },

  numeric(exit, failing) {
    stayAlive();
    const end = signal.shutdown({ exit: Number(exit) });
    if (failing) {
      end.defer("fails", () => Promise.reject(new Error("on purpose")));
    }
    kill();
  },

  cancel() {
    const end = signal.shutdown();
    work(end);
    say(end.cancel());
    say(end.cancel());
    say(signal.getsignal("SIGTERM") === signal.SIG_DFL);
    say(end.signal.aborted);
    say(message(() => end.defer("late", () => {})));
    say(message(() => end.begin()));
    say(message(() => end.extend(1)));
  },

  async "taken at the end of a scope"() {
    {
      await using end = signal.shutdown({ deadline: 5 });
      end.defer("takes", () => {
        signal.sigprocmask(signal.SIG_BLOCK, "SIGTERM");
        kill();
        say(signal.sigwait("SIGTERM"));
        signal.sigprocmask(signal.SIG_UNBLOCK, "SIGTERM");
      });
    }
    say("after the scope");
  },

  "error while a signal is held"() {
    work(signal.shutdown());
    signal.hold("SIGTERM");
    kill();
    setTimeout(() => fail("thrown"));
  },

  async "ignored while it is held"() {
    const end = signal.shutdown();
    work(end);
    signal.signal("SIGTERM", signal.SIG_IGN);
    signal.hold("SIGTERM", () => {
      kill();
      signal.siginterrupt("SIGTERM", true);
    });
    await end.done;
  },

  /** A listener of rejections leaves while the shutdown runs. */
  async "listener that leaves"() {
    const listener = (): void => say("heard");
    process.on("unhandledRejection", listener);
    {
      await using end = signal.shutdown();
      work(end);
      end.defer("leaves", () => void process.off("unhandledRejection", listener));
    }
    say(process.listenerCount("unhandledRejection"));
  },

  /** sigwait() takes the signal that would have begun the end; the next one begins it. */
  async "taken signal"() {
    const end = signal.shutdown({ deadline: 1 });
    const both = ["SIGTERM", "SIGINT"] as const;
    signal.sigprocmask(signal.SIG_BLOCK, both);
    kill();
    kill("SIGINT");
    say(`${signal.sigwait(both)} ${signal.sigwait(both)}`);
    signal.sigprocmask(signal.SIG_UNBLOCK, both);
    await delay(1300);
    say(end.signal.aborted);
    end.extend(30); // more than the work takes on a busy machine
    work(end);
    kill("SIGINT");
    await end.done;
  },

  /** Started with SIGINT ignored; the program has a handler for it, or a listener of the runtime. */
  async "handler of before"(whose) {
    const handled = Promise.withResolvers<void>();
    const handler = (): void => {
      say("handler");
      handled.resolve();
    };
    signal.open();
    if (whose === "ours") signal.signal("SIGINT", handler);
    else process.on("SIGINT", handler);
    const before = signal.getsignal("SIGINT");
    const end = signal.shutdown();
    kill("SIGINT");
    const alive = setTimeout(() => say("not handled"), 10_000);
    await handled.promise;
    clearTimeout(alive);
    say(end.cancel());
    say(signal.getsignal("SIGINT") === before);
    process.removeAllListeners("SIGINT");
  },

  async "cancel too late"() {
    const end = signal.shutdown();
    work(end);
    signal.hold("SIGTERM", () => {
      kill();
      say(`caught: ${end.cancel()}`);
    });
    say(`begun: ${end.cancel()}`);
    await end.done;
    say(`over: ${end.cancel()}`);
    say(message(() => end.defer("late", () => {})));
    say(message(() => end.begin()));
  },

  "bad input"() {
    const end = signal.shutdown({ deadline: 5, signals: ["SIGTERM", "SIGINT"] });
    const others: signal.ShutdownOptions[] = [
      { deadline: 6 },
      { signals: ["SIGTERM"] },
      { exit: 0 },
      { force: "never" },
      { uncaught: false },
      { resetTerminal: "x" },
    ];
    for (const options of others) say(message(() => signal.shutdown(options)));
    const joins: (signal.ShutdownOptions | undefined)[] = [undefined, {}, { deadline: 5 }, { signals: [2, 15] }];
    say(joins.every((options) => signal.shutdown(options) === end));
    // deno-lint-ignore no-explicit-any
    const loose = end as any;
    for (const status of [256, -1, 1.5, NaN, "0", null]) say(message(() => loose.begin(status)));
    for (const args of [[1, () => {}], ["x"], ["x", 1]]) say(message(() => loose.defer(...args)));
    for (const seconds of [-1, NaN, Infinity, "1"]) say(message(() => loose.extend(seconds)));
    say(`${Symbol.dispose in end} ${end.signal.aborted}`);
    end.cancel();
  },

  /** Under a service manager. */
  service(how) {
    const end = signal.shutdown({ deadline: 20 });
    if (how === "before") end.extend(10);
    end.defer("the work", () => {
      if (how === "during") end.extend(30);
    });
    if (how === "scope") return end[Symbol.asyncDispose]();
    if (how === "begin") end.begin();
    else kill();
    return end.done;
  },

  /** Functions that run at the end run in the context of shutdown() itself. */
  context(how) {
    stayAlive();
    const storage = new AsyncLocalStorage<string>();
    const end = signal.shutdown({ exit: 0 });
    end.signal.addEventListener("abort", () => say(`abort: ${storage.getStore()}`));
    end.defer("look", () => say(`deferred: ${storage.getStore()}`));
    storage.run("a request", () => {
      if (how === "begin") end.begin();
      else signal.raise("SIGTERM");
    });
  },
};

const [name, ...args] = process.argv.slice(2);
await cases[name](...args);
say("last line");
