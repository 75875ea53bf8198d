import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { found, outcome } from "../support/cases.ts";
import { compile } from "../support/compile.ts";
import {
  command,
  isBun,
  isDeno,
  isEmulated,
  isNode,
  numberOutside,
  RESERVED,
  run,
  runtimeName,
  SIGRTMIN,
} from "../support/process.ts";
import { inDirectory } from "../support/shipped.ts";

const PROGRAM = "children";
const file = `tests/programs/${PROGRAM}.ts`;
const ALL = isBun ? [] : ["-A"];
const all = { flags: ALL };
/** At startup Node resets every disposition and keeps its standard streams from exec(); it learns of the end of
 * children by SIGCHLD, when that is not held. */
const unlessNode = isNode ? it.skip : it;
/** In emulation it would hang until its limit: tests/aarch64/cannot_show.ts. */
const unlessEmulated = isEmulated ? it.skip : it;
const nohup = { flags: ALL, wrapper: ["nohup"] };

/** The report of a child that inherits nothing from us. */
const CLEAN = { blocked: [], pending: [], ignored: [], caught: [], timer: 0, alarm: 0, descriptors: "as before" };

/** Signals that posix_spawn(3) leaves ignored: the C library's own, which `reporter` skips. */
const OF_THE_LIBRARY = RESERVED.map((signum) => numberOutside(signum));

type Report = { ignored: number[] };

/** A child's report without those. */
function without<T extends Report>(report: T): T {
  return { ...report, ignored: report.ignored.filter((signum) => !OF_THE_LIBRARY.includes(signum)) };
}

const spawners = [
  ...{ Bun: ["Bun.spawn", "Bun.spawnSync"], Deno: ["Deno.Command", "Deno.Command sync"], Node: [] }[runtimeName],
  "node:child_process",
  "node:child_process detached",
  "node:child_process sync",
];

describe("SIGHUP", () => {
  it("kills before anyone listens, and after the last listener left [GO-20, Go TestNohup uncaught]", async () => {
    for (const when of ["before", "after"]) {
      const { code, signal } = await run(file, ["hangup", when], all);
      assertEquals([when, code, signal], [when, null, "SIGHUP"]);
    }
  });

  unlessNode(
    "under nohup is ignored before, received while listening, and ignored again [GO-21, Go TestNohup nohup]",
    async () => {
      for (const when of ["before", "after", "ignored"]) {
        assertEquals(await outcome(PROGRAM, ["hangup", when], nohup), { got: 1, present: 1 });
      }
    },
  );

  unlessNode("is told to be ignored under nohup, and only there [GO-22, Go TestDetectNohup]", async () => {
    assertEquals(await outcome(PROGRAM, ["ignoresHangup"], all), { handler: 0, action: "default" });
    assertEquals(await outcome(PROGRAM, ["ignoresHangup"], nohup), { handler: 1, action: "ignored" });
  });
});

describe("a child process", () => {
  for (const spawner of spawners) {
    it(`of ${spawner} starts clean, whatever is held, caught and pending here [UV-20, api: Children]`, async () => {
      assertEquals(without(await outcome<Report>(PROGRAM, ["clean", spawner, compile("reporter")], all)), CLEAN);
    });

    it(`of ${spawner} ignores what is ignored here, where the runtime lets it through [UV-20, POSIX exec, api: Children]`, async () => {
      assertEquals(without(await outcome<Report>(PROGRAM, ["clean", spawner, compile("reporter"), "ignore"], all)), {
        ...CLEAN,
        ignored: isDeno ? [14] : [], // Bun and Node reset every disposition in a child
      });
    });
  }

  it("dies by a signal that was held here when it started [UV-20, libuv spawn kill]", async () => {
    assertEquals(await outcome(PROGRAM, ["heldHere"], all), [null, "SIGTERM"]);
  });

  unlessNode(
    "after exec() keeps what POSIX says: ignored signals, the thread's mask, pending ones, the timer [VF-51, POSIX exec]",
    async () => {
      const native = compile("native", { shared: true });
      const report = await outcome<Record<string, unknown>>(PROGRAM, ["exec", native, compile("reporter")], all);
      const { blocked, pending, ignored, caught, timer } = report;
      assertEquals([blocked, pending, caught], [[1, 10], [1], []]);
      // the runtime ignores these two
      assertEquals((ignored as number[]).filter((sig) => sig !== 13 && sig !== 25), [12]);
      assertEquals(Number(timer) === 49 || Number(timer) === 50, true);
    },
  );

  it("gets no pending signal and no timer, and the thread's own mask [VF-52, POSIX fork]", async () => {
    const { report, ...rest } = await outcome<{ report: Report }>(PROGRAM, ["fork", compile("reporter")], all);
    assertEquals({ report: without(report), ...rest }, {
      report: { ...CLEAN, blocked: isNode ? [] : [28] },
      left: 100,
      alarms: 1,
    });
  });

  it("has its signals to itself, and the parent its own [PY-110, CPython test_fork_signal_handling]", async () => {
    const words = command(file, ["family"], ALL);
    assertEquals(await outcome(PROGRAM, ["family", ...words], all), { lines: ["ready", "1"], before: 0, after: 1 });
  });
});

/** A child made by fork() that runs no other program has the handlers of its parent, and its descriptors. */
describe("a child of fork() without exec()", () => {
  const USR1 = 10;
  const killed = (signal: number) => ({ signal, calls: 0 });
  const rows: [what: string, before: string, sig: string, inChild: { signal: number; calls: number }][] = [
    ["dies by a signal that has a listener here", "default", "SIGUSR1", killed(USR1)],
    ["dies by a signal that is held here", "held", "SIGUSR1", killed(USR1)],
    ["dies by a signal that the runtime's listeners have here as well", "process.on", "SIGUSR1", killed(USR1)],
    ["dies by SIGINT, whose runtime's handler is always called here", "default", "SIGINT", killed(2)],
    ["dies by a queued signal that has a listener here", "default", "SIGRTMIN", killed(SIGRTMIN)],
    ["ignores a signal that was ignored before we had it", "ignored", "SIGUSR1", killed(0)],
    ["runs the handler of another library that was there before ours", "foreign", "SIGUSR1", { signal: 0, calls: 1 }],
  ];
  for (const [what, before, sig, expected] of rows) {
    unlessEmulated(`${what}, and writes to no descriptor [design: a child is not us]`, async () => {
      const library = compile("foreign", { shared: true });
      await inDirectory(async (directory) => {
        const trace = `${directory}/trace`;
        const wrapper = `strace -f -q --seccomp-bpf -o ${trace} -e trace=write,writev,sendto,sendmsg`.split(" ");
        type Found = { pid: number; inChild: unknown; got: number };
        const { pid, inChild, got } = await outcome<Found>(PROGRAM, ["forked", library, before, sig], {
          ...all,
          wrapper,
        });
        const lines = readFileSync(trace, "utf8").split("\n").filter((line) => line.startsWith(`${pid} `));
        assertEquals({ inChild, got }, { inChild: expected, got: before === "held" ? 0 : 1 });
        assert(lines.some((line) => line.includes("+++ ")), "it was followed to its end");
        const calls = lines.filter((line) => line.includes("("));
        // On Node, libuv's pthread_atfork() handler recreates its lock: a pipe with this byte in it.
        assertEquals(isNode ? calls.filter((line) => !line.includes('"*", 1')) : calls, []);
      });
    });
  }
});

describe("SIGCHLD", () => {
  it("tells how a child ended, stopped and went on [PY-111, POSIX signal.h]", async () => {
    assertEquals(await outcome(PROGRAM, ["codes"], all), [
      ["CLD_EXITED", 7, true],
      ["CLD_KILLED", 9, true],
      ["CLD_KILLED", 6, true],
      ["CLD_STOPPED", 19, true],
      ["CLD_CONTINUED", 18, true],
      ["CLD_KILLED", 9, true],
    ]);
  });

  it("comes for ten stops and ten continuations [OP-90, Open POSIX sigaction 10-1]", async () => {
    assertEquals(await outcome(PROGRAM, ["stops", "all"], all), {
      before: { CLD_STOPPED: 10, CLD_CONTINUED: 10 },
      exited: 1,
    });
  });

  it("comes for the end alone with noChildStop [OP-91, Open POSIX sigaction 9-1]", async () => {
    assertEquals(await outcome(PROGRAM, ["stops", "noChildStop"], all), { before: {}, exited: 1 });
  });

  it("ignored, or with noChildWait, leaves nothing to wait for, and ignoring it warns [OP-92, Open POSIX sigaction 21-1]", async () => {
    const ignored = await run(file, ["noWait", "ignore"], all);
    assertEquals(found(ignored), { usual: 3, without: -1, beside: 3, again: 3 });
    assertStringIncludes(ignored.stderr, "the exit status of a child process is lost");
    for (const how of isNode ? ["handler"] : ["handler", "default"]) { // Node's own handler is its default action
      const got = await outcome(PROGRAM, ["noWait", how], all);
      assertEquals(got, { usual: 3, without: -1, beside: -1, again: 3 });
    }
  });

  unlessNode(
    "held, is one for ten children, whose statuses all arrive [VF-53, CPython test_sigchld_race_condition]",
    async () => {
      assertEquals(await outcome(PROGRAM, ["coalesced"], all), { blocked: 0, count: 1, all: true });
    },
  );

  it("comes once a child to a listener from before or after the first spawn [BN-50, bun spawn-sigchld-listener-fixture]", async () => {
    const statuses = ["0,", "0,", "0,"];
    assertEquals(await outcome(PROGRAM, ["listening", "before"], all), { counts: [1, 1, 0], statuses });
    assertEquals(await outcome(PROGRAM, ["listening", "after"], all), { counts: [0, 1, 0], statuses });
  });

  unlessEmulated(
    "is not lost among a hundred spawns that fail [UV-22, libuv spawn_exercise_sigchld_issue]",
    async () => {
      assertEquals(await outcome(PROGRAM, ["failingSpawns"], all), {
        codes: ["ENOENT"],
        status: [0, null],
        seen: true,
      });
    },
  );
});
