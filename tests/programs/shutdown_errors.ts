/** Errors before and during a graceful end. Arguments: when ("before", "during"), the fault, how the program handles
 * errors itself, and the options of shutdown() as JSON, or "none" for no shutdown. Its deferred function takes a while,
 * so that an error meanwhile could cut it short. */
import { execFileSync, execSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../../mod.ts";

const [when, fault, handling = "", options = "{}"] = process.argv.slice(2);
const say = (text: string): void => console.log(text);
const { Bun } = globalThis as {
  Bun?: { $(strings: TemplateStringsArray, ...values: unknown[]): Promise<unknown> };
};

/** How a program handles uncaught errors. */
const handlings: Record<string, () => void> = {
  "": () => {},
  exception: () => void process.on("uncaughtException", (error) => say(`handled: ${error?.message}`)),
  rejection: () => void process.on("unhandledRejection", (error) => say(`handled: ${(error as Error)?.message}`)),
  event() {
    const handle = (event: Event & { error?: Error; reason?: Error }): void => {
      event.preventDefault();
      say(`handled: ${(event.reason ?? event.error)?.message}`);
    };
    for (const type of ["error", "unhandledrejection"]) addEventListener(type, handle as () => void);
  },
};
handlings[handling]();

const none = { signal: new AbortController().signal, defer: () => {} };
const end = options === "none" ? none : signal.shutdown(JSON.parse(options));
const begun = Promise.withResolvers<void>();
end.defer("the work", async () => {
  say("begin");
  begun.resolve();
  if (when === "during") void faults[fault]();
  await delay(200);
  say("end");
});
process.on("exit", (code) => say(`exit ${code}`));

/** The faults; none of these promises is awaited. */
const faults: Record<string, () => unknown> = {
  throw() {
    setTimeout(() => {
      throw new Error("on purpose");
    });
  },
  reject: () => Promise.reject(new Error("on purpose")),
  "reject last": () => void setTimeout(() => void Promise.reject(new Error("on purpose")), 20),
  async undefined() {
    await delay(1);
    throw undefined;
  },
  emit: () => setTimeout(() => new EventEmitter().emit("error", new Error("on purpose"))),
  microtask() {
    queueMicrotask(() => {
      throw new Error("on purpose");
    });
  },
  worker: () => new Worker(new URL("shutdown_errors_thread.ts", import.meta.url), { type: "module" }),
  listener() {
    signal.on("SIGUSR1", () => {
      throw new Error("on purpose");
    });
    process.kill(process.pid, "SIGUSR1");
  },
  "abort listener"() {
    end.signal.addEventListener("abort", () => {
      throw new Error("on purpose");
    });
  },
  async "delay with the signal"() {
    for (;;) await delay(1000, undefined, { signal: end.signal });
  },
  async "fetch with the signal"() {
    const server = createServer(() => {}).listen(0);
    const { port } = server.address() as { port: number };
    await fetch(`http://127.0.0.1:${port}/`, { signal: end.signal });
  },
  async "events with the signal"() {
    const { once } = await import("node:events");
    await once(new EventEmitter(), "never", { signal: end.signal });
  },
  async "the signal itself"() {
    await new Promise((_, reject) => end.signal.addEventListener("abort", () => reject(end.signal.reason)));
  },
  async "a signal of it"() {
    await delay(100_000, undefined, { signal: AbortSignal.any([end.signal, new AbortController().signal]) });
  },
  execSync: () => execSync("kill -INT $PPID; kill -INT $$"),
  execFileSync: () => execFileSync("sh", ["-c", "kill -INT $PPID; kill -INT $$"]),
  /** Bun's shell runs the command line by itself. */
  async "Bun.$"() {
    await Bun!.$`sh -c ${"kill -INT $PPID; kill -INT $$"}`;
  },
  "top-level await": () => {},
  "top-level await of the signal": () => {},
};

const limit = setTimeout(() => process.exit(99), 1500); // if nothing ends the program
void begun.promise.then(() => { // a busy machine may need longer for the end
  clearTimeout(limit);
  setTimeout(() => process.exit(99), 15_000);
});

if (when === "before") void faults[fault]();
if (/signal|abort/.test(fault) || when === "during") setTimeout(() => process.kill(process.pid, "SIGINT"), 50);
if (fault === "top-level await") {
  if (when === "during") await begun.promise;
  await Promise.reject(new Error("on purpose"));
}
if (fault === "top-level await of the signal") await delay(100_000, undefined, { signal: end.signal });
