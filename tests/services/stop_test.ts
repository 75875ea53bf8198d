import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { found } from "../support/cases.ts";
import { asProcess1, isBun, run } from "../support/process.ts";

const outcome = async (name: string, wrapper?: readonly string[]) =>
  found(await run("tests/services/programs/stop.ts", [name], { flags: isBun ? undefined : ["-A"], wrapper }));

describe("stop()", () => {
  it("kills a child that ignores the signal", async () => {
    assertEquals(await outcome("ignores"), ["killed", "SIGKILL"]);
  });
  it("lets a child that takes half a second end by itself", async () =>
    assertEquals(await outcome("half"), ["ended", 3]));
  it("sends nothing to a child that is gone", async () => {
    assertEquals(await outcome("gone"), ["ended", "ended", "ended"]);
  });
  it("takes a number and every kind of child", async () => {
    assertEquals(await outcome("kinds"), ["ended", "ended", false, false]);
  });
  it("sends the signal that it is given, after as long as it is given, 0 and Infinity included", async () => {
    assertEquals(await outcome("options"), [["ended", 5], ["killed", "SIGKILL"], ["killed", "SIGKILL"]]);
  });
  it("ends a child that is stopped [systemd.kill(5)]", async () => {
    assertEquals(await outcome("stopped"), ["ended", "SIGTERM"]);
  });
  it("ends ten at once, each in its own way", async () => {
    const ends = Array.from({ length: 10 }, (_, i) => i % 2 ? "killed" : "ended");
    assertEquals(await outcome("ten"), [ends, true, []]);
  });

  it("ends a group of three generations, when the last of them has ended", async () => {
    assertEquals(await outcome("group"), [3, "ended", []]);
  });
  it("kills a group of which one ignores the signal", async () => {
    assertEquals(await outcome("stubbornGroup"), ["killed", []]);
  });
  it("ends the remaining processes of a group whose leader has exited", async () => {
    assertEquals(await outcome("leaderless"), [true, "ended", false]);
  });
  it("refuses the group of a child that leads none, before anything is sent", async () => {
    const message = "PosixError: killpg: Invalid argument (EINVAL): process N is in group N and does not lead it; " +
      "spawn it with detached: true";
    assertEquals(await outcome("noGroup"), [message, true, "ended"]);
  });

  // As process 1 of a namespace, where the next number can be chosen.
  it("never reaches a process that has taken over the number of one that had ended", async () => {
    assertEquals(await outcome("takenOver", asProcess1()), [["ended", "ended"], true, true]);
  });
  it("never reaches one that takes it over while the end is awaited", async () => {
    assertEquals(await outcome("takenOverMeanwhile", asProcess1()), ["ended", true]);
  });
  it("never reaches the group of one that has taken over the leader's number", async () => {
    assertEquals(await outcome("groupTakenOver", asProcess1()), ["ended", "ended", true]);
  });

  it("refuses numbers that are no child's, before anything is sent", async () => {
    const not = (pid: string, who: string) =>
      `RangeError: Cannot stop a child: 'pid' must be that of a child, got ${pid}, which is ${who}`;
    assertEquals(await outcome("strangers"), [
      not("-1", "every process"),
      not("0", "the group of this process"),
      not("1", "the init process"),
      not("N", "this process itself"),
      not("-N", "a process group"),
      "PosixError: waitid: No child processes (ECHILD): process N is no child of this one",
      "RangeError: Cannot stop a child: 'pid' must be a whole number from -N to N, got N",
      "RangeError: Cannot stop a child: 'pid' must be a whole number from -N to N, got 1.5",
    ]);
  });
  it("refuses what is no child", async () => {
    const none = "TypeError: Cannot stop a child: the child has no pid; it could not be started, or is no child";
    const noNumber = (shown: string) => `TypeError: Cannot stop a child: 'pid' must be a number, got ${shown}`;
    assertEquals(await outcome("shapes"), [
      noNumber('"1"'),
      noNumber("null"),
      noNumber("undefined"),
      none,
      none,
      noNumber('"5"'),
      "RangeError: Cannot stop a child: 'pid' must be that of a child, got -1, which is every process",
    ]);
  });
  it("refuses options that it does not have, before anything is sent", async () => {
    assertEquals(await outcome("badOptions"), [
      [
        `RangeError: Cannot stop a child: there is no signal "TERM" on this platform; did you mean "SIGTERM"?`,
        "RangeError: Cannot stop a child: 'after' must be 0 or more, got -1",
        "RangeError: Cannot stop a child: 'after' must be 0 or more, got NaN",
        `TypeError: Cannot stop a child: 'after' must be a number of seconds, got "1"`,
        "TypeError: Cannot stop a child: 'group' must be true or false, got 1",
        "TypeError: Cannot stop a child: there is no option 'grup'; there are signal, after, group",
        "TypeError: Cannot stop a child: options are an object, got 5",
      ],
      null,
      null,
      "ended",
    ]);
  });
});
