import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { isBun, run, SIGRTMIN } from "./support/process.ts";

interface Result {
  name?: string;
  message: string;
  code?: string;
  errno?: number;
  syscall?: string;
  returned?: unknown;
  unchanged: boolean;
}

/** Evaluates the calls in one child program, which arms a timer first. */
async function evaluate(calls: string[]): Promise<Result[]> {
  const end = await run("tests/programs/args_call.ts", calls, { flags: isBun ? [] : ["-A"] });
  assertEquals([end.code, end.signal, end.stderr], [0, null, ""]);
  return end.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** A call, the class of its error, and the parts of the message: the argument, the value. */
type Row = [call: string, error: "RangeError" | "TypeError" | "PosixError" | "ItimerError", ...texts: string[]];

/** Numbers that C would wrap or truncate to a real signal, and values that only resemble one. */
const NO_SIGNALS: [source: string, error: "RangeError" | "TypeError", value?: string][] = [
  ["-2147483648", "RangeError"],
  ["2147483647", "RangeError"],
  ["-2147483647", "RangeError"],
  ["-1073743192", "RangeError"],
  ["1073743192", "RangeError"],
  ["2 ** 32 + 10", "RangeError", "4294967306"],
  ["10.5", "RangeError"],
  ["NaN", "RangeError"],
  ["Infinity", "RangeError"],
  ["10n", "TypeError"],
  ["'10'", "RangeError", '"10"'],
  ["true", "TypeError"],
];

/** Errors of calls that reached the system. */
const REFUSED = "what the system refuses, and whom or what it was asked for [api: conventions]";

const groups: Record<string, Row[]> = {
  "a signal that does not exist [api: conventions]": [
    ["signal.signal('SIGFOO', handler)", "RangeError", "signal", '"SIGFOO"'],
    ["signal.signal(0, handler)", "RangeError", "signal 0", "1 to 64"],
    ["signal.signal(65, handler)", "RangeError", "signal 65", "1 to 64"],
    ["signal.signal(2 ** 32 + 10, handler)", "RangeError", "4294967306"],
    ["signal.signal('SIGRTMIN+31', handler)", "RangeError", '"SIGRTMIN+31"'],
    ["signal.signal('sigterm', handler)", "RangeError", '"sigterm"', 'did you mean "SIGTERM"?'],
    ["signal.signal('TERM', handler)", "RangeError", '"TERM"', 'did you mean "SIGTERM"?'],
    ["signal.signal('rtmin+2', handler)", "RangeError", 'did you mean "SIGRTMIN+2"?'],
  ],
  "what was probably meant [api: conventions]": [
    ["signal.raise('SIGTREM')", "RangeError", "Signals lists those it has"],
    ["signal.raise('15')", "RangeError", "did you mean the number 15?"],
    ["signal.raise('SIGRTMIN+40')", "RangeError", `from "SIGRTMIN" to "SIGRTMIN+${64 - SIGRTMIN}"`],
    ["signal.raise(signal.SIGEMT)", "TypeError", "undefined, as SIGINFO is on Linux"],
    ["signal.sigaction(10, handler)", "TypeError", "{ handler }", "signal() takes one"],
    ["signal.once(10, handler)", "TypeError", "on() takes one, with { once: true }"],
  ],
  "nothing to wait for [api: conventions]": [
    ["signal.events([])", "RangeError", "no signal is given"],
    ["signal.abortOn()", "RangeError", "no signal is given"],
    ["signal.sigwait([])", "RangeError", "none in the set"],
    ["signal.once([])", "RangeError", "no signal is given"],
    ["signal.reload(handler, { signals: [] })", "RangeError", "no signal is given"],
  ],
  [REFUSED]: [
    ["signal.kill(2 ** 30, 0)", "PosixError", "(ESRCH): process 1073741824"],
    ["signal.kill(-(2 ** 30), 0)", "PosixError", "(ESRCH): process group 1073741824"],
    ["signal.killpg(-1, 0)", "PosixError", "(EINVAL): 'pgid' must be 0 or more, got -1"],
    ["signal.pthreadKill(0, 0)", "PosixError", "(EINVAL): 'tid' must be 1 or more, got 0"],
    ["signal.sigqueue(2 ** 30, 0, 1)", "PosixError", "(ESRCH): process 1073741824"],
    ["signal.pidfdOpen(0)", "PosixError", "(EINVAL): 'pid' must be 1 or more, got 0"],
    ["signal.pidfdSendSignal(9999, 0)", "PosixError", "(EBADF): descriptor 9999", "pidfdOpen()"],
    ["signal.setWakeupFd(9999)", "PosixError", "(EBADF): fd 9999 must be an open pipe or socket"],
    ["signal.inspect(4194305)", "PosixError", "(ENOENT)", "is there a process 4194305?"],
  ],
  "a signal that cannot be taken [api: conventions]": [
    ["signal.signal('SIGKILL', handler)", "PosixError", "SIGKILL", "the kernel"],
    ["signal.signal(32, handler)", "PosixError", "signal 32", "C library"],
    ["signal.signal(signal.SIGSTOP, signal.SIG_IGN)", "PosixError", "SIGSTOP", "the kernel"],
    ...(isBun ? [["signal.signal('SIGPWR', handler)", "PosixError", "SIGPWR", "collector"] as Row] : []),
  ],
  "one of several that cannot be taken: the others are not either [api: conventions]": [
    ["signal.on(['SIGUSR2', 'SIGKILL'], handler)", "PosixError", "SIGKILL", "the kernel"],
    ["signal.once(['SIGUSR2', 'SIGKILL'])", "PosixError", "SIGKILL", "the kernel"],
    ["signal.events(['SIGUSR2', 'SIGKILL'])", "PosixError", "SIGKILL", "the kernel"],
    ["signal.abortOn('SIGUSR2', 'SIGSTOP')", "PosixError", "SIGSTOP", "the kernel"],
    ["signal.reload(handler, { signals: ['SIGUSR2', 'SIGKILL'] })", "PosixError", "SIGKILL", "the kernel"],
    ["signal.shutdown({ signals: ['SIGUSR2', 'SIGKILL'] })", "PosixError", "SIGKILL", "the kernel"],
  ],
  "a number that would wrap into a signal [VF-03]": NO_SIGNALS.flatMap(([source, error, value = source]): Row[] => [
    [`signal.kill(self, ${source})`, error, "signal", value],
    [`signal.raise(${source})`, error, "signal", value],
    [`signal.signal(${source}, handler)`, error, "signal", value],
  ]),
  "what is no handler [PY-03]": [
    ["signal.signal('SIGINT', null)", "TypeError", "handler", "null"],
    ["signal.signal('SIGUSR2', null)", "TypeError", "handler", "null"],
    ["signal.signal('SIGUSR2')", "TypeError", "handler", "undefined"],
    ["signal.signal('SIGUSR2', {})", "TypeError", "handler", "an object"],
    ["signal.signal('SIGUSR2', 5)", "TypeError", "handler", "5"],
    ["signal.signal('SIGUSR2', 'handler')", "TypeError", "handler", '"handler"'],
    ["signal.signal('SIGUSR2', true)", "TypeError", "handler", "true"],
  ],
  "a number out of range [PY-12]": ["getsignal", "signal", "strsignal"].flatMap((name) =>
    [4242, 0, -1, 65].map((number): Row => [
      `signal.${name}(${number}, handler)`,
      "RangeError",
      `signal ${number}`,
      "1 to 64",
    ])
  ),
  "a process that is no number a pid can be [api: conventions]": [
    ["signal.kill(2 ** 32 + 1, 15)", "RangeError", "'pid'", "4294967297"],
    ["signal.kill('1', 15)", "TypeError", "'pid'", '"1"'],
    ["signal.kill(1.5, 0)", "RangeError", "'pid'", "1.5"],
    ["signal.kill(NaN, 0)", "RangeError", "'pid'", "NaN"],
    ["signal.kill(undefined, 15)", "TypeError", "'pid'", "undefined"],
    ["signal.killpg(2 ** 32, 15)", "RangeError", "'pgid'", "4294967296"],
  ],
  "a signal to send that is none [BN-14]": [
    ["signal.kill(self, 'SIGGOD')", "RangeError", "signal", '"SIGGOD"'],
    ["signal.kill(self, 'SIGPOOP')", "RangeError", "signal", '"SIGPOOP"'],
    ["signal.kill(self, '')", "RangeError", "signal", '""'],
    ["signal.kill(self, {})", "TypeError", "signal", "an object"],
    ["signal.kill(self, () => {})", "TypeError", "signal", "a function"],
    ["signal.kill(self, Symbol('SIGTERM'))", "TypeError", "signal", "Symbol(SIGTERM)"],
    ["signal.kill(self, -Infinity)", "RangeError", "signal", "-Infinity"],
    ["signal.kill(self, 456)", "RangeError", "signal 456"],
    ["signal.kill(self, null)", "TypeError", "signal", "null"],
    ["signal.kill(self, undefined)", "TypeError", "signal", "undefined"],
  ],
  "seconds that are no alarm [PY-45]": [
    ["signal.alarm(-1)", "RangeError", "'seconds'", "-1"],
    ["signal.alarm(1.5)", "RangeError", "'seconds'", "1.5", "setitimer"],
    ["signal.alarm(2 ** 32)", "RangeError", "'seconds'", "4294967296"],
    ["signal.alarm(NaN)", "RangeError", "'seconds'", "NaN"],
    ["signal.alarm('x')", "TypeError", "'seconds'", '"x"'],
    ["signal.alarm(null)", "TypeError", "'seconds'", "null"],
    ["signal.alarm()", "TypeError", "'seconds'", "undefined"],
  ],
  "times that are none [VF-31]": [
    ["signal.setitimer(0, -1)", "ItimerError", "'seconds'", "-1"],
    ["signal.setitimer(0, -0.5)", "ItimerError", "'seconds'", "-0.5"],
    ["signal.setitimer(0, 1, -1)", "ItimerError", "'interval'", "-1"],
    ["signal.setitimer(0, NaN)", "RangeError", "'seconds'", "NaN"],
    ["signal.setitimer(0, 1, NaN)", "RangeError", "'interval'", "NaN"],
    ["signal.setitimer(0, Infinity)", "RangeError", "'seconds'", "Infinity"],
    ["signal.setitimer(0, 1e15)", "RangeError", "'seconds'", "1000000000000000", "at most"],
    ["signal.setitimer(0, 1e20)", "RangeError", "'seconds'", "100000000000000000000", "at most"],
    ["signal.setitimer(0, 2 ** 40)", "RangeError", "'seconds'", "1099511627776", "at most"],
    ["signal.setitimer(0, '1')", "TypeError", "'seconds'", '"1"'],
    ["signal.setitimer(0, 1n)", "TypeError", "'seconds'", "1n"],
    ["signal.setitimer(0, 1, null)", "TypeError", "'interval'", "null"],
  ],
  "a timer that does not exist [PY-44]": [
    ["signal.setitimer(-1, 0)", "ItimerError", "timer -1"],
    ["signal.setitimer(3, 1)", "ItimerError", "timer 3"],
    ["signal.setitimer(-2, 30)", "ItimerError", "timer -2"],
    ["signal.getitimer(-1)", "ItimerError", "timer -1"],
    ["signal.getitimer(99)", "ItimerError", "timer 99"],
    ["signal.getitimer(-2)", "ItimerError", "timer -2"],
    ["signal.getitimer(2 ** 32)", "ItimerError", "timer 4294967296"],
    ["signal.getitimer('0')", "TypeError", "'which'", '"0"'],
  ],
  "an option of shutdown() that is none [api: conventions]": [
    ["signal.shutdown(null)", "TypeError", "options", "null"],
    ["signal.shutdown({ signal: 'SIGTERM' })", "TypeError", "'signal'", "signals, deadline"],
    ["signal.shutdown({ signals: null })", "TypeError", "signals", "null"],
    ["signal.shutdown({ signals: [] })", "RangeError", "'signals'"],
    ["signal.shutdown({ deadline: null })", "TypeError", "'deadline'", "null"],
    ["signal.shutdown({ deadline: -1 })", "RangeError", "'deadline'", "-1"],
    ["signal.shutdown({ force: null })", "TypeError", "'force'", "null"],
    ["signal.shutdown({ exit: null })", "TypeError", "'exit'", '"signal"', "null"],
    ["signal.shutdown({ exit: 'SIGTERM' })", "TypeError", "'exit'", '"signal"', '"SIGTERM"'],
    ["signal.shutdown({ exit: 256 })", "RangeError", "'exit'", "256"],
    ["signal.shutdown({ uncaught: 1 })", "TypeError", "'uncaught'", "true or false", "1"],
    ["signal.shutdown({ resetTerminal: null })", "TypeError", "'resetTerminal'", "a string", "null"],
    ["signal.shutdown({ resetTerminal: 'é'.repeat(128) })", "RangeError", "'resetTerminal'", "255 bytes", "256"],
  ],
  "an option of a listener that is none [api: conventions]": [
    ["signal.on('SIGUSR2', handler, { once: 1 })", "TypeError", "'once'", "1"],
    ["signal.on('SIGUSR2', handler, { ref: null })", "TypeError", "'ref'", "null"],
    ["signal.on('SIGUSR2', handler, { signal: {} })", "TypeError", "'signal'", "an object"],
    ["signal.on('SIGUSR2', handler, { onec: true })", "TypeError", "'onec'", "once, ref, signal"],
    ["signal.once('SIGUSR2', { timeout: -1 })", "RangeError", "'timeout'", "-1"],
    ["signal.once('SIGUSR2', { timeout: 2147484 })", "RangeError", "'timeout'", "2147484", "at most 2147483.647"],
    ["signal.events('SIGUSR2', { capacity: 0 })", "RangeError", "'capacity'", "0"],
    ["signal.events('SIGUSR2', { capacity: 1.5 })", "RangeError", "'capacity'", "1.5"],
    ["signal.hold('SIGUSR2', 5)", "TypeError", "'fn'", "5"],
    ["signal.stats('SIGFOO')", "RangeError", '"SIGFOO"'],
    ["signal.stats(65)", "RangeError", "signal 65", "1 to 64"],
  ],
  "a time that nobody can sleep [api: conventions]": [
    ["signal.sleep(-1)", "RangeError", "'seconds'", "-1"],
    ["signal.sleep(Infinity)", "RangeError", "'seconds'", "Infinity"],
    ["signal.sleep(NaN)", "RangeError", "'seconds'", "NaN"],
    ["signal.sleep('1')", "TypeError", "'seconds'", '"1"'],
  ],
};

/** The numbers next to those that are refused. */
const accepted = [
  "signal.getsignal(64)",
  "signal.strsignal(1)",
  "signal.kill(self, 0)",
  "signal.sleep(0)",
  "signal.sleep(-0)",
];

describe("bad input is refused before anything changes", () => {
  const rows = Object.values(groups).flat();
  const results = new Map<Row, Result>();
  let good: Result[] = [];

  beforeAll(async () => {
    const all = await evaluate([...rows.map(([call]) => call), ...accepted]);
    rows.forEach((row, i) => results.set(row, all[i]));
    good = all.slice(rows.length);
  });

  for (const [group, members] of Object.entries(groups)) {
    it(`${group}: the error has the right class, names argument and value, and is one line`, () => {
      for (const row of members) {
        const [call, error, ...texts] = row;
        const result = results.get(row)!;
        assertEquals(result.name, error, `${call}: ${result.message}`);
        for (const text of texts) assertStringIncludes(result.message, text, call);
        assert(!result.message.includes("\n"), call);
        assertEquals(result.unchanged, true, `${call} changed something`);
        if (error === "PosixError" && group === REFUSED) {
          assertEquals([texts[0].includes(`(${result.code})`), (result.errno ?? 0) > 0], [true, true], call);
        } else if (error === "PosixError") {
          assertEquals([result.code, result.errno, result.syscall], ["EINVAL", 22, "sigaction"], call);
        } else if (error === "ItimerError") {
          const [, syscall] = /signal\.(\w+)/.exec(call)!;
          assertEquals([result.code, result.errno, result.syscall], ["EINVAL", 22, syscall], call);
        } else assertEquals([result.code, result.errno], [undefined, undefined], call);
      }
    });
  }

  it("and what lies beside it is accepted", () => {
    assertEquals(good.map(({ name, unchanged }) => [name, unchanged]), accepted.map(() => [undefined, true]));
  });
});

describe("the largest times", () => {
  it("alarm() takes what an unsigned int of C takes [PY-45]", async () => {
    const results = await evaluate(["2 ** 31", "2 ** 32 - 1", "0"].map((seconds) => `signal.alarm(${seconds})`));
    const [first, second, third] = results.map(({ returned }) => Number(returned));
    assert(first >= 990 && first <= 1000, `${first}`); // the timer that the program armed
    assertLessOrEqual(Math.abs(second - 2 ** 31), 1);
    assertLessOrEqual(Math.abs(third - (2 ** 32 - 1)), 1);
  });

  it("setitimer() takes 2^31 seconds and more, up to what it says [VF-31]", async () => {
    const times = [2 ** 31, 2 ** 32, 9_000_000_000];
    const calls = times.map((seconds) => `signal.setitimer(0, ${seconds}) && signal.getitimer(0)[0]`);
    const left = (await evaluate(calls)).map(({ returned }) => Number(returned));
    times.forEach((time, i) => assert(left[i] <= time && left[i] > time - 5, `${left[i]} of ${time}`));
  });
});
