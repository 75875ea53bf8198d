/** Services under a real systemd, which is process 1 of a namespace: under_systemd.sh. On Deno they have --allow-ffi
 * and no other permission. */
import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { command, isNode, isRoot, Program, projectPath, SIGRTMIN } from "../support/process.ts";

const SERVICE = "tests/services/programs/service.ts";
const BIN = projectPath("node_modules/.bin");
let directory: string;

/** Writes the service's unit; the file that `out` reads has its output. */
function unit(lines: string[], words: string[]): void {
  const service = [
    "[Unit]",
    "DefaultDependencies=no",
    "[Service]",
    "Type=notify",
    `Environment=PATH=${BIN}:${process.env.PATH} NO_COLOR=1 HOME=${directory}`,
    `WorkingDirectory=${directory}`,
    `ExecStart=${words.join(" ")}`,
    "ExecReload=kill -HUP $MAINPID",
    `StandardOutput=append:${directory}/out`,
    `StandardError=append:${directory}/out`,
    "LimitCORE=0",
    ...lines,
  ];
  writeFileSync(join(directory, "units", "s.service"), service.join("\n") + "\n");
}

/** The functions of the scripts. */
const HELPERS = `
touch "$OUT"
# says TEXT [TIMES]: waits until the service has printed a line that begins with TEXT, TIMES times.
says() { until [ "$(grep -c "^$1" "$OUT")" -ge "\${2:-1}" ]; do sleep 0.02; done; }
# tell SIGNAL: sends it to the program, which may have a runner as its parent.
tell() { kill -s "$1" "$(grep "^started" "$OUT" | tail -n 1 | cut -d ' ' -f 2)"; }
show() { for name; do echo "$name=$(systemctl show -P "$name" s)"; done; }
# until_shows NAME=VALUE: waits for a state of the unit.
until_shows() { until [ "$(show "\${1%%=*}")" = "$1" ]; do sleep 0.02; done; }
start() { systemctl start --no-block s; says started; tell USR1; until_shows ActiveState=active; }
`;

/** Runs a script beside systemd. @returns its output, line by line */
async function beside(script: string): Promise<string[]> {
  const asRoot = isRoot() ? [] : ["sudo", "--preserve-env=PATH,OUT"];
  const words = [...asRoot, projectPath("tests/services/under_systemd.sh"), join(directory, "units"), "bash", "-euc"];
  const program = new Program([...words, HELPERS + script], { env: { OUT: join(directory, "out") }, limitMs: 110_000 });
  program.closeInput();
  const { code, stdout, stderr } = await program.ended;
  assertEquals(code, 0, `${stdout}\n${stderr}\n${out().join("\n")}`);
  return stdout === "" ? [] : stdout.trimEnd().split("\n");
}

/** The service's output, without its pid. */
const out = (): string[] =>
  readFileSync(join(directory, "out"), "utf8").replaceAll(/started \d+/g, "started").trimEnd().split("\n");

const direct = command(SERVICE, ["0.3"]);
/** The commands with which developers start it. */
const RUNNERS: Record<string, string[]> = {
  "deno task": [join(BIN, "deno"), "task", "--quiet", "serve"],
  "bun run": [join(BIN, "bun"), "run", "--silent", "serve"],
};

describe("a service under systemd", () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "posix-signal-systemd-"));
    mkdirSync(join(directory, "units"));
    const scripts = { serve: direct.join(" ") };
    writeFileSync(join(directory, "deno.json"), JSON.stringify({ tasks: scripts }));
    writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "service", version: "1.0.0", scripts }));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is active when it says READY=1, not before, and its STATUS is shown [sd_notify(3)]", async () => {
    unit([], direct);
    const shown = await beside(`
      systemctl start --no-block s
      says started
      show ActiveState
      tell USR1
      until_shows ActiveState=active
      show StatusText
    `);
    assertEquals(shown, ["ActiveState=activating", "StatusText=listening"]);
    assertEquals(out().slice(0, 2), ["started", "ready true"]);
  });

  it("goes on under its watchdog as long as it is well [sd_watchdog_enabled(3)]", async () => {
    unit(["WatchdogSec=3", "Restart=on-failure"], direct);
    const shown = await beside(`
      start
      sleep 7 # more than two such times
      show ActiveState NRestarts
    `);
    assertEquals(shown, ["ActiveState=active", "NRestarts=0"]);
  });

  for (const [sickness, name] of [[SIGRTMIN, "an event loop that hangs"], ["USR2", "a check that is false"]]) {
    it(`is ended by the watchdog for ${name}, and started again [sd_watchdog_enabled(3)]`, async () => {
      unit(["WatchdogSec=3", "Restart=on-failure", "RestartSec=0"], direct);
      await beside(`
        start
        tell ${sickness}
        until_shows NRestarts=1
        says started 2
        tell USR1
        until_shows ActiveState=active
      `);
    });
  }

  it("is 'reloading' until the asynchronous function has ended [sd_notify(3), RELOADING=1]", async () => {
    unit([], direct);
    const shown = await beside(`
      start
      systemctl reload --no-block s # else it may wait for the end, if the program is quicker than kill(1)
      until_shows ActiveState=reloading
      says "reload 1 begins"
      show ActiveState
      tell ${SIGRTMIN + 1}
      until_shows ActiveState=active
      echo "ended: $(grep -c "reload 1 ends" "$OUT")"
    `);
    assertEquals(shown, ["ActiveState=reloading", "ended: 1"]);
  });

  it("reloads twice when it is told three times in a burst, by systemctl and by kill", async () => {
    unit([], direct);
    await beside(`
      start
      systemctl reload --no-block s
      says "reload 1 begins"
      until_shows ActiveState=reloading
      systemctl reload --no-block s
      systemctl reload --no-block s
      tell ${SIGRTMIN + 1}
      says "reload 2 begins"
      tell ${SIGRTMIN + 1}
      until_shows ActiveState=active
      tell HUP
      says "reload 3 begins"
      tell HUP
      tell HUP
      tell ${SIGRTMIN + 1}
      says "reload 4 begins"
      tell ${SIGRTMIN + 1}
      until_shows ActiveState=active
      systemctl stop s
    `);
    assertEquals(out().filter((line) => line.startsWith("reload")).at(-1), "reload 4 ends");
  });

  it("drains when it is stopped, and its result is success [systemd.kill(5), KillMode=control-group]", async () => {
    unit(["KillMode=control-group"], direct);
    const shown = await beside("start; systemctl stop s; show Result ActiveState");
    assertEquals(shown, ["Result=success", "ActiveState=inactive"]);
    assertEquals(out().slice(-2), ["draining", "drained"]);
  });

  for (const [name, words] of Object.entries(RUNNERS)) {
    if (isNode) break; // these are runners of the other two
    it(`does all of it under ${name}, with NotifyAccess=all and a watchdog that is asked for without WATCHDOG_PID`, async () => {
      const env = ["/usr/bin/env", "-u", "WATCHDOG_PID"];
      unit(["NotifyAccess=all", "KillMode=control-group", "WatchdogSec=3"], [...env, ...words]);
      const shown = await beside(`
        start
        show StatusText
        sleep 4 # longer than that time
        show ActiveState
        systemctl stop s
        show Result ActiveState
      `);
      const ended = ["Result=success", "ActiveState=inactive"];
      assertEquals(shown, ["StatusText=listening", "ActiveState=active", ...ended]);
      assertEquals(out().slice(-2), ["draining", "drained"]);
    });
  }

  for (const extend of [true, false]) {
    it(`${extend ? "outlasts" : "is killed after"} TimeoutStopSec ${extend ? "with" : "without"} EXTEND_TIMEOUT_USEC`, async () => {
      unit(["TimeoutStopSec=1"], command(SERVICE, extend ? ["2.5", "extend"] : ["60"]));
      const shown = await beside("start; systemctl stop s; show Result");
      assertEquals(shown, [extend ? "Result=success" : "Result=timeout"]);
      assertEquals(out().at(-1), extend ? "drained" : "draining");
    });
  }
});
