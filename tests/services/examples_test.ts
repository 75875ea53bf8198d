/** examples/service.ts under systemd with its own unit, init.ts as process 1, wrapper.ts in a terminal. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  asProcess1,
  childrenOf,
  command,
  CTRL_C,
  eventually,
  isBun,
  isNode,
  isRoot,
  onTerminal,
  Program,
  projectPath,
  start,
} from "../support/process.ts";
import { inDirectory } from "../support/shipped.ts";

const flags = isBun ? undefined : ["-A"];

describe("examples/service.ts", () => {
  it("is ready, reloads and drains under systemd with examples/service.service", () =>
    inDirectory(async (directory) => {
      const config = join(directory, "service.json");
      writeFileSync(config, '{ "jobSeconds": 0.1 }');
      const words = command(
        "examples/service.ts",
        [config],
        isBun || isNode ? undefined : ["--allow-ffi", `--allow-read=${config}`],
      );
      // The unit of the example, with the paths of this checkout.
      const unit = readFileSync(projectPath("examples/service.service"), "utf8")
        .replace(/^ExecStart=.*$/m, `ExecStart=${words.join(" ")}`)
        .replace("DynamicUser=yes", `StandardOutput=append:${directory}/out`)
        .replace("[Service]", "DefaultDependencies=no\n[Service]");
      mkdirSync(join(directory, "units"));
      writeFileSync(join(directory, "units", "service.service"), unit);
      const asRoot = isRoot() ? [] : ["sudo", "--preserve-env=PATH"];
      const script = `
        systemctl start service && systemctl show -P ActiveState service
        until systemctl show -P StatusText service | grep -q "jobs, 0.1 s each"; do sleep 0.02; done
        echo '{ "jobSeconds": 0.2 }' > ${config}
        systemctl reload service
        until systemctl show -P StatusText service | grep -q "jobs, 0.2 s each"; do sleep 0.02; done
        systemctl stop service
        systemctl show -P Result service
      `;
      const program = new Program(
        [...asRoot, projectPath("tests/services/under_systemd.sh"), join(directory, "units"), "sh", "-c", script],
        { limitMs: 110_000, env: { PATH: process.env.PATH! } },
      );
      program.closeInput();
      const { code, stdout } = await program.ended;
      assertEquals([code, stdout], [0, "active\nsuccess\n"]);
      assertMatch(readFileSync(join(directory, "out"), "utf8"), /works\nreloaded, 0.2 s each\nended after \d+ jobs\n$/);
    }));
});

describe("examples/init.ts", () => {
  it("as process 1 reaps orphans, passes signals on, and ends as its command", async () => {
    const script = "trap 'echo told; exit 7' TERM; (sleep 0.1 & ) ; echo ready; while :; do sleep 0.05; done";
    const program = start("examples/init.ts", ["sh", "-c", script], { flags, wrapper: asProcess1() });
    await program.until("ready\n");
    const [init] = childrenOf(program.pid);
    await eventually(() => childrenOf(init).length === 1, "the orphan is reaped");
    process.kill(init, "SIGTERM");
    const { code, stdout } = await program.ended;
    assertEquals([code, stdout], [7, "ready\ntold\n"]);
  });

  it("says that there is no such command", async () => {
    const { code, stderr } = await start("examples/init.ts", ["no-such-command"], { flags }).ended;
    assertEquals([code, stderr.startsWith("no-such-command: ")], [127, true]);
  });
});

describe("examples/wrapper.ts", () => {
  it("is its command to a terminal: one Ctrl+C, the status, and the signal", async () => {
    const script = "trap 'echo once; exit 9' INT; echo ready; while :; do sleep 0.05; done";
    const program = onTerminal(command("examples/wrapper.ts", ["sh", "-c", script], flags));
    await program.until("ready\r\n");
    program.write(CTRL_C);
    const { code, stdout } = await program.ended;
    assertEquals([code, stdout.match(/once/g)?.length], [9, 1]);
    assertMatch(stdout, /sh: status 9 after \d+\.\d s\r\n$/);

    const end = await start("examples/wrapper.ts", ["sh", "-c", "kill -TERM $$"], { flags }).ended;
    assertEquals([end.signal, /^sh: SIGTERM after \d+\.\d s\n$/.test(end.stderr)], ["SIGTERM", true]);
  });
});
