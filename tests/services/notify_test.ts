/** A service's messages to its manager, whose socket a C program holds. The real manager: systemd_test.ts. On Deno the
 * programs have --allow-ffi and no other permission. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { found } from "../support/cases.ts";
import { startC } from "../support/compile.ts";
import { eventually, procStatus, run } from "../support/process.ts";
import { inDirectory } from "../support/shipped.ts";

const MANAGER = "tests/services/programs/manager.ts";
const outcome = async (name: string, env: Record<string, string> = {}, args: string[] = []) =>
  found(await run(MANAGER, [name, ...args], { env: { NOTIFY_SOCKET: "", ...env } })) as never;

/** Runs a case beside a manager. @returns the case's result, and the manager's messages */
async function told(name: string, env: Record<string, string> = {}, args: string[] = [], address?: string) {
  const socket = address ?? `@posix-signal-test-${process.pid}-${Math.random()}`;
  const manager = startC("receiver", [socket]);
  await manager.until("ready\n");
  try {
    const result = await outcome(name, { NOTIFY_SOCKET: socket, ...env }, args);
    await run(MANAGER, ["notify"], { env: { NOTIFY_SOCKET: socket } }); // arrives after every earlier message
    const ends = name === "notify" ? 2 : 1; // that case sends the same
    await eventually(() => manager.stdout.split("READY=1|STATUS=wörld").length > ends, "the last message");
    const lines = manager.stdout.split("\n").slice(1);
    return { result, lines: lines.slice(0, lines.findLastIndex((line) => line.startsWith("READY=1|STATUS=wörld"))) };
  } finally {
    await manager.kill("KILL");
    await manager.ended;
  }
}

describe("notify()", () => {
  for (const kind of ["an abstract socket", "a path"]) {
    it(`sends its assignments to ${kind}, with no permission but --allow-ffi [sd_notify(3)]`, () =>
      inDirectory(async (directory) => {
        const { result, lines } = await told(
          "notify",
          {},
          [],
          kind === "a path" ? join(directory, "notify") : undefined,
        );
        const [first, second, third, pid] = result as [boolean, boolean, boolean, number];
        assertEquals([first, second, third], [true, true, true]);
        assertEquals(lines, [
          `READY=1|STATUS=wörld, a=b|MAINPID=${pid}|X_EMPTY=`,
          "READY=1|STATUS=as text",
          `STATUS=${"x".repeat(4096 - "STATUS=".length)}`,
        ]);
      }));
  }

  it("does nothing without NOTIFY_SOCKET", async () => assertEquals(await outcome("absent"), [false, false]));

  it("says what is wrong with NOTIFY_SOCKET: no socket, too long, gone, no address, or a stream [sd_notify(3)]", () =>
    inDirectory(async (directory) => {
      const stream = createServer().listen(join(directory, "stream"));
      await once(stream, "listening");
      const advice = 'it must be the path of a datagram socket that someone reads, or "@" and an abstract name';
      const cases = [
        ["/etc/passwd", "Connection refused (ECONNREFUSED)"],
        [join(directory, "gone"), "No such file or directory (ENOENT)"],
        ["/" + "x".repeat(108), "Filename too long (ENAMETOOLONG)"],
        ["@" + "x".repeat(108), "Filename too long (ENAMETOOLONG)"],
        ["notify", "Invalid argument (EINVAL)"],
        ["vsock:2:1234", "Invalid argument (EINVAL)"],
        ["@nobody-is-bound-here", "Connection refused (ECONNREFUSED)"],
        [join(directory, "stream"), "Protocol wrong type for socket (EPROTOTYPE)"],
      ];
      for (const [NOTIFY_SOCKET, error] of cases) {
        const shown = JSON.stringify(NOTIFY_SOCKET.length > 60 ? NOTIFY_SOCKET.slice(0, 57) + "..." : NOTIFY_SOCKET);
        assertEquals(
          await outcome("refused", { NOTIFY_SOCKET }),
          `PosixError: sendto: ${error}: NOTIFY_SOCKET is ${shown}; ${advice}` as never,
        );
      }
      stream.close();
    }));

  it("waits for 5 seconds, and no longer, for a manager that does not read, and says so", async () => {
    const NOTIFY_SOCKET = `@posix-signal-test-${process.pid}-unread`;
    const manager = startC("receiver", [NOTIFY_SOCKET]);
    await manager.until("ready\n");
    await manager.kill("STOP");
    await eventually(() => procStatus(manager.pid, "State").startsWith("T"), "the manager stands still");
    const [error, seconds] = await outcome("unread", { NOTIFY_SOCKET }) as [string, number];
    await manager.kill("KILL");
    await manager.ended;
    assertEquals(
      error,
      "PosixError: sendto: Resource temporarily unavailable (EAGAIN): the service manager does not read; " +
        `NOTIFY_SOCKET is ${JSON.stringify(NOTIFY_SOCKET)}`,
    );
    assert(seconds > 4.5 && seconds < 10, `${seconds} s`);
  });

  it("refuses what is no list of assignments, before anything is sent", async () => {
    const { result, lines } = await told("badState");
    const errors = result as string[];
    assertEquals(lines, []);
    for (const error of errors) assertMatch(error, /^(RangeError|TypeError): Cannot notify the service manager: /);
    assertEquals(
      errors.slice(0, 5).map((error) => error.replace("RangeError: Cannot notify the service manager: ", "")),
      [
        'a name must be of letters, digits and "_", got "A\\nB"',
        'a name must be of letters, digits and "_", got ""',
        'a name must be of letters, digits and "_", got "A=B"',
        'a name must be of letters, digits and "_", got "A B"',
        `'A' must be one line, got "x\\ny"`,
      ],
    );
  });
});

describe("reload()", () => {
  it("begins no run once the service stops, and tells the manager nothing more", async () => {
    const { result, lines } = await told("reloadWhileStopping");
    assertEquals(result, [1, 1] as never);
    assertEquals(lines.map((line) => line.replace(/\d+$/, "N")), ["RELOADING=1|MONOTONIC_USEC=N", "STOPPING=N"]);
  });

  const told1 = /^RELOADING=1\|MONOTONIC_USEC=\d+$/;

  it("runs one at a time, makes all that come meanwhile one, reports errors, and tells the manager", async () => {
    const { result, lines } = await told("reload");
    assertEquals(result, {
      runs: ["SIGHUP", "SIGUSR1", "SIGHUP", "SIGHUP"],
      most: 1,
      reported: ["Reload failed: Error: no such file"],
      restored: true,
    } as never);
    assertEquals(lines.map((line) => line.replace(/\d+$/, "N")), [
      ...["RELOADING=1|MONOTONIC_USEC=N", "RELOADING=1|MONOTONIC_USEC=N", "READY=N"],
      ...["RELOADING=1|MONOTONIC_USEC=N", "READY=N", "RELOADING=1|MONOTONIC_USEC=N", "READY=N"],
    ]);
    const times = lines.filter((line) => told1.test(line)).map((line) => Number(/\d+$/.exec(line)![0]));
    assertEquals(times, times.toSorted((a, b) => a - b));
  });

  it("tells the manager the time of CLOCK_MONOTONIC [sd_notify(3), MONOTONIC_USEC]", async () => {
    const { result, lines } = await told("reloadClock");
    const [before, after] = result as [number, number];
    const time = Number(/MONOTONIC_USEC=(\d+)/.exec(lines[0])![1]);
    assert(time >= Math.floor(before) && time <= after, `${before}, ${time}, ${after}`);
  });

  it("reports what is thrown at once, and the next signal tries again", async () => {
    const report = "Reload failed: Error: at once";
    assertEquals(await outcome("reloadThrows"), [report, report] as never);
  });

  it("goes on when the manager's socket is gone, and says so", async () => {
    const { code, stdout } = await run(MANAGER, ["reloadAlone"], { env: { NOTIFY_SOCKET: "/nowhere/notify" } });
    assertEquals([code, stdout], [0, '"SIGHUP"\n']);
  });

  it("refuses no function, no signal, and options that it does not have", async () => {
    assertEquals(await outcome("badReload"), [
      "TypeError: Cannot reload on a signal: 'fn' must be a function, got 5",
      "RangeError: Cannot reload on a signal: no signal is given",
      "PosixError: sigaction: Invalid argument (EINVAL): cannot listen to SIGKILL: it belongs to the kernel, which lets no process catch it",
      "TypeError: Cannot reload on a signal: there is no option 'signal'; there are signals",
      true,
    ] as never);
  });
});

describe("watchdog()", () => {
  const env = { WATCHDOG_USEC: "200000" };
  const pings = (lines: string[]) => lines.filter((line) => line === "WATCHDOG=1").length;

  for (const check of ["none", "asynchronous"]) {
    it(`pings at half of WATCHDOG_USEC (check: ${check}) [sd_watchdog_enabled(3)]`, async () => {
      const { lines } = await told("watchdog", env, [check]);
      // One at once and five in half a second; a machine that stalls skips some.
      assert(pings(lines) >= 2 && pings(lines) <= 7, String(pings(lines)));
    });
  }

  for (
    const [check, report] of [
      ["throws", "Watchdog check failed: Error: ill"],
      ["rejects", "Watchdog check failed: Error: ill"],
      ["number", "Watchdog check failed: TypeError: 'check' must return true or false, got 1"],
      ["false", undefined],
    ] as const
  ) {
    it(`sends nothing when the check answers so: ${check}`, async () => {
      const { result, lines } = await told("watchdog", env, [check]);
      assertEquals([result, lines], [{ few: report ? [report] : [] } as never, []]);
    });
  }

  it("does nothing where nobody asks, or another process is asked [sd_watchdog_enabled(3)]", async () => {
    for (const other of [{}, { ...env, WATCHDOG_PID: "1" }]) {
      assertEquals((await told("watchdog", other as Record<string, string>, ["none"])).lines, []);
    }
    assertEquals(await outcome("watchdog", env, ["throws"]), { few: [] } as never); // no NOTIFY_SOCKET
  });

  it("hides no check behind another", async () => {
    const { lines } = await told("watchdogs", env);
    const between = (from: string, to: string) =>
      pings(lines.slice(lines.indexOf(`STATUS=${from}`), lines.indexOf(`STATUS=${to}`)));
    assertEquals([between("both", "one"), between("one", "none") > 0, between("none", "end")], [0, true, 0]);
  });

  it("keeps no program alive", async () => assertEquals((await told("watchdogEnds", env)).result, true as never));

  it("refuses no function, and a WATCHDOG_USEC that is no number", async () => {
    const NOTIFY_SOCKET = "@x";
    for (const [variable, value] of [["WATCHDOG_USEC", "soon"], ["WATCHDOG_USEC", "0"], ["WATCHDOG_PID", "-1"]]) {
      assertEquals(await outcome("badWatchdog", { ...env, NOTIFY_SOCKET, [variable]: value }), [
        "TypeError: Cannot start the watchdog: 'check' must be a function, got 5",
        "PosixError: sd_watchdog_enabled: Invalid argument (EINVAL)" +
        `: ${variable} must be a number above 0, got ${JSON.stringify(value)}`,
      ] as never);
    }
  });
});

describe("reap()", () => {
  it("refuses options that it does not have", async () => {
    assertEquals(await outcome("badReap"), [
      "TypeError: Cannot reap orphans: 'subreaper' must be true or false, got 1",
      "TypeError: Cannot reap orphans: there is no option 'subReaper'; there are subreaper",
      "TypeError: Cannot reap orphans: options are an object, got 5",
    ] as never);
  });
});
