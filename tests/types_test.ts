/** The types as editors see them: checked by both compilers (`deno task check`), which also fail on a line that should
 * be an error and is not. And the printed form of values. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import * as signal from "../mod.ts";
import { run } from "./support/process.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** Compiles only if the two types are the same. */
function same<A, B>(_equal: Equal<A, B>): void {}

/** Compiled, never called. */
function narrowing(info: signal.SigInfo): void {
  same<typeof info.pid, number | undefined>(true);
  same<typeof info.value, number | undefined>(true);
  switch (info.codeName) {
    case "SI_USER":
    case "SI_TKILL":
    case "SI_KERNEL":
      same<typeof info.pid, number>(true);
      same<typeof info.uid, number>(true);
      same<typeof info.value, number | undefined>(true);
      break;
    case "SI_QUEUE":
      same<typeof info.pid, number>(true);
      same<typeof info.value, number>(true);
      break;
    case "SI_TIMER":
      same<typeof info.timerId, number>(true);
      same<typeof info.overrun, number>(true);
      break;
    case "CLD_EXITED":
    case "CLD_STOPPED":
      same<typeof info.status, number>(true);
      same<typeof info.utime, number | undefined>(true);
      break;
    case "POLL_IN":
      same<typeof info.band, number>(true);
      break;
    case "SEGV_MAPERR":
      same<typeof info.address, number>(true);
      break;
    // @ts-expect-error there is no such code
    case "SI_NONSENSE":
      break;
  }
}

/** Compiled, never called. A union of functions, as a function that returns `void | Promise<void>` would reject one
 * that happens to return something else. */
function handlers(list: number[]): void {
  signal.signal("SIGTERM", (signum) => list.push(signum));
  signal.on("SIGTERM", (_signum, { pid }) => pid);
  signal.on("SIGTERM", async (signum, info) => {
    same<typeof signum, number>(true);
    same<typeof info, signal.SigInfo>(true);
    await Promise.resolve();
  });
  signal.on("SIGTERM", () => Promise.resolve());
  type AsContracted = (signum: number, info: signal.SigInfo) => void | Promise<void>;
  const there: signal.SignalHandler = (() => {}) as AsContracted;
  const back: AsContracted = there;
  signal.on("SIGTERM", back);
  // @ts-expect-error it gets two arguments
  signal.on("SIGTERM", (_signum: number, _info: signal.SigInfo, _frame: object) => {});
}

/** Compiled, never called. */
function names(): void {
  same<typeof signal.Signals.SIGTERM, number>(true);
  same<typeof signal.SIGRTMIN, number | undefined>(true);
  signal.kill(1, "SIGRTMIN+3");
  signal.on(["SIGTERM", 2, "SIGRTMAX-1"], () => {});
  // @ts-expect-error misspelt
  signal.kill(1, "SIGTREM");
  // @ts-expect-error not the way signals are named
  signal.kill(1, "term");
  // @ts-expect-error a handler is a function or one of two numbers
  signal.signal("SIGTERM", 2);
  // @ts-expect-error no such option
  signal.on("SIGTERM", () => {}, { onc: true });
  // @ts-expect-error one of two words
  signal.shutdown({ force: "third" });
  const end = signal.shutdown({ uncaught: false, resetTerminal: "" });
  same<typeof end.signal.reason, signal.SignalError>(true);
  same<typeof end.done, Promise<signal.SigInfo | null>>(true);
  same<typeof end extends AsyncDisposable ? true : false, true>(true);
  same<typeof end extends Disposable ? true : false, false>(true);
  same<Awaited<ReturnType<typeof signal.once>>, signal.SigInfo>(true);
  same<ReturnType<typeof signal.deadline<string>>, string>(true);
  const held = signal.hold("SIGINT", () => Promise.resolve(1));
  same<typeof held, Promise<number>>(true);
  const section = signal.hold("SIGINT");
  same<typeof section, Disposable>(true);
}

describe("types", () => {
  it("are compiled on both sides [api: conventions]", () => {
    assertEquals([typeof narrowing, typeof handlers, typeof names], ["function", "function", "function"]);
  });
});

describe("what is printed", () => {
  it("of a signal is its members, and of inspect() a table [api: conventions]", async () => {
    const { stdout, stderr } = await run("tests/programs/print.ts");
    const text = stdout
      .replace(/\b(pid: )\d+|(time: )[\d.]+|(uid: )\d+/g, "$1$2$3N")
      .replace(/process \d+ \(.*\)/, "process N (NAME)")
      .replaceAll(",\n}", "\n}"); // Bun ends the last member with a comma
    assertEquals(stderr, "");
    assertEquals(
      text,
      `{
  signum: 34,
  name: "SIGRTMIN",
  code: -1,
  codeName: "SI_QUEUE",
  time: N,
  sequence: 1,
  pid: N,
  uid: N,
  value: 7
}
process N (NAME)

no  signal    action   blocked  pending  by
--  --------  -------  -------  -------  -----------
 1  SIGHUP    ignored
15  SIGTERM   default  blocked  pending
34  SIGRTMIN  caught                     this module

59 others take their default action
`,
    );
  });
});
