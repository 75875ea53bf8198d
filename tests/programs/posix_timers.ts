/** Cases of alarm, setitimer and getitimer. */
import * as signal from "../../mod.ts";
import { type Cases, elapsed, failure, runCase, turn, until } from "./posix_cases.ts";

const { alarm, getitimer, ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, setitimer } = signal;
const TIMERS = [ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF];

/** Uses the processor until a condition is true, checking for signals now and then. */
function compute(condition: () => boolean): number {
  let x = 1;
  const end = performance.now() + 20_000;
  while (!condition() && performance.now() < end) {
    for (let i = 0; i < 20_000; i++) x = Math.sqrt(x + i);
    signal.check();
  }
  return x;
}

const cases: Cases = {
  once() {
    let runs = 0;
    signal.signal("SIGALRM", () => void runs++);
    const seconds = elapsed(() => {
      setitimer(ITIMER_REAL, 0.5);
      signal.pause();
    });
    return { runs, seconds, after: getitimer(ITIMER_REAL), next: signal.sigtimedwait("SIGALRM", 0.1) };
  },

  async onTheLoop() {
    let runs = 0;
    signal.signal("SIGALRM", () => void runs++);
    setitimer(ITIMER_REAL, 0.02, 0.01);
    await until(() => runs >= 5);
    setitimer(ITIMER_REAL, 0);
    signal.check(); // handles signals that are already pending
    const stopped = runs;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { enough: stopped >= 5, late: runs - stopped };
  },

  virtual() {
    let runs = 0;
    signal.signal("SIGVTALRM", () => {
      if (++runs === 4) setitimer(ITIMER_VIRTUAL, 0);
    });
    setitimer(ITIMER_VIRTUAL, 0.1, 0.05);
    // the remaining time is reported as 0 in its last microsecond too
    compute(() => getitimer(ITIMER_VIRTUAL)[1] === 0);
    const cleared = runs;
    const end = performance.now() + 300;
    compute(() => performance.now() > end);
    return { after: getitimer(ITIMER_VIRTUAL), cleared: cleared >= 4, late: runs - 4 };
  },

  profile() {
    let runs = 0;
    signal.signal("SIGPROF", () => {
      runs++;
      setitimer(ITIMER_PROF, 0);
    });
    setitimer(ITIMER_PROF, 0.1, 0.1);
    compute(() => runs > 0);
    return { ran: runs > 0, after: getitimer(ITIMER_PROF) };
  },

  /** Time that passes while the program waits does not count as its processor time. */
  processorTimeOnly() {
    setitimer(ITIMER_VIRTUAL, 100);
    setitimer(ITIMER_PROF, 100);
    // The median: the runtime's compilers use some time at the start.
    return [ITIMER_VIRTUAL, ITIMER_PROF].map((which) => {
      const used = Array.from({ length: 5 }, () => {
        const [before] = getitimer(which);
        signal.sleep(0.1);
        return before - getitimer(which)[0];
      });
      return used.sort((a, b) => a - b)[2];
    });
  },

  tiny() {
    return [1e-6, 1e-7, 1e-12, Number.MIN_VALUE].map((seconds) => {
      let runs = 0;
      signal.signal("SIGALRM", () => void runs++);
      setitimer(ITIMER_REAL, seconds);
      signal.sleep(0.05);
      return runs;
    });
  },

  /** The value given to the kernel, read back from the interval, which does not run down. */
  rounding() {
    return [0.9999996, 1.9999999, 0.1 + 0.2, 0.3, 1e-7, 1, 2.000001, 0.9999992].map((seconds) => {
      setitimer(ITIMER_REAL, 100 + seconds, seconds);
      const [left, interval] = getitimer(ITIMER_REAL);
      return left <= 100 + seconds + 1e-6 ? interval : `${left} left`;
    });
  },

  badWhich() {
    return [
      ...[[-1, 0], [3, 1], [-2, 30], [1.5, 1], [NaN, 1], [2 ** 32, 1]].map(([which, seconds]) =>
        failure(() => setitimer(which, seconds))
      ),
      ...[-1, 99, -2, 0.5, 2 ** 32].map((which) => failure(() => getitimer(which))),
      ...["0", null, undefined, 1n].map((which) => failure(() => getitimer(which as never))),
    ];
  },

  errors() {
    try {
      setitimer(ITIMER_REAL, -1);
    } catch (error) {
      const { name, code, errno, syscall } = error as signal.ItimerError;
      const classes = [error instanceof signal.ItimerError, error instanceof signal.PosixError];
      return { classes, name, code, errno, syscall };
    }
  },

  badNumbers() {
    setitimer(ITIMER_REAL, 5);
    const answers: string[] = [];
    for (const seconds of [-1, -0.5, NaN, Infinity, -Infinity, 2 ** 40, 1e15, 1e20, "1", 1n, null, undefined]) {
      answers.push(failure(() => setitimer(ITIMER_REAL, seconds as never)));
    }
    answers.push(failure(() => setitimer(ITIMER_REAL, 1, -1)));
    answers.push(failure(() => setitimer(ITIMER_REAL, 1, NaN)));
    answers.push(failure(() => setitimer(ITIMER_REAL, 1, "1" as never)));
    const [left] = getitimer(ITIMER_REAL);
    const large = [2 ** 31, 2 ** 32, 9e9].map((seconds) => {
      const thrown = failure(() => setitimer(ITIMER_REAL, seconds));
      return thrown === "none" ? seconds - getitimer(ITIMER_REAL)[0] : thrown;
    });
    return { answers, left, large };
  },

  /** Old values: the exact interval, and no more time left than was set. */
  old() {
    return TIMERS.map((which) => {
      const seconds = 9.012;
      setitimer(which, seconds, seconds);
      const [left, interval] = setitimer(which, 5 * seconds);
      const last = setitimer(which, 0);
      return [left, interval, last[0], last[1], ...getitimer(which)];
    });
  },

  fresh() {
    const before = TIMERS.map((which) => getitimer(which));
    const set = TIMERS.map((which) => {
      setitimer(which, 100.01, 100.01);
      const [left, interval] = getitimer(which);
      return [left, interval];
    });
    return { before, set };
  },

  async disarmed() {
    let runs = 0;
    signal.signal("SIGALRM", () => void runs++);
    setitimer(ITIMER_REAL, 0.5);
    setitimer(ITIMER_REAL, 0, 0.01);
    const after = getitimer(ITIMER_REAL);
    await new Promise((resolve) => setTimeout(resolve, 700));
    return { after, runs };
  },

  alarms() {
    let runs = 0;
    signal.signal("SIGALRM", () => void runs++);
    const first = alarm(10);
    signal.sleep(1);
    const second = alarm(1);
    signal.sleep(1.5);
    return { first, second, runs, last: alarm(0) };
  },

  shared() {
    alarm(5);
    const [left, interval] = setitimer(ITIMER_REAL, 0);
    const none = alarm(0);
    setitimer(ITIMER_REAL, 3.4, 1);
    return { left, interval, none, alarm: alarm(0), gone: getitimer(ITIMER_REAL) };
  },

  badAlarms() {
    const bad = [1.5, "x", null, undefined, -1, 2 ** 32, NaN, Infinity, 1n, {}];
    const answers = bad.map((seconds) => failure(() => alarm(seconds as never)));
    let hint = "";
    try {
      alarm(1.5);
    } catch (error) {
      hint = (error as Error).message;
    }
    const large = [2 ** 31, 2 ** 32 - 1].map((seconds) => {
      alarm(seconds);
      return seconds - getitimer(ITIMER_REAL)[0] < 5;
    });
    return { answers, hint: hint.includes("setitimer"), large, left: alarm(0) };
  },

  /** Without a handler the alarm ends the process, as in C. */
  async deadly() {
    setitimer(ITIMER_REAL, 0.05);
    await until(() => false, 5000);
    await turn();
  },
};

await runCase(cases);
process.exit(0);
