/** on() and once(): listeners beside the handler. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { outcome } from "./support/cases.ts";
import { compile } from "./support/compile.ts";
import { HIGHEST, run, start } from "./support/process.ts";

const PROGRAM = "daemon_listeners";

describe("on()", () => {
  it("runs the handler and every listener, in the order they were added, until off() [api: on]", async () => {
    assertEquals(await outcome(PROGRAM, ["order"]), {
      got: ["handler", "first", "second 10", "third", "second 12", "handler", "second 10", "third"],
      off: [true, false],
    });
  });

  it("skips listeners removed before their turn, and listeners added during the delivery [api: on]", async () => {
    assertEquals(await outcome(PROGRAM, ["meanwhile"]), ["first", "third", "first", "third", "added"]);
  });

  it("leaves by `using`, `once` and `signal`, and puts the default action back [api: on]", async () => {
    assertEquals(await outcome(PROGRAM, ["leaving"]), {
      got: ["using", "once 12", "signal"],
      actions: ["default", "caught", "default", "default", "default", "default", "default"],
      off: [false, false, false],
    });
  });

  it("delivers a caught signal to listeners after signal() or sigaction() has replaced the handler [api: on]", async () => {
    assertEquals(await outcome(PROGRAM, ["handlersOfOthers", compile("foreign", { shared: true })]), {
      afterDefault: ["listener 28"],
      afterIgnore: ["listener 10"],
      resetHand: ["handler", "listener 10", "listener 10"],
      default: true,
    });
  });

  it("listens to every signal that can be caught, and to no other [api: signals that are not ours to take]", async () => {
    assertEquals(await outcome(PROGRAM, ["everySignal", HIGHEST]), { same: true, heard: true, back: true });
  });

  it("lets out what a listener throws, and calls the others all the same [api: what handlers throw]", async () => {
    assertEquals(await outcome(PROGRAM, ["throwing"]), { error: "on purpose", got: ["second"] });
  });

  it("keeps no process alive, unless it is told to [api: keeping alive]", async () => {
    const idle = await run("tests/programs/daemon_alive.ts", ["on"]);
    assertEquals([idle.code, idle.stdout], [0, "listening\n"]);
    const program = start("tests/programs/daemon_alive.ts", ["ref"]);
    await program.until("listening\n");
    await program.kill("SIGUSR1");
    const { code, stdout } = await program.ended;
    assertEquals([code, stdout], [0, "listening\ngot SIGUSR1\n"]);
  });

  it("hears what came in the last turn of the event loop before the program ends [api: nothing is lost]", async () => {
    const { code, stdout } = await run("tests/programs/daemon_alive.ts", ["lastTurn"]);
    assertEquals([code, stdout], [0, "listening\ngot SIGUSR1\n"]);
  });
});

describe("once()", () => {
  it("resolves with the first to come, gives up by `signal` and `timeout`, and leaves [api: once]", async () => {
    assertEquals(await outcome(PROGRAM, ["once"]), {
      info: { signum: 12, name: "SIGUSR2", code: 0, codeName: "SI_USER", uid: process.getuid!() },
      own: true,
      aborted: "given up",
      late: ["TimeoutError", true, true],
      left: "default",
    });
  });

  it("gives up at once by a `signal` that is aborted already, as events() ends [api: once, events]", async () => {
    assertEquals(await outcome(PROGRAM, ["abortedBefore"]), ["before", true, "default"]);
  });

  it("keeps the process alive while it is awaited [api: once]", async () => {
    const program = start("tests/programs/daemon_alive.ts", ["once"]);
    await program.until("listening\n");
    await program.kill("SIGUSR1");
    const { code, stdout } = await program.ended;
    assertEquals([code, stdout], [0, "listening\ngot SIGUSR1\n"]);
  });
});
