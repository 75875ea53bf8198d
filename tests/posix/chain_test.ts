/** Other code's handler of a signal misses none while listeners, handlers and holds of ours are added and removed on
 * it. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import * as signal from "../../mod.ts";
import { loadForeign } from "../programs/daemon_foreign.ts";
import { turn, until } from "../programs/posix_cases.ts";
import { inChild } from "../support/child.ts";
import { compile } from "../support/compile.ts";
import { isBun, isEmulated } from "../support/process.ts";

/** Each is answered before the next is sent. */
const TIMES = isEmulated ? 500 : 20_000;
const SIG = "SIGUSR2";

/** One round of a program's calls for a signal. */
function round(): void {
  const first = signal.on(SIG, () => {});
  signal.signal(SIG, () => {});
  const second = signal.on(SIG, () => {}, { once: true });
  signal.hold(SIG, () => first.off());
  for (let i = 0; i < 16; i++) signal.siginterrupt(SIG, i % 2 === 0);
  signal.signal(SIG, () => {});
  signal.sigaction(SIG, { handler: () => {}, restart: false });
  second.off();
}

interface Heard {
  answered: number;
  heard: number;
  rounds: number;
}

const child = await inChild(import.meta.url, {
  /** Another library's handler, installed first. */
  async foreign(library: string): Promise<Heard> {
    const foreign = loadForeign(library);
    foreign.foreign_install(signal.SIGUSR2, 0, 0);
    foreign.foreign_send(signal.SIGUSR2, TIMES);
    let rounds = 0;
    for (; !foreign.foreign_has_sent(); rounds++) {
      round();
      if (rounds % 16 === 0) await turn();
    }
    return { answered: foreign.foreign_answered(), heard: foreign.foreign_calls(), rounds };
  },

  /** The same, with no handler of ours between two rounds. */
  async alone(library: string): Promise<Heard> {
    const foreign = loadForeign(library);
    foreign.foreign_install(signal.SIGUSR2, 0, 0);
    foreign.foreign_send(signal.SIGUSR2, TIMES);
    let rounds = 0;
    for (; !foreign.foreign_has_sent(); rounds++) {
      const first = signal.on(SIG, () => {});
      const second = signal.on(SIG, () => {});
      signal.hold(SIG, () => first.off());
      second.off();
      if (rounds % 16 === 0) await turn();
    }
    return { answered: foreign.foreign_answered(), heard: foreign.foreign_calls(), rounds };
  },

  /** A listener of the runtime's, added before ours or after. */
  async runtime(library: string, when: string): Promise<Heard> {
    const foreign = loadForeign(library);
    let heard = 0;
    const listener = (): void => {
      heard++;
      foreign.foreign_answer();
    };
    if (when === "after") round();
    process.on(SIG, listener);
    foreign.foreign_send(signal.SIGUSR2, TIMES);
    let rounds = 0;
    while (!foreign.foreign_has_sent()) {
      for (let i = 0; i < 4; i++, rounds++) round();
      await turn();
    }
    return { answered: foreign.foreign_answered(), heard, rounds };
  },

  /** A listener of the runtime's for a signal that the processor may raise, after ours is removed. */
  async faultAfterOurs(sig: signal.SignalName): Promise<boolean> {
    signal.on(sig, () => {}).off();
    let heard = false;
    process.on(sig, () => void (heard = true));
    signal.kill(process.pid, sig);
    return await until(() => heard);
  },
});

const patient = { limitMs: 110_000, flags: isBun ? [] : ["-A"] }; // compile.ts needs the user's ID

describe("a listener of process.on that came when ours had left", () => {
  for (const sig of ["SIGBUS", "SIGTRAP"] as const) {
    it(`hears ${sig}, whose handler before was the engine's`, async () => {
      assertEquals(await child.outcome("faultAfterOurs", [sig], patient), true);
    });
  }
});

describe(`of ${TIMES} signals, while listeners, handlers and holds of ours come and go`, () => {
  const library = () => compile("foreign", { shared: true });
  const all = ({ answered, heard, rounds }: Heard) => ({ answered, heard, busy: rounds > 20 });
  const whole = { answered: TIMES, heard: TIMES, busy: true };

  it("another library's handler, installed before, misses none", async () => {
    assertEquals(all(await child.outcome("foreign", [library()], patient)), whole);
  });

  it("another library's handler misses none where ours is uninstalled each time", async () => {
    assertEquals(all(await child.outcome("alone", [library()], patient)), whole);
  });

  for (const when of ["before", "after"]) {
    it(`a listener of process.on that came ${when} ours misses none`, async () => {
      assertEquals(all(await child.outcome("runtime", [library(), when], patient)), whole);
    });
  }
});
