import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import * as signal from "../../mod.ts";
import { defaultAction } from "../../src/signals.ts";
import { outcome } from "../support/cases.ts";
import { startC } from "../support/compile.ts";
import { eventually, isBun, procStatus, type Program, RESERVED, shell, SIGRTMIN } from "../support/process.ts";

const PROGRAM = "posix_names";
const ALL = isBun ? [] : ["-A"];

async function sleeper(): Promise<Program> {
  const program = startC("sleeper");
  await program.until("ready\n");
  return program;
}

/** The wait status of a program killed by `sig`, given as the module takes it: name or number. */
async function killedBy(sig: string | number): Promise<string | null> {
  const target = await sleeper();
  await outcome(PROGRAM, ["send", target.pid, sig]);
  return (await target.ended).signal;
}

describe("names and numbers", () => {
  it("are constants with the platform's values, and one frozen map of the signals [PY-10, CPython test_enums]", () => {
    assertEquals([signal.SIG_DFL, signal.SIG_IGN], [0, 1]);
    assertEquals([signal.SIG_BLOCK, signal.SIG_UNBLOCK, signal.SIG_SETMASK], [0, 1, 2]);
    assertEquals([signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF], [0, 1, 2]);
    assert(Object.isFrozen(signal.Signals));
    assertEquals(Object.keys(signal.Signals).filter((name) => name.startsWith("SIG_")), []);
    const aliases: Record<string, string> = { SIGIOT: "SIGABRT", SIGPOLL: "SIGIO", SIGCLD: "SIGCHLD" };
    const exported = Object.entries(signal).filter(([name]) => /^SIG(?!_)/.test(name) && name !== "SignalError");
    assert(exported.length >= 34);
    for (const [name, value] of exported) assertEquals(value, signal.Signals[aliases[name] ?? name], name);
  });

  it("are those of signal(7) on Linux [BN-13, Bun spawn-kill-signal]", async () => {
    const { stdout } = await shell("bash -c 'kill -l $(seq 1 31)'");
    const names = stdout.trim().split("\n").map((name) => `SIG${name}`);
    assertEquals(names.length, 31);
    names.forEach((name, i) => assertEquals(signal.Signals[name], i + 1, name));
    assertEquals([signal.SIGRTMIN, signal.SIGRTMAX, signal.NSIG], [
      ...(await outcome<number[]>(PROGRAM, ["ends"])),
      65,
    ]);
  });

  it("validSignals() has 1 to 64 without those of the C library [PY-11, CPython test_valid_signals]", () => {
    const valid = signal.validSignals();
    assert(valid instanceof Set);
    assertEquals([...valid], Array.from({ length: 64 }, (_, i) => i + 1).filter((sig) => !RESERVED.includes(sig)));
    for (const number of Object.values(signal.Signals)) assert(valid.has(number) && number < signal.NSIG);
    valid.clear();
    assertEquals(signal.validSignals().size, 64 - RESERVED.length);
    const wrong: [unknown, string][] = [[{ catchable: 1 }, "'catchable' must be true or false, got 1"], [
      { takeable: true },
      "there is no option 'takeable'; there are catchable",
    ]];
    for (const [options, message] of wrong) {
      assertThrows(() => signal.validSignals(options as never), TypeError, `Cannot list the signals: ${message}`);
    }
  });

  it("strsignal() describes in the words of the C library [PY-13, CPython test_strsignal]", async () => {
    const { stdout } = await startC("strsignal").ended;
    const texts = stdout.trimEnd().split("\n");
    assertEquals(texts.length, signal.NSIG - 1);
    for (const sig of signal.validSignals()) assertEquals(signal.strsignal(sig), texts[sig - 1]);
    for (const sig of RESERVED) assertEquals(signal.strsignal(sig), null);
    assertEquals([signal.strsignal("SIGRTMIN+3"), signal.strsignal("SIGTERM")], [texts[SIGRTMIN + 2], texts[14]]);
    for (const sig of [0, 65]) assertThrows(() => signal.strsignal(sig), RangeError, String(sig));
  });

  it("come right from number to name and back, real-time ones included [SH-10, signal-hook signal_details]", async () => {
    assertEquals(await outcome(PROGRAM, ["numbersAndNames"]), {
      names: [
        "SIGTERM",
        "SIGRTMIN",
        "SIGRTMIN+3",
        "SIGRTMIN+6",
        "SIGRTMAX-1",
        "SIGRTMAX",
        "SIGRTMIN",
        "SIGRTMIN+3",
        "SIGRTMAX-1",
        "SIGRTMAX",
      ],
      numbers: [15, ...[0, 3, 6].map((n) => SIGRTMIN + n), 63, 64, SIGRTMIN, SIGRTMIN + 3, 63, 64],
      none: ["RangeError", "RangeError", "RangeError", "RangeError"],
    });
  });

  it("have second names for the same signals [DN-11, Deno signalAliasLinux]", async () => {
    assertEquals(await outcome(PROGRAM, ["aliases"]), [
      [true, ["SIGIO", "SIGIO"], 1],
      [true, ["SIGSYS", "SIGSYS"], 1],
      [true, ["SIGABRT", "SIGABRT"], 1],
      [true, ["SIGCHLD", "SIGCHLD"], 1],
    ]);
  });

  it("kill by second name, name or number alike [DN-11, BN-13, Bun spawn-kill-signal]", async () => {
    const expected = [
      ["SIGIOT", "SIGABRT"],
      ["SIGUNUSED", "SIGSYS"],
      ["SIGUSR1", "SIGUSR1"],
      [10, "SIGUSR1"],
      ["SIGUSR2", "SIGUSR2"],
      [12, "SIGUSR2"],
      ["SIGSTKFLT", "SIGSTKFLT"],
      [16, "SIGSTKFLT"],
      ["SIGBUS", "SIGBUS"],
      [7, "SIGBUS"],
    ] as const;
    for (const [sig, name] of expected) assertEquals(await killedBy(sig), name, String(sig));
    // Node's names for one number: both are right.
    assert(["SIGIO", "SIGPOLL"].includes(String(await killedBy("SIGPOLL"))));
  });
});

describe("refused", () => {
  it("numbers out of range [PY-12, CPython test_out_of_range_signal_number]", async () => {
    assertEquals(await outcome(PROGRAM, ["outOfRange"]), ["RangeError"]);
  });

  it("numbers that would wrap into a signal, a pid or a value [VF-03, POSIX raise]", async () => {
    const range = "RangeError";
    assertEquals(await outcome(PROGRAM, ["noWrapping"]), {
      numbers: [range],
      shapes: ["TypeError"],
      pids: [range],
      values: [range, range, range, range, "TypeError", "TypeError", "TypeError"],
      runs: 0,
    });
  });

  it("SIGKILL and SIGSTOP with EINVAL, numbers above SIGRTMAX as out of range [OP-20, POSIX sigaction 30]", async () => {
    const einval = "PosixError EINVAL 22";
    assertEquals(await outcome(PROGRAM, ["uncatchable"]), {
      install: ["RangeError", einval, einval],
      ignore: [einval, einval, "RangeError"],
      action: einval,
      interrupt: einval,
      query: [0, 0, 0],
    });
  });

  it("registrations leave nothing behind, on the main thread and in a Worker [BN-10, Bun listener-count]", async () => {
    const { errors, left, runs, inWorker } = await outcome<Record<string, unknown>>(PROGRAM, ["leavesNothing"], {
      flags: ALL,
    });
    assertEquals(errors, Array(10).fill("PosixError EINVAL 22"));
    assertEquals([left, runs], [[0, 0], 1]);
    assertEquals((inWorker as string[]).slice(-2), ["PosixError EINVAL 22", "PosixError EINVAL 22"]);
  });

  it("bad arguments, the target being unharmed [BN-14, Bun spawn-kill-signal]", async () => {
    const target = await sleeper();
    const answers = await outcome<string[]>(PROGRAM, ["badArguments", target.pid]);
    assertEquals(answers.filter((answer) => answer !== "TypeError" && answer !== "RangeError"), []);
    assertEquals(answers.length, 21);
    await target.kill("SIGKILL");
    assertEquals((await target.ended).signal, "SIGKILL");
  });

  it("with the action, the argument and the value in the message [api: conventions]", () => {
    const { message } = assertThrows(() => signal.signal(2 ** 32 + 10, () => {}), RangeError);
    assertStringIncludes(message, "4294967306");
    assertStringIncludes(assertThrows(() => signal.getsignal("SIGPOOP" as never), RangeError).message, '"SIGPOOP"');
    assertStringIncludes(assertThrows(() => signal.signal(2, 5 as never), TypeError).message, "got 5");
  });
});

describe("faults sent by a process", () => {
  it("reach a handler, also those that Deno's own API forbids [DN-10, Deno signalForbiddenSignalTest]", async () => {
    assertEquals(
      await outcome(PROGRAM, ["faults"]),
      ["SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGTRAP"].map((name) => [name, "SI_USER"]),
    );
  });
});

describe("default actions", () => {
  const named = Object.entries(signal.Signals).filter(([name]) => !name.startsWith("SIGRT"));

  it("terminate, as the table says [LT-11, LTP kill11]", async () => {
    const core = [
      "SIGQUIT",
      "SIGILL",
      "SIGTRAP",
      "SIGABRT",
      "SIGBUS",
      "SIGFPE",
      "SIGSEGV",
      "SIGXCPU",
      "SIGXFSZ",
      "SIGSYS",
    ];
    assertEquals(named.filter(([, sig]) => defaultAction(sig) === "core").map(([name]) => name).sort(), core.sort());
    const deadly = named.filter(([, sig]) => ["terminate", "core"].includes(defaultAction(sig)));
    assertEquals(deadly.length, 23);
    for (const [name] of deadly) {
      const ended = await killedBy(name);
      assert(ended === name || (name === "SIGIO" && ended === "SIGPOLL"), `${name} ended it by ${ended}`);
    }
  });

  it("do nothing, or stop, as the table says [LT-11, LTP kill11]", async () => {
    const target = await sleeper();
    const state = (): string => procStatus(target.pid, "State")[0];
    for (const [name, sig] of named) {
      const action = defaultAction(sig);
      if (action === "ignore" || action === "continue") {
        await outcome(PROGRAM, ["send", target.pid, name]);
        await eventually(() => state() === "S", `asleep after ${name}`);
      } else if (action === "stop") {
        await outcome(PROGRAM, ["send", target.pid, name]);
        await eventually(() => state() === "T", `stopped by ${name}`);
        await outcome(PROGRAM, ["send", target.pid, "SIGCONT"]);
        await eventually(() => state() === "S", `continued after ${name}`);
      }
    }
    assertEquals(
      named.filter(([, sig]) => defaultAction(sig) === "stop").map(([name]) => name).sort(),
      ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"],
    );
    await target.kill("SIGKILL");
    assertEquals((await target.ended).signal, "SIGKILL");
  });
});
