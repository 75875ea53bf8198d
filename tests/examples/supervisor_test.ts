import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { command, CTRL_C, isDeno, onTerminal, start } from "../support/process.ts";

const FILE = "examples/supervisor.ts";
const permissions = ["ffi", "run", "read", "env"].map((name) => `--allow-${name}`);
const flags = isDeno ? permissions : undefined;
/** A program whose deferred function takes half a second. */
const graceful = command("tests/programs/daemon_shutdown.ts", ["clean", "{}", "0.5"]);

describe("examples/supervisor.ts", () => {
  it("starts its command again when it fails, and ends when it succeeds", async () => {
    const program = start(FILE, ["sh", "-c", "echo run; read line; exit $line"], { flags });
    await program.until("run\n");
    program.write("3\n");
    await program.until("supervisor: ended by status 3\n");
    await program.until("run\n");
    program.write("0\n");
    const { code, stderr } = await program.ended;
    assertEquals([code, stderr], [0, ""]);
    assertEquals(program.stdout.match(/start \d/g), ["start 1", "start 2"]);
  });

  it("ends its command on SIGTERM, which finishes its work", async () => {
    const program = start(FILE, graceful, { flags });
    await program.until("ready");
    await program.kill("SIGTERM");
    const { signal, stdout, stderr } = await program.ended;
    assertEquals([signal, stderr], ["SIGTERM", ""]);
    assertStringIncludes(stdout, "stopping\nfinished\nsupervisor: ended by SIGTERM\n");
  });

  it("kills a command that ignores SIGTERM, 5 seconds later", async () => {
    const program = start(FILE, ["sh", "-c", "trap '' TERM; echo deaf; exec sleep 1000"], { flags });
    await program.until("deaf\n");
    await program.kill("SIGTERM");
    const { signal, stdout } = await program.ended;
    assertEquals(signal, "SIGTERM");
    assertStringIncludes(stdout, "supervisor: ended by SIGKILL\n");
  });

  it("passes SIGTERM to a command that has had the same Ctrl+C, which finishes its work", async () => {
    const program = onTerminal(command(FILE, graceful, flags));
    await program.until("ready");
    program.write(CTRL_C);
    const { code, stdout } = await program.ended;
    assertEquals(code, 130); // script(1) reports a death by SIGINT so
    assertMatch(stdout, /stopping\r\nfinished\r\nsupervisor: ended by SIGINT\r\n/);
  });
});
