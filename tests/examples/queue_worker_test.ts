import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, CTRL_C, isDeno, onTerminal, type Program, start } from "../support/process.ts";

const FILE = "examples/queue_worker.ts";
const flags = isDeno ? ["--allow-ffi", "--allow-read", "--allow-write"] : undefined;
let directory: string;

/** Adds a job whole: the worker never finds a file that is empty as yet. */
function add(name: string, seconds: string): void {
  const file = join(directory, name);
  writeFileSync(file, seconds);
  renameSync(file, `${file}.job`);
}
const isDone = (name: string): boolean => existsSync(join(directory, `${name}.done`));

async function worker(): Promise<Program> {
  const program = start(FILE, [directory], { flags });
  await program.until(`process ${program.pid} works on `);
  return program;
}

describe("examples/queue_worker.ts", () => {
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "queue-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  for (const name of ["SIGTERM", "SIGINT"]) {
    it(`on ${name} finishes its job, begins no other, and dies by it`, async () => {
      const program = await worker();
      add("first", "0.5");
      await program.until("first begins\n");
      add("second", "0.5");
      await program.kill(name);
      const { signal, stdout, stderr } = await program.ended;
      const [before, after] = stdout.split(`Received ${name} from process `);
      // On a busy machine the signal may arrive during the second job.
      const job = before.includes("second begins\n") ? "second" : "first";
      assertEquals([signal, stderr], [name, ""]);
      assertEquals(after.split("\n").slice(1, -1), before.endsWith(`${job} begins\n`) ? [`${job} is done`] : []);
      assertEquals([isDone("first"), isDone("second")], [true, job === "second"]);
    });
  }

  it("ends at once while it waits for a job", async () => {
    const program = await worker();
    add("first", "0");
    await program.until("first is done\n");
    const begun = performance.now();
    await program.kill("SIGTERM");
    const { signal, stderr } = await program.ended;
    assertEquals([signal, stderr, performance.now() - begun < 5000], ["SIGTERM", "", true]);
  });

  it("finishes its job after Ctrl+C", async () => {
    add("first", "0.5");
    const program = onTerminal(command(FILE, [directory], flags));
    await program.until("first begins");
    program.write(CTRL_C);
    const { code } = await program.ended;
    assertEquals([code, isDone("first")], [130, true]); // script(1) reports a death by SIGINT so
  });

  it("ends with status 1 when a job fails", async () => {
    add("wrong", "soon");
    const { code, stderr } = await (await worker()).ended;
    assertEquals(code, 1);
    assertStringIncludes(stderr, "wrong.job must hold a number of seconds");
  });
});
