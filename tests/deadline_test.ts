/** deadline(): a limit on synchronous work. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import * as signal from "../mod.ts";
import { elapsed, turn } from "./programs/posix_cases.ts";
import { inChild } from "./support/child.ts";
import { isBun, isDeno, isEmulated } from "./support/process.ts";

const { deadline, SIGUSR1, TimeoutError } = signal;
const forEver = (): never => {
  for (;;);
};

/** The error of a call, and whether the call took about as long as it should. */
function stopped(
  call: () => unknown,
  seconds: number,
): { name: string; timeout: boolean; message: string; inTime: boolean } {
  let error: Error | undefined;
  const took = elapsed(() => {
    try {
      call();
    } catch (thrown) {
      error = thrown as Error;
    }
  });
  return {
    name: error?.name ?? "none",
    timeout: error instanceof TimeoutError && error instanceof DOMException,
    message: error?.message ?? "none",
    inTime: took >= seconds * 0.95 && took < seconds + 5,
  };
}

/** Runs the path to a handler, in a section and outside, once: the first run takes a busy emulator longer than the
 * deadlines last. */
function rehearse(): void {
  deadline(10, () => {
    signal.raise(SIGUSR1);
    signal.hold(SIGUSR1, () => signal.raise(SIGUSR1));
  });
}

/** On Deno, and on Bun in emulation, a deadline may strike inside the runtime's own registration: src/README.md. */
const onFastBun = isDeno || isEmulated ? it.skip : it;

const child = await inChild(import.meta.url, {
  busyLoop: () => stopped(() => deadline(0.2, forEver), 0.2),

  outcomes() {
    const original = new RangeError("its own");
    let thrown: unknown;
    try {
      deadline(1, () => {
        throw original;
      });
    } catch (error) {
      thrown = error;
    }
    const value = { its: "own" };
    return {
      same: deadline(1, () => value) === value,
      sameError: thrown === original,
      nothing: deadline(1, () => undefined) === undefined,
    };
  },

  nesting() {
    const seen: string[] = [];
    const innerFirst = stopped(() =>
      deadline(5, () => {
        try {
          deadline(0.1, forEver);
        } catch (error) {
          seen.push((error as Error).name);
          throw error;
        }
      }), 0.1);
    const outerFirst = stopped(() =>
      deadline(0.2, () => {
        try {
          deadline(5, forEver);
        } catch {
          seen.push("the inner one caught what was not its own");
        }
      }), 0.2);
    const afterwards = deadline(1, () => deadline(1, () => "both in time"));
    return { innerFirst, outerFirst, seen, afterwards };
  },

  asynchronous() {
    const refused = [
      () => deadline(1, async () => {}),
      () => deadline(1, async function* () {}),
      () => deadline(1, () => Promise.resolve(1)),
      () => deadline(1, () => ({ then: () => {} })),
    ];
    return refused.map((call) => stopped(call, 0)).map(({ name, message }) => [name, /asynchronous/.test(message)]);
  },

  arguments() {
    const calls = [
      () => deadline(-1, forEver),
      () => deadline(NaN, forEver),
      () => deadline(Infinity, forEver),
      () => deadline("1" as never, forEver),
      () => deadline(1, "no function" as never),
      () => deadline(0, forEver),
    ];
    return calls.map((call) => stopped(call, 0).name);
  },

  /** The blocks that a deadline skips, as the doc comment says. */
  skips() {
    const seen: string[] = [];
    stopped(() =>
      deadline(0.1, () => {
        try {
          forEver();
        } catch {
          seen.push("catch");
        } finally {
          seen.push("finally");
        }
      }), 0.1);
    return seen;
  },

  /** Signals are delivered as before after a deadline has stopped a handler or a section. */
  async signalsAfterwards() {
    const got: string[] = [];
    let stays = false;
    signal.signal(SIGUSR1, () => {
      got.push("handler");
      if (stays) forEver();
    });
    rehearse();
    got.length = 0;
    stays = true;
    const inHandler = stopped(() => deadline(0.1, () => signal.raise(SIGUSR1)), 0.1).name;
    stays = false;
    signal.raise(SIGUSR1);
    const inSection = stopped(() =>
      deadline(0.1, () =>
        signal.hold(SIGUSR1, () => {
          signal.raise(SIGUSR1);
          forEver();
        })), 0.1).name;
    signal.check();
    await turn();
    return { inHandler, inSection, got, held: [...signal.sigpending()] };
  },

  /** Sections across a deadline: begun inside and ended after it, begun before and ended inside. */
  sectionsAcross() {
    const got: string[] = [];
    const raise = (when: string) => {
      signal.raise(SIGUSR1);
      got.push(when);
    };
    signal.signal(SIGUSR1, () => got.push("handler"));
    rehearse();
    got.length = 0;
    let begunInside: Disposable | undefined;
    stopped(() =>
      deadline(0.1, () => {
        begunInside = signal.hold(SIGUSR1);
        forEver();
      }), 0.1);
    begunInside![Symbol.dispose]();
    const section = signal.hold(SIGUSR1);
    raise("held");
    stopped(() =>
      deadline(0.1, () => {
        section[Symbol.dispose]();
        forEver();
      }), 0.1);
    raise("free");
    return got;
  },

  /** Deadlines stop code that holds, takes and releases a signal, at any point of it. @returns how often the signal was
   * not delivered afterwards */
  stoppedWhileHeld() {
    let calls = 0;
    signal.signal(SIGUSR1, () => void calls++);
    rehearse();
    let missed = 0;
    for (const end = performance.now() + 3000; performance.now() < end && missed === 0;) {
      stopped(() =>
        deadline(0.001, () => {
          signal.sigprocmask(signal.SIG_BLOCK, [SIGUSR1]);
          for (;;) {
            signal.raise(SIGUSR1);
            signal.sigtimedwait([SIGUSR1], 0);
          }
        }), 0);
      signal.sigprocmask(signal.SIG_UNBLOCK, [SIGUSR1]);
      const before = calls;
      signal.hold(SIGUSR1, () => signal.raise(SIGUSR1));
      if (calls !== before + 1) missed++;
    }
    return missed;
  },

  /** Deadlines stop code that holds and releases a signal with the default action. @returns after how many of them the
   * signal was still caught */
  caughtAfterwards() {
    const isCaught = (): boolean => {
      const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))![1];
      return (BigInt(`0x${caught}`) >> BigInt(constants.signals.SIGUSR2 - 1) & 1n) === 1n;
    };
    let count = 0;
    for (const end = performance.now() + 1000; performance.now() < end;) {
      stopped(() =>
        deadline(0.001, () => {
          for (;;) signal.hold(signal.SIGUSR2, () => {});
        }), 0);
      if (isCaught()) count++;
    }
    return count;
  },

  /** The AsyncLocalStorage context after a deadline that stopped a handler, in a callback of the event loop. */
  async contextAfterwards() {
    await turn();
    const context = new AsyncLocalStorage<string>();
    signal.signal(SIGUSR1, forEver);
    return context.run("the caller's", () => {
      stopped(() => deadline(0.1, () => signal.raise(SIGUSR1)), 0.1);
      return context.getStore();
    });
  },

  /** The deadline also stops a loop that waits in this module. */
  inSleep: () => stopped(() => deadline(0.1, () => signal.sleep(100)), 0.1),
});

const timedOut = (seconds: number) => ({
  name: "TimeoutError",
  timeout: true,
  message: `The call did not end within ${seconds} seconds`,
  inTime: true,
});

describe("deadline()", () => {
  it("stops a busy loop that calls nothing, with a TimeoutError [api: deadline]", async () => {
    assertEquals(await child.outcome("busyLoop"), timedOut(0.2));
  });

  it("returns what `fn` returns and throws what it throws, the same [api: deadline]", async () => {
    assertEquals(await child.outcome("outcomes"), { same: true, sameError: true, nothing: true });
  });

  it("nests: the earlier one counts, each throws its own error [api: deadline]", async () => {
    assertEquals(await child.outcome("nesting"), {
      innerFirst: timedOut(0.1),
      outerFirst: timedOut(0.2),
      seen: ["TimeoutError"],
      afterwards: "both in time",
    });
  });

  it("refuses an asynchronous `fn` and says why [api: deadline]", async () => {
    assertEquals(await child.outcome("asynchronous"), new Array(4).fill(["TypeError", true]));
  });

  it("refuses bad arguments; with 0 seconds nothing runs [api: deadline]", async () => {
    assertEquals(
      await child.outcome("arguments"),
      ["RangeError", "RangeError", "RangeError", "TypeError", "TypeError", "TimeoutError"],
    );
  });

  it("skips the `catch` and `finally` of what it stops, as its doc comment says [api: deadline]", async () => {
    assertEquals(await child.outcome("skips"), []);
  });

  it("stops a sleep() of this module [api: deadline]", async () => {
    assertEquals(await child.outcome("inSleep"), timedOut(0.1));
  });

  it("leaves signals in order when it stops a handler or a section [api: deadline, hold]", async () => {
    assertEquals(await child.outcome("signalsAfterwards"), {
      inHandler: "TimeoutError",
      inSection: "TimeoutError",
      got: ["handler", "handler", "handler"],
      held: [],
    });
  });

  it("loses no held signal, wherever it stops the code that takes it [api: deadline]", async () => {
    const flags = isBun ? [] : ["--allow-ffi", "--allow-env", "--v8-flags=--no-opt"];
    const env = { BUN_JSC_useDFGJIT: "0" }; // code that stays slow is stopped in more places
    assertEquals(await child.outcome("stoppedWhileHeld", [], { flags, env }), 0);
  });

  // The runtimes' own registration of a listener does not bear to be stopped: Deno's is long, and in emulation Bun's.
  onFastBun(
    "leaves no handler installed that nobody has, wherever it stops a section [api: deadline, hold]",
    async () => {
      assertEquals(await child.outcome("caughtAfterwards"), 0);
    },
  );

  it("leaves its caller in its AsyncLocalStorage context when it stops a handler [api: deadline]", async () => {
    assertEquals(await child.outcome("contextAfterwards"), "the caller's");
  });

  it("leaves sections in order that begin before its end and end after it, or the other way round [api: deadline, hold]", async () => {
    assertEquals(await child.outcome("sectionsAcross"), ["held", "handler", "handler", "free"]);
  });
});
