import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it as test } from "@std/testing/bdd";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { command, CTRL_C, isBun, isNode, onTerminal, type Program, start } from "../support/process.ts";

const FILE = "examples/server.ts";
const flags = isBun ? undefined : ["--allow-ffi", "--allow-net", "--allow-read"];
let directory: string;
let config: string;

function configure(greeting: string): void {
  writeFileSync(config, JSON.stringify({ greeting, port: 0 }));
}

async function listening(program: Program): Promise<number> {
  await program.until("listens on port ");
  await program.until("\n");
  return Number(/port (\d+)/.exec(program.stdout)![1]);
}

interface Answer {
  status: number;
  text: string;
}

/** One request, on a connection of its own unless an agent keeps one. */
function ask(port: number, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent: agent ?? false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => text += part).on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode!, text }));
    }).on("error", reject);
  });
}

/** Begins `count` slow requests, and waits until the server has them all. */
async function begin(port: number, count: number, seconds: number): Promise<Promise<Answer>[]> {
  const requests = Array.from({ length: count }, () => ask(port, `/slow/${seconds}`));
  while (!(await ask(port, "/status")).text.startsWith(`open: ${count},`));
  return requests;
}

/** Node has no server of its own that takes such a function. */
const it = isNode ? test.skip : test;

describe("examples/server.ts", () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "server-"));
    config = join(directory, "server.json");
    configure("hello");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  for (const name of ["SIGTERM", "SIGINT"]) {
    it(`on ${name} accepts no more, answers 50 open requests, and dies by it [api]`, async () => {
      const program = start(FILE, [config], { flags });
      const port = await listening(program);
      const agent = new Agent({ keepAlive: true });
      assertEquals((await ask(port, "/", agent)).text, "hello\n"); // and its connection stays open, idle
      const requests = await begin(port, 50, 1);
      process.kill(program.pid, name);
      await program.until(`Received ${name} from process ${process.pid}`);
      await program.until(": 50 open\n");
      let refused = false;
      while (!refused) await ask(port, "/status").catch(() => refused = true);
      assertEquals(program.stdout.includes("ended"), false); // refused while the others are open
      for (const answer of await Promise.all(requests)) assertEquals(answer, { status: 200, text: "hello\n" });
      const { signal, stdout, stderr } = await program.ended;
      agent.destroy();
      assertEquals([signal, stderr], [name, ""]);
      assertMatch(stdout, /\nended after 51 answers\n$/);
    });
  }

  it("reloads on SIGHUP between 300 requests, none of which is dropped [api]", async () => {
    const program = start(FILE, [config], { flags });
    const port = await listening(program);
    const seen = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const requests = Array.from({ length: 30 }, (_, i) => ask(port, i % 3 ? "/" : "/slow/0.02"));
      configure(`hello ${round}`);
      process.kill(program.pid, "SIGHUP");
      await program.until(`reloaded, greeting "hello ${round}"\n`);
      for (const { status, text } of await Promise.all(requests)) {
        assertEquals(status, 200);
        seen.add(text.trim());
      }
    }
    assertEquals((await ask(port, "/")).text, "hello 9\n");
    assertEquals(seen.has("hello") || seen.has("hello 0"), true);
    writeFileSync(config, "{");
    process.kill(program.pid, "SIGHUP");
    await program.until("the old configuration stays: ");
    process.kill(program.pid, "SIGTERM");
    const { signal, stdout } = await program.ended;
    assertEquals(signal, "SIGTERM");
    assertMatch(stdout, /\nended after 301 answers\n$/);
  });

  it("is killed by a second SIGTERM, a second after the first, with a request open that never ends [api]", async () => {
    const program = start(FILE, [config], { flags });
    const port = await listening(program);
    const [request] = await begin(port, 1, 1000);
    const dropped = request.then(() => "answered", () => "dropped");
    process.kill(program.pid, "SIGTERM");
    await program.until(": 1 open\n");
    await new Promise((resolve) => setTimeout(resolve, 1100)); // an earlier signal would count as a copy
    const begun = performance.now();
    process.kill(program.pid, "SIGTERM");
    assertEquals((await program.ended).signal, "SIGTERM");
    assertLess(performance.now() - begun, 5000);
    assertEquals(await dropped, "dropped");
  });

  it("ends on Ctrl+C after the open requests [api]", async () => {
    const program = onTerminal(command(FILE, [config], flags));
    const port = await listening(program);
    const requests = await begin(port, 5, 0.5);
    program.write(CTRL_C);
    await program.until("Received SIGINT: 5 open");
    for (const answer of await Promise.all(requests)) assertEquals(answer.status, 200);
    const { code, stdout } = await program.ended;
    assertEquals(code, 130); // script(1) reports a death by SIGINT so
    assertMatch(stdout, /ended after 5 answers/);
  });
});
