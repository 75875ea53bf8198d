import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { command, CTRL_C, isBun, onTerminal, type Program, shell, start } from "../support/process.ts";

const flags = isBun ? undefined : ["--allow-ffi", "--allow-read"];
const uid = process.getuid!();
let directory: string;
let config: string;

function configure(greeting: string, tickSeconds: number): void {
  writeFileSync(config, JSON.stringify({ greeting, tickSeconds }));
}

async function daemon(): Promise<Program> {
  const program = start("examples/daemon.ts", [config], { flags });
  await program.until(`process ${program.pid} runs, greeting "hello"`);
  return program;
}

/** Sends a signal from a shell that prints its own pid first. @returns that pid */
async function killFromShell(name: string, pid: number): Promise<number> {
  const { stdout, code } = await shell(`echo $$; kill -s ${name} ${pid}`);
  assertEquals(code, 0);
  return Number(stdout);
}

describe("examples/daemon.ts", () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "daemon-"));
    config = join(directory, "daemon.json");
    configure("hello", 1000);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("reads its configuration again on SIGHUP, and says which process of which user sent it", async () => {
    const program = await daemon();
    configure("good morning", 1000);
    const sender = await killFromShell("HUP", program.pid);
    await program.until(`SIGHUP from process ${sender} of user ${uid}: configuration read, greeting "good morning"\n`);
    await program.kill("SIGKILL");
    assertEquals((await program.ended).signal, "SIGKILL");
  });

  it("keeps its configuration when the new one cannot be read", async () => {
    const program = await daemon();
    writeFileSync(config, '{ "greeting": ');
    await program.kill("SIGHUP");
    await program.until("the old configuration stays: ");
    configure("hello", -1);
    await program.kill("SIGHUP");
    await program.until("the old configuration stays: 'tickSeconds' must be more than 0, got -1\n");
    await program.kill("SIGUSR1");
    await program.until("ticks: 0, reloads: 0, running for ");
    await program.kill("SIGTERM");
    assertEquals((await program.ended).signal, "SIGTERM");
  });

  it("prints its statistics on SIGUSR1", async () => {
    const program = await daemon();
    await program.kill("SIGHUP");
    await program.until("configuration read");
    const sender = await killFromShell("USR1", program.pid);
    await program.until(`SIGUSR1 from process ${sender} of user ${uid}: ticks: 0, reloads: 1, running for `);
    await program.kill("SIGTERM");
    assertEquals((await program.ended).signal, "SIGTERM");
  });

  it("ticks as often as the configuration says, from the SIGHUP on that changes it", async () => {
    const program = await daemon();
    configure("quick", 0.05);
    await program.kill("SIGHUP");
    for (const tick of [1, 2, 3]) await program.until(`SIGALRM from the kernel: tick ${tick}, quick\n`);
    await program.kill("SIGTERM");
    const end = await program.ended;
    assertEquals([end.signal, end.stderr], ["SIGTERM", ""]);
    assertMatch(end.stdout, /ended after \d+ ticks\n$/); // no tick after the end
  });

  for (const name of ["SIGTERM", "SIGINT"]) {
    it(`ends by ${name}, its work done`, async () => {
      const program = await daemon();
      const sender = await killFromShell(name.slice(3), program.pid);
      const end = await program.ended;
      assertEquals([end.signal, end.stderr], [name, ""]);
      assertStringIncludes(end.stdout, `${name} from process ${sender} of user ${uid}: ended after 0 ticks\n`);
    });
  }

  it("still answers each signal after the first second, in which Deno takes some of them for itself", async () => {
    configure("hello", 0.5);
    const program = await daemon();
    for (const tick of [1, 2, 3]) await program.until(`tick ${tick}, hello`);
    await program.kill("SIGHUP");
    await program.until("configuration read");
    await program.kill("SIGUSR1");
    await program.until("reloads: 1, running for ");
    await program.kill("SIGINT");
    const end = await program.ended;
    assertEquals([end.signal, end.stderr], ["SIGINT", ""]);
  });

  it("ends cleanly on Ctrl+C, and says that it came from the terminal", async () => {
    const program = onTerminal(command("examples/daemon.ts", [config], flags));
    await program.until('runs, greeting "hello"');
    program.write(CTRL_C);
    await program.until("SIGINT from the terminal: ended after 0 ticks");
    assertEquals((await program.ended).code, 130); // script(1) reports a death by SIGINT so
  });
});
