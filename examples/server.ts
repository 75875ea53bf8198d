/** An HTTP server that reloads and ends on signals while it works, and drops no request.
 *
 *     deno run --allow-ffi --allow-net --allow-read examples/server.ts server.json
 *     bun examples/server.ts server.json
 *
 * (@posix/signal needs --allow-ffi, the others are the server's.) The file holds
 * `{ "greeting": "hello", "port": 8080 }`. From another terminal:
 *
 *     curl localhost:8080/            the greeting
 *     curl localhost:8080/slow/2      the same after 2 seconds
 *     curl localhost:8080/status      how many requests are open
 *     kill -HUP  PID                  read the greeting again
 *     kill -TERM PID                  accept no more, answer what is open, die by SIGTERM; Ctrl+C alike
 *
 * A second Ctrl+C ends it at once, and so does another SIGTERM a second later; 30 seconds are the limit.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../mod.ts";

interface Config {
  greeting: string;
  port: number;
}

interface Server {
  readonly port: number;
  /** Accepts no more, and resolves when every open request has been answered. */
  drain(): Promise<void>;
}

type Answer = (request: Request) => Promise<Response>;

/** The members used of the two runtimes. */
interface Runtimes {
  Deno?: {
    serve(options: { port: number; onListen(): void }, answer: Answer): {
      addr: { port: number };
      shutdown(): Promise<void>;
    };
  };
  Bun?: {
    serve(options: { port: number; fetch: Answer }): { port: number; stop(force?: boolean): Promise<void> };
  };
}

function serve(port: number, answer: Answer): Server {
  const { Deno, Bun } = globalThis as unknown as Runtimes;
  if (Deno) {
    const server = Deno.serve({ port, onListen() {} }, answer);
    return { port: server.addr.port, drain: () => server.shutdown() };
  }
  const server = Bun!.serve({ port, fetch: answer });
  return { port: server.port, drain: () => server.stop() };
}

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: server.ts CONFIGURATION.json");
  process.exit(2);
}

function load(): Config {
  const { greeting, port } = JSON.parse(readFileSync(path, "utf8"));
  if (typeof greeting !== "string") throw new TypeError(`'greeting' must be a text, got ${greeting}`);
  if (!Number.isInteger(port)) throw new TypeError(`'port' must be a whole number, got ${port}`);
  return { greeting, port };
}

let config = load();
let open = 0;
let answered = 0;

async function answer({ url }: Request): Promise<Response> {
  const { pathname } = new URL(url);
  if (pathname === "/status") return new Response(`open: ${open}, answered: ${answered}\n`);
  const slow = /^\/slow\/([0-9.]+)$/.exec(pathname);
  if (pathname !== "/" && !slow) return new Response("not found\n", { status: 404 });
  open++;
  if (slow) await delay(Number(slow[1]) * 1000);
  open--;
  answered++;
  return new Response(`${config.greeting}\n`);
}

const server = serve(config.port, answer);

signal.on("SIGHUP", () => {
  try {
    config = { ...load(), port: config.port };
    console.log(`reloaded, greeting "${config.greeting}"`);
  } catch (error) {
    console.log(`the old configuration stays: ${(error as Error).message}`);
  }
});

const end = signal.shutdown({ deadline: 30 });
end.signal.addEventListener("abort", () => console.log(`${end.signal.reason.message}: ${open} open`));
end.defer("the server", async () => {
  await server.drain();
  console.log(`ended after ${answered} answers`);
});

console.log(`process ${process.pid} listens on port ${server.port}`);
