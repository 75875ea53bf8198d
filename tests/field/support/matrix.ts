/** The ways in which programs are asked to end, and the outcome of the deferred work. */
import { lives, pause, sendTo, Session, type SessionOptions, type Status, tree } from "./session.ts";
import { CTRL_C, runnersReady } from "../../support/process.ts";
import { below, type Layer, programCommand } from "./layers.ts";

interface WayToEnd {
  /** The signal that terminates the program. */
  signal: string;
  /** The signals given to shutdown(). Default: its own. */
  signals?: string;
  terminal?: boolean;
  job?: boolean;
  ask(session: Session, pid: number): void;
}

/** Requests the end; `pid` is the outermost process. */
const ENDS = {
  "SIGTERM to the pid": { signal: "SIGTERM", ask: (_, pid) => sendTo(pid, "SIGTERM") },
  "SIGINT to the pid": { signal: "SIGINT", ask: (_, pid) => sendTo(pid, "SIGINT") },
  "SIGTERM to the group": { signal: "SIGTERM", ask: (_, pid) => sendTo(-pid, "SIGTERM") },
  "SIGTERM to the tree": { signal: "SIGTERM", ask: (_, pid) => tree(pid).forEach((each) => sendTo(each, "SIGTERM")) },
  "SIGTERM to pid and group": {
    signal: "SIGTERM",
    ask(_, pid) {
      sendTo(pid, "SIGTERM");
      sendTo(-pid, "SIGTERM");
    },
  },
  "Ctrl+C": { signal: "SIGINT", terminal: true, job: true, ask: (session) => session.type(CTRL_C) },
  /** The signal of timeout(1)'s timer. */
  "time over": { signal: "SIGTERM", ask: (_, pid) => sendTo(pid, "SIGALRM") },
  "terminal closed": {
    signal: "SIGHUP",
    signals: "SIGTERM,SIGINT,SIGHUP",
    terminal: true,
    ask: (session) => session.closeTerminal(),
  },
  "terminal of a shell closed": {
    signal: "SIGHUP",
    signals: "SIGTERM,SIGINT,SIGHUP",
    terminal: true,
    job: true,
    ask: (session) => session.closeTerminal(),
  },
} satisfies Record<string, WayToEnd>;

export type Way = keyof typeof ENDS;
export const ALL_WAYS: readonly Way[] = [
  ...["SIGTERM to the pid", "SIGTERM to the group", "SIGTERM to the tree", "SIGTERM to pid and group"] as const,
  ...["Ctrl+C", "terminal closed", "terminal of a shell closed"] as const,
];

export type Who = "graceful" | "plain";

export interface Outcome {
  /** The deferred work began once and ended once. */
  completed: boolean;
  begins: number;
  ends: number;
  /** Exit statuses of the outermost process, and of the program if it outlived its parent. */
  outer: Status | undefined;
  program: Status | undefined;
  /** The session, for a failure report. */
  text: string;
}

/** The command that runs graceful.ts, or its control. */
export function programWords(who: Who, session: Session, args: string[] = []): string[] {
  return programCommand({ graceful: "graceful.ts", plain: "plain.js" }[who], [`log=${session.log}`, ...args]);
}

/** Runs a program for a test, and ends its session; a failure prints the session. */
export async function withProgram(
  layers: readonly Layer[],
  args: string[],
  place: SessionOptions,
  test: (started: Started) => Promise<void>,
): Promise<void> {
  const program = await started("graceful", layers, args, place);
  try {
    await test(program);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n--- log:\n${program.session}`, { cause: error });
  } finally {
    await program.session.end();
  }
}

const AWAITED_MS = 20_000;
/** How long a session may go on after its runner has ended and no deferred work has begun: no signal was forwarded. */
const UNHEARD_MS = 1500;

export interface Started {
  session: Session;
  /** The outermost process. */
  pid: number;
  program: number;
}

/** Starts the program below the layers, and waits until it is ready. */
export async function started(
  who: Who,
  layers: readonly Layer[],
  args: string[],
  place: SessionOptions = {},
): Promise<Started> {
  const session = new Session();
  try {
    session.start(() => below(layers, programWords(who, session, args), session.directory), place);
    const pid = await session.pid();
    const program = Number((await session.until(/^ready (\d+)$/))[1]);
    await runnersReady(program);
    return { session, pid, program };
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** Starts the program below the layers, requests its end in one way, and reports the outcome. */
export async function endOnce(who: Who, layers: readonly Layer[], way: Way, args: string[] = []): Promise<Outcome> {
  const { ask, signals, ...place }: WayToEnd = ENDS[way];
  const words = signals ? [`signals=${signals}`, ...args] : args;
  const { session, pid, program } = await started(who, layers, words, place);
  try {
    ask(session, pid);
    const limit = performance.now() + AWAITED_MS;
    let unheard = Infinity;
    while (!session.gone && performance.now() < Math.min(limit, unheard)) {
      if (unheard === Infinity && !lives(pid) && session.count("begin") === 0) unheard = performance.now() + UNHEARD_MS;
      if (session.count("begin") > 0) unheard = Infinity;
      await pause(10);
    }
    const [begins, ends] = [session.count("begin"), session.count("end")];
    return {
      completed: begins === 1 && ends === 1,
      begins,
      ends,
      outer: session.status(pid),
      program: session.status(program),
      text: `${way}, ${who}: ${session}`,
    };
  } finally {
    await session.end();
  }
}

/** Whether the status is death by that signal, or 128 + its number from a parent that reports it as shells do. */
export function diedOf(status: Status | undefined, way: Way): boolean {
  const { signal }: WayToEnd = ENDS[way];
  const number = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal]!;
  return status === signal || status === `exit ${128 + number}`;
}
