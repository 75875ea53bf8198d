import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found, outcome } from "../support/cases.ts";
import { compile, send, startC } from "../support/compile.ts";
import { command, CTRL_C, isBun, onTerminal, type Program, SIGRTMIN, start } from "../support/process.ts";

/** Cause, its description, the signal's name and the code's. */
const CAUSES = [
  ["outside", "kill() of another process", "SIGUSR1", "SI_USER"],
  ["outside-value", "sigqueue() of another process", "SIGRTMIN", "SI_QUEUE"],
  ["kill", "kill() of its own", "SIGSEGV", "SI_USER"],
  ["queue", "sigqueue() of its own", "SIGRTMIN", "SI_QUEUE"],
  ["raise", "raise()", "SIGUSR1", "SI_TKILL"],
  ["thread", "pthread_kill()", "SIGRTMIN", "SI_TKILL"],
  ["alarm", "alarm()", "SIGALRM", "SI_KERNEL"],
  ["real", "setitimer(ITIMER_REAL)", "SIGALRM", "SI_KERNEL"],
  ["virtual", "setitimer(ITIMER_VIRTUAL)", "SIGVTALRM", "SI_KERNEL"],
  ["prof", "setitimer(ITIMER_PROF)", "SIGPROF", "SI_KERNEL"],
  ["timer", "timer_create()", "SIGRTMIN", "SI_TIMER"],
  ["message", "mq_notify()", "SIGRTMIN", "SI_MESGQ"],
  ["poll", "O_ASYNC", "SIGIO", "SI_KERNEL"],
  ["poll-sigio", "O_ASYNC and F_SETSIG with SIGIO", "SIGIO", "POLL_IN"],
  ["poll-realtime", "O_ASYNC and F_SETSIG with a real-time signal", "SIGRTMIN+1", "POLL_IN"],
  ["poll-child", "O_ASYNC and F_SETSIG with SIGCHLD", "SIGCHLD", "SI_SIGIO"],
  ["exited", "a child that exits", "SIGCHLD", "CLD_EXITED"],
  ["killed", "a child that is killed", "SIGCHLD", "CLD_KILLED"],
  ["stopped", "a child that is stopped", "SIGCHLD", "CLD_STOPPED"],
  ["continued", "a child that is continued", "SIGCHLD", "CLD_CONTINUED"],
] as const;

type Members = Record<string, unknown>;

/** Sender, timer ID and CPU ticks of a child differ between two programs: `pid` becomes its role. */
function comparable(
  { self, pid, timerId, utime, stime, errno: _errno, ...members }: Members,
  child: boolean,
  sender?: number,
): Members {
  if (pid !== undefined) {
    members.pid = pid === 0 ? "the kernel" : pid === sender ? "the sender" : child || pid === self ? "itself" : pid;
  }
  for (const [name, value] of Object.entries({ timerId, utime, stime })) {
    if (value !== undefined) members[name] = typeof value;
  }
  return members;
}

/** Triggers the cause in a program that waits for it, and reads its report. */
async function told(program: Program, cause: string): Promise<[Members, sender: number | undefined]> {
  let sender: number | undefined;
  if (cause.startsWith("outside") || cause.startsWith("poll")) {
    await program.until("ready\n");
    if (cause === "outside") sender = await send(program.pid, [10]);
    else if (cause === "outside-value") sender = await send(program.pid, [[SIGRTMIN, -123456]]);
    else program.write("something\n");
  }
  return [found<Members>(await program.ended), sender];
}

describe("SigInfo", () => {
  for (const [cause, by, name, codeName] of CAUSES) {
    it(`of ${by} has every member that a C program sees, and no other [api: SigInfo, sigaction(2)]`, async () => {
      const child = ["exited", "killed", "stopped", "continued"].includes(cause);
      const witness = startC("witness", [cause]);
      const [seen, sender] = await told(witness, cause);
      const program = start("tests/programs/posix_siginfo.ts", [cause], { flags: isBun ? [] : ["-A"] });
      const [{ time, sequence, name: itsName, codeName: itsCodeName, ...info }, ownSender] = await told(program, cause);
      assertEquals(comparable(info, child && info.pid === info.self, ownSender), comparable(seen, child, sender));
      assertEquals([itsName, itsCodeName], [name, codeName]);
      assertGreater(time as number, 0);
      assertGreater(sequence as number, 0);
    });
  }

  it("of a child has its processor time in seconds [api: SigInfo, POSIX <signal.h>]", async () => {
    const seen = found<Members>(await startC("witness", ["times"]).ended);
    const info = await outcome<Members>("posix_siginfo", ["times", compile("witness")], { flags: isBun ? [] : ["-A"] });
    for (const { utime, stime, status } of [seen, info]) {
      // Half a second; the kernel counts the ticks at which the child was running, and may miss most.
      assertGreater((utime as number) + (stime as number), 0);
      assertLess((utime as number) + (stime as number), 5);
      assertEquals(status, 0);
    }
  });

  it("of Ctrl+C names no process: the kernel sent it [api: SigInfo]", async () => {
    const program = onTerminal(command("tests/programs/posix_siginfo.ts", ["keyboard"]));
    await program.until("ready");
    program.write(CTRL_C);
    const { stdout } = await program.ended;
    const text = stdout.slice(stdout.indexOf("{")); // after the terminal's own ^C
    const { self: _self, time: _time, sequence: _sequence, ...info } = JSON.parse(text);
    assertEquals(info, { signum: 2, name: "SIGINT", code: 128, codeName: "SI_KERNEL", pid: 0, uid: 0 });
  });

  it("has the moment of arrival and a running number, also for what was held [api: SigInfo]", async () => {
    assertEquals(await outcome("posix_siginfo", ["moments"]), {
      sequence: [1, 2, 3, 4],
      within: true,
      rising: true,
    });
  });
});
