import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { given } from "../musl/differences.ts";
import { outcome } from "../support/cases.ts";
import { run } from "../support/process.ts";

const PROGRAM = "posix_timers";
const EINVAL = "ItimerError EINVAL 22";
const TYPE = "TypeError";
const RANGE = "RangeError";

describe("setitimer()", () => {
  it("ITIMER_REAL comes once, at its time [PY-40, CPython test_itimer_real]", async () => {
    const { runs, seconds, after, next } = await outcome<Record<string, number>>(PROGRAM, ["once"]);
    assertEquals({ runs, after, next }, { runs: 1, after: [0, 0], next: null } as never);
    assertGreaterOrEqual(seconds, 0.49);
    assertLess(seconds, 5);
  });

  it("ITIMER_REAL comes again and again, on the event loop too, until it is cleared [PY-40]", async () => {
    const { enough, late } = await outcome<{ enough: boolean; late: number }>(PROGRAM, ["onTheLoop"]);
    assertEquals(enough, true);
    assertLessOrEqual(late, 1); // one may have been in flight
  });

  it("ITIMER_VIRTUAL comes again and again until its handler clears it [PY-41, CPython test_itimer_virtual]", async () => {
    const { after, cleared, late } = await outcome<{ after: unknown; cleared: boolean; late: number }>(PROGRAM, [
      "virtual",
    ]);
    assertEquals([after, cleared], [[0, 0], true]);
    assertLessOrEqual(late, 1);
  });

  it("ITIMER_PROF comes, and its handler clears it [PY-42, CPython test_itimer_prof]", async () => {
    assertEquals(await outcome(PROGRAM, ["profile"]), { ran: true, after: [0, 0] });
  });

  it("ITIMER_VIRTUAL and ITIMER_PROF count no time of waiting [POSIX setitimer]", async () => {
    for (const used of await outcome<number[]>(PROGRAM, ["processorTimeOnly"])) assertLess(used, 0.05);
  });

  it("never takes a tiny time for none [PY-43, CPython test_setitimer_tiny]", async () => {
    assertEquals(await outcome(PROGRAM, ["tiny"]), [1, 1, 1, 1]);
  });

  it("rounds up to the microsecond, with the carry [VF-30]", async () => {
    assertEquals(await outcome(PROGRAM, ["rounding"]), [1, 2, 0.3, 0.3, 1e-6, 1, 2.000001, 1]);
  });

  it("refuses a timer that does not exist, as getitimer() does [PY-44, CPython test_itimer_exc]", async () => {
    assertEquals(await outcome(PROGRAM, ["badWhich"]), [...Array(11).fill(EINVAL), ...Array(4).fill(TYPE)]);
  });

  it("throws an ItimerError, which is a PosixError [PY-44, api]", async () => {
    assertEquals(await outcome(PROGRAM, ["errors"]), {
      classes: [true, true],
      name: "ItimerError",
      code: "EINVAL",
      errno: 22,
      syscall: "setitimer",
    });
  });

  it("refuses bad times and leaves an armed timer alone; takes very long ones [VF-31]", async () => {
    const { answers, left, large } = await outcome<{ answers: string[]; left: number; large: number[] }>(PROGRAM, [
      "badNumbers",
    ]);
    assertEquals(answers, [
      EINVAL,
      EINVAL,
      RANGE,
      RANGE,
      EINVAL,
      RANGE,
      RANGE,
      RANGE,
      TYPE,
      TYPE,
      TYPE,
      TYPE,
      EINVAL,
      RANGE,
      TYPE,
    ]);
    assertGreater(left, 1);
    assertLessOrEqual(left, 5);
    for (const gone of large) {
      assertGreaterOrEqual(gone, -1e-3);
      assertLess(gone, 5);
    }
  });

  it("returns what the timer showed before [LT-30, LTP setitimer01]", async () => {
    const ticks = [1e-6, 0.02, 0.02]; // the processor's timers are counted in clock ticks
    const timers = await outcome<number[][]>(PROGRAM, ["old"]);
    timers.forEach(([left, interval, last, lastInterval, ...after], i) => {
      assertAlmostEquals(interval, 9.012, 1e-9);
      assertGreaterOrEqual(left, 0);
      assertLessOrEqual(left, 9.012 + ticks[i]);
      assertGreater(last, 40);
      assertLessOrEqual(last, 45.06 + ticks[i]);
      assertEquals([lastInterval, after], [0, [0, 0]]);
    });
  });

  it("disarms with 0, whatever the interval [VF-33]", async () => {
    assertEquals(await outcome(PROGRAM, ["disarmed"]), { after: [0, 0], runs: 0 });
  });
});

describe("getitimer()", () => {
  it("is zero at the start, and tells what was set [LT-32, LTP getitimer01]", async () => {
    const { before, set } = await outcome<{ before: number[][]; set: number[][] }>(PROGRAM, ["fresh"]);
    assertEquals(before, [[0, 0], [0, 0], [0, 0]]);
    for (const [left, interval] of set) {
      assertEquals(interval, 100.01);
      assertGreater(left, 90);
      assertLessOrEqual(left, 100.01 + 0.02);
    }
  });
});

describe("alarm()", () => {
  it("returns the seconds left, and is set anew [LT-34, LTP alarm05]", async () => {
    const { first, second, runs, last } = await outcome<Record<string, number>>(PROGRAM, ["alarms"]);
    assertEquals({ first, runs, last }, { first: 0, runs: 1, last: 0 });
    assert(second === 9 || second === 8, `${second} s left`); // 8 if the call was half a second later
  });

  it("shares its timer with ITIMER_REAL [VF-35]", async () => {
    const { left, ...rest } = await outcome<Record<string, number>>(PROGRAM, ["shared"]);
    assertGreater(left, 1);
    assertLessOrEqual(left, 5);
    assertEquals(rest, { interval: 0, none: 0, alarm: given.secondsLeft, gone: [0, 0] } as never);
  });

  it("refuses what is no whole number of seconds from 0 to 2^32 - 1 [PY-45]", async () => {
    const { answers, hint, large, left } = await outcome<Record<string, unknown>>(PROGRAM, ["badAlarms"]);
    assertEquals(answers, [RANGE, TYPE, TYPE, TYPE, RANGE, RANGE, RANGE, RANGE, TYPE, TYPE]);
    assertEquals([hint, large, left], [true, [true, true], 2 ** 32 - 1]);
  });

  it("without a handler ends the process by SIGALRM [POSIX alarm]", async () => {
    const { code, signal } = await run(`tests/programs/${PROGRAM}.ts`, ["deadly"]);
    assertEquals([code, signal], [null, "SIGALRM"]);
  });
});
