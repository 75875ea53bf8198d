/** abortOn(): signals as an AbortSignal, for everything that takes one. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../mod.ts";
import { turn, until } from "./programs/posix_cases.ts";
import { found } from "./support/cases.ts";
import { inChild } from "./support/child.ts";
import { isBun, runtimeName } from "./support/process.ts";

interface Server {
  readonly finished: Promise<void>;
}
interface Servers {
  Deno?: {
    serve(options: object, handler: () => Response): Server & { addr: { port: number } };
  };
  Bun?: {
    serve(options: object): { port: number; stop(force?: boolean): Promise<void> };
  };
}
const { Deno, Bun } = globalThis as unknown as Servers;

const told = (reason: unknown): unknown =>
  reason instanceof signal.SignalError && [reason.name, reason.info.name, reason.info.pid, reason.message];

const child = await inChild(import.meta.url, {
  async first() {
    using interrupted = signal.abortOn("SIGUSR1", ["SIGUSR2", 1]);
    const before = interrupted.signal.aborted;
    console.log("ready");
    await until(() => interrupted.signal.aborted);
    const { reason } = interrupted.signal;
    signal.kill(process.pid, "SIGHUP"); // does not kill: a listener remains
    return { before, reason: told(reason), same: interrupted.signal.reason === reason };
  },

  /** A request that is never answered. */
  async fetch() {
    const server = createServer(() => console.log("ready")).listen(0);
    await new Promise((resolve) => server.once("listening", resolve));
    using interrupted = signal.abortOn("SIGTERM");
    const { port } = server.address() as { port: number };
    const error = await fetch(`http://localhost:${port}/`, { signal: interrupted.signal }).catch((error) => error);
    return told(error);
  },

  async timer() {
    using interrupted = signal.abortOn("SIGTERM");
    setTimeout(() => console.log("ready"));
    const error = await delay(60_000, undefined, { signal: interrupted.signal }).catch((error) => error);
    return [error.name, told(error.cause)];
  },

  /** Deno.serve and Node's listen() accept the signal; with Bun.serve a listener calls stop(). */
  async server() {
    const interrupted = signal.abortOn("SIGTERM");
    let port: number;
    let finished: Promise<unknown>;
    if (!Deno && !Bun) {
      const server = createServer((_request, response) => response.end("answer"));
      server.listen({ port: 0, host: "127.0.0.1", signal: interrupted.signal });
      await once(server, "listening");
      port = (server.address() as { port: number }).port;
      finished = once(server, "close");
    } else if (Deno) {
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", signal: interrupted.signal, onListen() {} },
        () => new Response("answer"),
      );
      port = server.addr.port;
      finished = server.finished;
    } else {
      const server = Bun!.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("answer") });
      port = server.port;
      finished = new Promise((resolve) => interrupted.signal.addEventListener("abort", () => resolve(server.stop())));
    }
    const url = `http://127.0.0.1:${port}/`;
    const answer = await (await fetch(url, { headers: { connection: "close" } })).text();
    console.log("ready");
    await finished;
    const refused = await fetch(url).then(() => "answered", () => "refused");
    return { answer, refused, reason: told(interrupted.signal.reason) };
  },

  async combined() {
    const interrupted = signal.abortOn("SIGTERM");
    const either = AbortSignal.any([interrupted.signal, AbortSignal.timeout(60_000)]);
    console.log("ready");
    await new Promise((resolve) => either.addEventListener("abort", resolve));
    return told(either.reason);
  },

  async disposed() {
    const interrupted = signal.abortOn("SIGUSR1");
    interrupted[Symbol.dispose]();
    using listener = signal.on("SIGUSR1", () => {});
    void listener;
    signal.kill(process.pid, "SIGUSR1");
    await turn();
    return interrupted.signal.aborted;
  },
});

const flags = isBun ? [] : ["-A"];
const SERVER = { Bun: "Bun.serve", Deno: "Deno.serve({ signal })", Node: "node:http, listen({ signal })" }[runtimeName];

/** Starts a case, sends `name` when it is ready, and returns its result. */
async function interrupted(word: keyof typeof child.cases, name: string): Promise<unknown> {
  const program = child.start(word, [], { flags });
  await program.until("ready\n");
  process.kill(program.pid, name);
  return found(await program.ended);
}

const reason = (name: string) => [
  "SignalError",
  name,
  process.pid,
  `Received ${name} from process ${process.pid} of user ${process.getuid!()}`,
];

describe("abortOn()", () => {
  it("is aborted by the first of its signals, and says which and who sent it [api: abortOn]", async () => {
    assertEquals(await interrupted("first", "SIGUSR2"), { before: false, reason: reason("SIGUSR2"), same: true });
  });

  it("ends a fetch() that is never answered, with its reason [api: abortOn]", async () => {
    assertEquals(await interrupted("fetch", "SIGTERM"), reason("SIGTERM"));
  });

  it("ends a timer of node:timers/promises, its reason being the cause [api: abortOn]", async () => {
    assertEquals(await interrupted("timer", "SIGTERM"), ["AbortError", reason("SIGTERM")]);
  });

  it(`stops a server of ${SERVER} [api: abortOn]`, async () => {
    assertEquals(await interrupted("server", "SIGTERM"), {
      answer: "answer",
      refused: "refused",
      reason: reason("SIGTERM"),
    });
  });

  it("composes with AbortSignal.any [api: abortOn]", async () => {
    assertEquals(await interrupted("combined", "SIGTERM"), reason("SIGTERM"));
  });

  it("is aborted no more after its disposal [api: abortOn]", async () => {
    assertEquals(await child.outcome("disposed", [], { flags }), false);
  });
});
