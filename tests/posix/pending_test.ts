/** Pending signals, and signals that the program has sent to itself, by the rules of the kernel and CPython. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import * as signal from "../../mod.ts";
import { loadForeign } from "../programs/daemon_foreign.ts";
import { turn } from "../programs/posix_cases.ts";
import { inChild } from "../support/child.ts";
import { compile } from "../support/compile.ts";
import { isBun, isNode } from "../support/process.ts";

const options = { flags: isBun ? [] : ["-A"] }; // compile.ts needs the user's ID
/** Node unblocks every signal at startup. */
const unlessNode = isNode ? it.skip : it;

const STOPS = ["SIGTSTP", "SIGTTIN", "SIGTTOU"] as const;
const SELF = process.pid;
const pending = (): string[] => [...signal.sigpending()].map((sig) => nameOf.get(sig)!);
const nameOf = new Map(Object.entries(signal.Signals).map(([name, number]) => [number, name as signal.SignalName]));

const child = await inChild(import.meta.url, {
  /** Each stop signal, held, and then SIGCONT; with a handler or without. */
  stopped(handled: string) {
    const ran: number[] = [];
    return STOPS.map((stop) => {
      if (handled === "true") signal.signal(stop, (signum) => void ran.push(signum));
      signal.sigprocmask(signal.SIG_BLOCK, [stop]);
      signal.kill(SELF, stop);
      const before = pending();
      signal.kill(SELF, "SIGCONT");
      const after = pending();
      signal.sigprocmask(signal.SIG_UNBLOCK, [stop]); // the default action would stop the program here
      return { before, after, ran };
    });
  },

  /** The reverse order. */
  continued() {
    const ran: number[] = [];
    signal.signal("SIGCONT", (signum) => void ran.push(signum));
    return STOPS.map((stop) => {
      signal.signal(stop, () => {});
      signal.sigprocmask(signal.SIG_BLOCK, ["SIGCONT"]);
      signal.kill(SELF, "SIGCONT");
      const before = pending();
      signal.kill(SELF, stop);
      const after = pending();
      signal.sigprocmask(signal.SIG_UNBLOCK, ["SIGCONT"]);
      return { before, after, ran };
    });
  },

  /** siginterrupt() on a held signal, whatever its action. */
  interrupted() {
    signal.signal("SIGUSR1", signal.SIG_IGN);
    signal.signal("SIGUSR2", () => {});
    const names = ["SIGUSR1", "SIGUSR2", "SIGTERM", "SIGWINCH", "SIGURG", "SIGCHLD", "SIGCONT"] as const;
    signal.sigprocmask(signal.SIG_BLOCK, names);
    for (const name of names) signal.kill(SELF, name);
    const before = pending();
    for (const name of names) signal.siginterrupt(name, true);
    return { before, after: pending() };
  },

  /** Started with SIGALRM and SIGHUP blocked: the timer is this module's first call. */
  async inherited() {
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const waits = pending();
    let ran = 0;
    signal.signal("SIGHUP", () => void ran++);
    signal.kill(SELF, "SIGHUP");
    for (let i = 0; i < 5; i++) await turn();
    const blocked = ran;
    signal.signal("SIGALRM", () => void ran++);
    signal.sigprocmask(signal.SIG_UNBLOCK, ["SIGHUP", "SIGALRM"]);
    return { waits, blocked, ran };
  },

  /** The number of calls that returned before the handler had run, while threads start and end. */
  sent(library: string) {
    const foreign = loadForeign(library);
    foreign.foreign_threads();
    let ran = 0;
    signal.signal("SIGUSR1", () => void ran++);
    signal.signal("SIGRTMIN", () => void ran++);
    let late = 0;
    for (let i = 1; i <= 6000; i++) {
      if (i % 2) signal.kill(SELF, "SIGUSR1");
      else signal.sigqueue(SELF, "SIGRTMIN", i);
      if (ran !== i) late++;
      ran = i;
    }
    foreign.foreign_end_threads();
    return late;
  },

  /** A handler that sends its own signal twice. */
  fromItsHandler(sig: signal.SignalName) {
    const log: string[] = [];
    let left = 2;
    signal.signal(sig, () => {
      log.push("begins");
      if (left-- > 0) signal.kill(SELF, sig);
      log.push(`ends, pending: ${pending()}`);
    });
    signal.kill(SELF, sig);
    return log;
  },
});

describe("a held stop signal and SIGCONT", () => {
  for (const handled of ["false", "true"]) {
    it(`discard each other${handled === "true" ? ", handled or not" : ": nothing stops that was continued"} [POSIX 2.4.1]`, async () => {
      const found = await child.outcome("stopped", [handled], options);
      assertEquals(found, STOPS.map((stop) => ({ before: [stop], after: [], ran: [] })));
    });
  }

  it("discard each other when SIGCONT is the held one [POSIX 2.4.1]", async () => {
    assertEquals(
      await child.outcome("continued", [], options),
      STOPS.map(() => ({ before: ["SIGCONT"], after: [], ran: [] })),
    );
  });
});

describe("siginterrupt()", () => {
  it("discards what is held and ignored, as sigaction() does, and nothing else [POSIX sigaction]", async () => {
    const { before, after } = await child.outcome("interrupted", [], options);
    assertEquals(before.toSorted(), ["SIGCHLD", "SIGCONT", "SIGTERM", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGWINCH"]);
    assertEquals(after.toSorted(), ["SIGTERM", "SIGUSR2"]);
  });
});

describe("a mask that the program was started with", () => {
  unlessNode("holds from the first call on, wherever the program waits [POSIX exec]", async () => {
    const wrapper = ["env", "--block-signal=ALRM,HUP"];
    assertEquals(await child.outcome("inherited", [], { ...options, wrapper }), {
      waits: ["SIGALRM"],
      blocked: 0,
      ran: 2,
    });
  });
});

describe("a signal that the program sends to itself", () => {
  it("has been handled when the call returns, while threads come and go [api: kill]", async () => {
    assertEquals(await child.outcome("sent", [compile("foreign", { shared: true })], options), 0);
  });

  for (const sig of ["SIGUSR1", "SIGRTMIN"] as const) {
    it(`from its own handler waits until that has returned: ${sig} [POSIX sigaction]`, async () => {
      const waits = ["begins", `ends, pending: ${sig}`];
      assertEquals(await child.outcome("fromItsHandler", [sig], options), [
        ...waits,
        ...waits,
        "begins",
        "ends, pending: ",
      ]);
    });
  }
});
