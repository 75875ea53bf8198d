import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { start } from "./support/process.ts";

const TAKEN_BACK = ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1"];

describe("the runtime does not take signals back", () => {
  it("handlers set in the first milliseconds run after 1.5 s", async () => {
    const program = start("tests/programs/late_handlers.ts", ["handle"]);
    await program.until("ready");
    for (const name of TAKEN_BACK) {
      await program.kill(name);
      await program.until(`got ${name}`);
    }
    await program.kill("SIGUSR2");
    const end = await program.ended;
    assertEquals([end.code, end.signal, end.stderr], [0, null, ""]); // no inspector on SIGUSR1
  });

  it("SIG_IGN set in the first milliseconds ignores after 1.5 s", async () => {
    const program = start("tests/programs/late_handlers.ts", ["ignore"]);
    await program.until("ready");
    for (const name of TAKEN_BACK) await program.kill(name);
    await program.kill("SIGUSR2");
    const end = await program.ended;
    assertEquals([end.code, end.signal, end.stdout, end.stderr], [0, null, "ready\n", ""]);
  });
});
