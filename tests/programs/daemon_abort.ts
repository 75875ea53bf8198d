/** Cases of abortOn() with what takes an AbortSignal; the first argument picks one, and what it found is
 * the last line, as JSON. Deno: -A. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../../mod.ts";
import { type Cases, runCase, turn, until } from "./posix_cases.ts";

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

const describe = (reason: unknown): unknown =>
  reason instanceof signal.SignalError && [reason.name, reason.info.name, reason.info.pid, reason.message];

const cases: Cases = {
  async first() {
    using interrupted = signal.abortOn("SIGUSR1", ["SIGUSR2", 1]);
    const before = interrupted.signal.aborted;
    console.log("ready");
    await until(() => interrupted.signal.aborted);
    const { reason } = interrupted.signal;
    signal.kill(process.pid, "SIGHUP"); // does not kill: it is still listened to
    return { before, reason: describe(reason), same: interrupted.signal.reason === reason };
  },

  /** A request whose answer never comes. */
  async fetch() {
    const server = createServer(() => console.log("ready")).listen(0);
    await new Promise((resolve) => server.once("listening", resolve));
    using interrupted = signal.abortOn("SIGTERM");
    const { port } = server.address() as { port: number };
    const error = await fetch(`http://localhost:${port}/`, { signal: interrupted.signal }).catch((error) => error);
    return describe(error);
  },

  async timer() {
    using interrupted = signal.abortOn("SIGTERM");
    setTimeout(() => console.log("ready"));
    const error = await delay(60_000, undefined, { signal: interrupted.signal }).catch((error) => error);
    return [error.name, describe(error.cause)];
  },

  /** Deno.serve and Node's listen() take the signal; Bun.serve has a stop() for it. */
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
    return { answer, refused, reason: describe(interrupted.signal.reason) };
  },

  async combined() {
    const interrupted = signal.abortOn("SIGTERM");
    const either = AbortSignal.any([interrupted.signal, AbortSignal.timeout(60_000)]);
    console.log("ready");
    await new Promise((resolve) => either.addEventListener("abort", resolve));
    return describe(either.reason);
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
};

const alive = setInterval(() => {}, 1000);
await runCase(cases);
clearInterval(alive);
process.exit(0);
