/** The runtime's own report of a signal that our handler has passed on to it: an echo, however late it comes. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { execSync } from "node:child_process";
import process from "node:process";
import * as signal from "../mod.ts";
import { pause } from "./programs/daemon_pause.ts";
import { until } from "./programs/posix_cases.ts";
import { inChild } from "./support/child.ts";
import { isDeno } from "./support/process.ts";

/** Longer than a report may take on an event loop that turns. */
const BLOCKED_S = 1.2;

/** From outside, and caught when this returns, whichever thread does. */
function send(name: signal.SignalName): void {
  execSync(`kill -${name.slice(3)} ${process.pid}`);
  while (signal.stats(name).caught === 0);
}

/** How often ours and theirs were called for one signal, each at the end of a long time without a turn of the event
 * loop. */
async function countedWith(name: signal.SignalName, blocked: (called: () => void) => void): Promise<number[]> {
  let ours = 0;
  let theirs = 0;
  process.on(name, () => void theirs++);
  blocked(() => void ours++);
  await until(() => theirs > 0);
  await pause(0.05);
  return [ours, theirs, signal.stats(name).caught];
}

const child = await inChild(import.meta.url, {
  handlerBlocks: (name: signal.SignalName) =>
    countedWith(name, (called) => {
      signal.on(name, () => {
        called();
        signal.sleep(BLOCKED_S);
      });
      send(name);
    }),

  programBlocks: (name: signal.SignalName) =>
    countedWith(name, (called) => {
      signal.on(name, called);
      send(name);
      signal.check();
      signal.sleep(BLOCKED_S);
    }),

  taken: (name: signal.SignalName) =>
    countedWith(name, (called) => {
      signal.signal(name, called);
      send(name);
      signal.sigwait(name);
    }),

  discarded: (name: signal.SignalName) =>
    countedWith(name, (called) => {
      signal.signal(name, called);
      send(name);
      signal.signal(name, signal.SIG_IGN);
      signal.signal(name, called);
    }),

  /** Deno reports these signals to us though no other code listens. */
  async withoutOthers() {
    const caught: string[] = [];
    signal.signal("SIGINT", signal.defaultIntHandler);
    try {
      send("SIGINT");
      signal.sleep(10);
    } catch (error) {
      caught.push((error as Error).name);
      signal.sleep(BLOCKED_S);
    }
    await pause(0.05);
    return [...caught, signal.stats("SIGINT").caught];
  },
});

const FLAGS = isDeno ? ["-A"] : undefined;

describe("one signal is delivered once beside a listener of the runtime", () => {
  for (const name of ["SIGINT", "SIGUSR2"] as const) {
    it(`where a handler blocks the event loop for over a second: ${name}`, async () => {
      assertEquals(await child.outcome("handlerBlocks", [name], { flags: FLAGS }), [1, 1, 1]);
    });
    it(`where the program blocks it after check(): ${name}`, async () => {
      assertEquals(await child.outcome("programBlocks", [name], { flags: FLAGS }), [1, 1, 1]);
    });
    it(`where sigwait() takes it: ${name}`, async () => {
      assertEquals(await child.outcome("taken", [name], { flags: FLAGS }), [0, 1, 1]);
    });
    it(`where SIG_IGN discards it: ${name}`, async () => {
      assertEquals(await child.outcome("discarded", [name], { flags: FLAGS }), [0, 1, 1]);
    });
  }

  it("a KeyboardInterrupt is thrown once, though the clean-up takes over a second", async () => {
    assertEquals(await child.outcome("withoutOthers", [], { flags: FLAGS }), ["KeyboardInterrupt", 1]);
  });
});
