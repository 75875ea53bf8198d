/** Cases of kill, killpg, raise, pthread_kill, sigqueue and the pidfd calls. */
import * as signal from "../../mod.ts";
import { type Cases, cause, failure, runCase, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { SIG_BLOCK, SIG_UNBLOCK, SIGABRT, SIGUSR1, SIGUSR2 } = signal;
const RTMIN = signal.SIGRTMIN!;
const { pid } = process;
/** Above the highest pid of Linux. */
const UNUSED = 4_194_305;
const INT_MIN = -(2 ** 31);
const say = (text: string): void => console.log(text);

const cases: Cases = {
  killErrors() {
    return [
      failure(() => signal.kill(pid, 2000)),
      failure(() => signal.kill(pid, 65)),
      failure(() => signal.kill(pid, -1)),
      failure(() => signal.kill(UNUSED, "SIGKILL")),
      failure(() => signal.kill(INT_MIN, "SIGKILL")),
      failure(() => signal.kill(pid, 0)),
      failure(() => signal.kill(UNUSED, 0)),
    ];
  },

  /** As another user; only root can become one. */
  permission() {
    const c = libc({ setuid: { args: ["i32"], result: "i32" } });
    const become = c.setuid(1);
    const fd = signal.pidfdOpen(1);
    return {
      become,
      answers: [
        failure(() => signal.kill(1, 0)),
        failure(() => signal.kill(1, "SIGTERM")),
        failure(() => signal.sigqueue(1, 0, 5)),
        failure(() => signal.pidfdSendSignal(fd, 0)),
      ],
    };
  },

  toGroup(how, group) {
    if (how === "killpg") signal.killpg(Number(group), SIGUSR1);
    else signal.kill(-Number(group), SIGUSR1);
    return how;
  },

  groupErrors() {
    return [
      failure(() => signal.killpg(0, 0)),
      failure(() => signal.killpg(0, -1)),
      failure(() => signal.killpg(UNUSED, 0)),
      failure(() => signal.killpg(-1, 0)),
      failure(() => signal.killpg(1.5, 0)),
    ];
  },

  /** In a session of its own, since it signals the whole group. */
  ownGroup() {
    const got: number[] = [];
    signal.signal(SIGUSR1, (signum) => void got.push(signum));
    signal.kill(0, SIGUSR1);
    signal.killpg(0, SIGUSR1);
    return got;
  },

  /** The handler has run when the call returns, whichever thread of the process took the signal. */
  beforeReturn(how, times) {
    let runs = 0;
    signal.signal(SIGABRT, () => void runs++);
    const fd = signal.pidfdOpen(pid);
    const ways: Record<string, () => void> = {
      raise: () => signal.raise(SIGABRT),
      kill: () => signal.kill(pid, SIGABRT),
      thread: () => signal.pthreadKill(pid, SIGABRT),
      queue: () => signal.sigqueue(pid, SIGABRT, 1),
      pidfd: () => signal.pidfdSendSignal(fd, SIGABRT),
    };
    let late = 0;
    for (let i = 1; i <= Number(times); i++) {
      ways[how]();
      if (runs !== i) late++;
      runs = i;
    }
    return late;
  },

  throwing(how) {
    signal.signal(SIGUSR1, () => {
      throw new RangeError("from the handler");
    });
    const fd = signal.pidfdOpen(pid);
    return [
      failure(() => signal.raise(SIGUSR1)),
      failure(() => signal.kill(pid, SIGUSR1)),
      failure(() => signal.pthreadKill(pid, SIGUSR1)),
      failure(() => signal.sigqueue(pid, SIGUSR1, 1)),
      failure(() => signal.pidfdSendSignal(fd, SIGUSR1)),
      how,
    ];
  },

  async raiseArguments() {
    const got: string[] = [];
    const names = ["SIGABRT", "SIGXFSZ", "SIGALRM", "SIGCHLD", "SIGTSTP", "SIGCONT"] as const;
    for (const name of names) signal.signal(name, (_signum, info) => void got.push(info.name));
    for (const name of names) signal.raise(name);
    const errors = [10_000, 65, -1, 0].map((sig) => failure(() => signal.raise(sig)));
    await turn();
    return { got, errors };
  },

  threadErrors() {
    return [
      failure(() => signal.pthreadKill(pid, 0)),
      failure(() => signal.pthreadKill(pid, -1)),
      failure(() => signal.pthreadKill(pid, 65)),
      failure(() => signal.pthreadKill(UNUSED, 0)),
      failure(() => signal.pthreadKill(1, 0)), // a thread, but none of this process
      failure(() => signal.pthreadKill(-1, 0)),
      failure(() => signal.pthreadKill(0, 0)),
    ];
  },

  exitInHandler() {
    signal.signal(SIGUSR1, () => process.exit(3));
    signal.pthreadKill(pid, SIGUSR1);
    process.exit(2);
  },

  /** Prints its pid, and the first two signals that it gets. */
  async receive() {
    const got: unknown[] = [];
    for (const sig of [RTMIN, SIGUSR1]) signal.signal(sig, (_signum, info) => void got.push(cause(info)));
    say("ready");
    await until(() => got.length === 2);
    return got;
  },

  queueTo(target) {
    signal.sigqueue(Number(target), RTMIN, 100);
    signal.sigqueue(Number(target), SIGUSR1, -777);
    return pid;
  },

  queueErrors() {
    const group = libc({ getpgid: { args: ["i32"], result: "i32" } }).getpgid(0);
    return [
      failure(() => signal.sigqueue(pid, 0, 0)),
      failure(() => signal.sigqueue(UNUSED, 0, 0)),
      failure(() => signal.sigqueue(pid, -1, 0)),
      failure(() => signal.sigqueue(pid, 65, 0)),
      failure(() => signal.sigqueue(0, 0, 0)),
      failure(() => signal.sigqueue(-1, 0, 0)),
      failure(() => signal.sigqueue(-group, 0, 0)),
    ];
  },

  async fiveQueued() {
    let runs = 0;
    signal.signal(RTMIN, () => void runs++);
    signal.sigprocmask(SIG_BLOCK, [RTMIN]);
    for (let i = 0; i < 5; i++) signal.sigqueue(pid, RTMIN, i);
    await turn();
    const whileBlocked = runs;
    signal.sigprocmask(SIG_UNBLOCK, [RTMIN]);
    return { whileBlocked, runs };
  },

  tenInOrder(highest) {
    const sig = Number(highest);
    const got: unknown[] = [];
    signal.signal(sig, (_signum, { value }) => void got.push(value));
    signal.sigprocmask(SIG_BLOCK, [sig]);
    for (let i = 1; i <= 10; i++) signal.sigqueue(pid, sig, i);
    signal.sigprocmask(SIG_UNBLOCK, [sig]);
    return got;
  },

  values() {
    const got: unknown[] = [];
    signal.signal(RTMIN, (_signum, { value }) => void got.push(value));
    for (const value of [0, 1, -1, 2 ** 31 - 1, INT_MIN]) signal.sigqueue(pid, RTMIN, value);
    return got;
  },

  /** Sends until the receiver's queue is full, then signals that need no room. */
  overflow(target) {
    let sent = 0;
    let thrown = "none";
    while (thrown === "none" && sent < 100) {
      thrown = failure(() => signal.sigqueue(Number(target), RTMIN, sent + 1));
      if (thrown === "none") sent++;
    }
    signal.kill(Number(target), RTMIN + 1);
    signal.sigqueue(Number(target), SIGUSR1, 7);
    return { sent, thrown, pid };
  },

  pidfd(file) {
    let runs = 0;
    signal.signal("SIGINT", () => void runs++);
    const fd = signal.pidfdOpen(pid);
    signal.pidfdSendSignal(fd, "SIGINT");
    const open = libc({ open: { args: ["buffer", "i32"], result: "i32" } });
    const regular = open.open(new TextEncoder().encode(`${file}\0`), 0);
    return {
      runs,
      answers: [
        failure(() => signal.pidfdSendSignal(0, "SIGINT")),
        failure(() => signal.pidfdSendSignal(fd, 65)),
        failure(() => signal.pidfdSendSignal(fd, 0)),
        failure(() => signal.pidfdSendSignal(regular, 0)),
        failure(() => signal.pidfdSendSignal(999, 0)),
        failure(() => signal.pidfdSendSignal(-1, 0)),
        failure(() => signal.pidfdOpen(0)),
        failure(() => signal.pidfdOpen(-1)),
        failure(() => signal.pidfdOpen(UNUSED)),
      ],
      regular: regular > 2,
    };
  },

  /** The descriptor refers to one process, even after its end. */
  async pidfdOfTheDead(target) {
    const fd = signal.pidfdOpen(Number(target));
    signal.pidfdSendSignal(fd, 0);
    signal.pidfdSendSignal(fd, SIGUSR2);
    let answer = "";
    await until(() => (answer = failure(() => signal.pidfdSendSignal(fd, 0))) !== "none");
    return answer;
  },
};

await runCase(cases);
process.exit(0);
