/** Cases of two copies of the module in one program, as with two versions of it. Arguments after the case's name: the
 * other copy's mod.ts. Deno: -A, since it is imported by that path. */
import * as one from "../../mod.ts";
import { loadForeign } from "./daemon_foreign.ts";
import { type Cases, runCase, turn, until } from "./posix_cases.ts";

const { SIGUSR2 } = one;
const RTMIN = one.SIGRTMIN!;
const load = (path: string): Promise<typeof one> => import(path);

const got: string[] = [];
const note = (name: string) => (): void => void got.push(name);

/** Sends SIGUSR2, and returns the names of the listeners that were called, one for each call. */
async function heard(atLeast: number): Promise<string> {
  one.kill(process.pid, SIGUSR2);
  await until(() => got.length >= atLeast);
  await turn();
  return got.splice(0).sort().join(" ");
}

/** The kernel's action, read by a Worker, and not the module's record of it. */
async function actionSeenOutside(): Promise<string> {
  const worker = new Worker(new URL("./copies_thread.ts", import.meta.url), { type: "module" });
  const action = await new Promise<string>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.terminate();
  return action;
}

const cases: Cases = {
  /** Each copy handles a signal of its own, which wakes the event loop for it. */
  async apart(path) {
    const two = await load(path);
    const first = one.on("SIGUSR1", note("one"));
    const second = two.on("SIGUSR2", note("two"));
    for (const name of ["SIGUSR2", "SIGUSR1", "SIGUSR2"]) {
      const before = got.length;
      process.kill(process.pid, name);
      await until(() => got.length > before);
    }
    first.off();
    second.off();
    return { heard: got.join(" ") };
  },

  /** Both copies listen. One of them, the first or the second, removes its listener and adds one again; then both
   * remove theirs. */
  async comingAndGoing(path, firstLeaves) {
    const two = await load(path);
    const first = one.on(SIGUSR2, note("one"));
    const second = two.on(SIGUSR2, note("two"));
    const both = await heard(2);
    const [leaver, stayer] = firstLeaves === "first" ? [first, second] : [second, first];
    leaver.off();
    const left = await heard(1);
    const again = (leaver === first ? one : two).on(SIGUSR2, note("again"));
    const bothAgain = await heard(2);
    stayer.off();
    const last = await heard(1);
    again.off();
    return { both, left, bothAgain, last, action: await actionSeenOutside() };
  },

  /** Other code adds its listener before both copies, between them, or after both, and removes it before they remove
   * theirs. */
  async besideTheRuntime(path, place) {
    const two = await load(path);
    const theirs = note("theirs");
    const comers = [() => one.on(SIGUSR2, note("one")), () => two.on(SIGUSR2, note("two"))];
    const listeners: Disposable[] = [];
    for (let i = 0; i <= 2; i++) {
      if (i === Number(place)) process.on("SIGUSR2", theirs);
      if (i < 2) listeners.push(comers[i]());
    }
    const all = await heard(3);
    process.off("SIGUSR2", theirs);
    const ours = await heard(2);
    listeners[1][Symbol.dispose]();
    const first = await heard(1);
    listeners[0][Symbol.dispose]();
    return { all, ours, first, action: await actionSeenOutside() };
  },

  /** A `once` listener of the second copy receives a signal that the first copy's handler caught; its removal restores
   * the default action. */
  async onceAbove(path) {
    const two = await load(path);
    const first = one.on(SIGUSR2, note("one"));
    two.on(SIGUSR2, note("two"), { once: true });
    first.off();
    const once = await heard(1);
    return { once, action: await actionSeenOutside() };
  },

  /** Forty values in one burst. */
  async values(path) {
    const two = await load(path);
    const values: number[][] = [[], []];
    [one, two].forEach((copy, i) => copy.signal(RTMIN, (_signum, { value }) => void values[i].push(value!)));
    const send = () => {
      one.pthreadSigmask(one.SIG_BLOCK, RTMIN);
      for (let i = 0; i < 40; i++) one.sigqueue(process.pid, RTMIN, i);
      one.pthreadSigmask(one.SIG_UNBLOCK, RTMIN);
    };
    send();
    await until(() => values.every(({ length }) => length === 40));
    two.signal(RTMIN, two.SIG_DFL);
    send();
    await until(() => values[0].length === 80);
    const count = Array.from({ length: 40 }, (_, i) => i);
    return [String(values[0]) === String([...count, ...count]), String(values[1]) === String(count)];
  },

  /** The request by which either copy has its threads block a signal: neither takes it for one. */
  async requests(path, library) {
    const two = await load(path);
    const values: number[][] = [[], []];
    [one, two].forEach((copy, i) => copy.signal(RTMIN, (_signum, { value }) => void values[i].push(value!)));
    loadForeign(library).foreign_queue(RTMIN, 0xffffffff);
    one.sigqueue(process.pid, RTMIN, 7);
    await until(() => values.every(({ length }) => length > 0));
    return values;
  },

  /** The second copy uses the program of the first. */
  async same(path) {
    const two = await load(path);
    const handler = note("one");
    one.signal(SIGUSR2, handler);
    using listener = two.on(SIGUSR2, note("two"));
    const all = await heard(2);
    const section = one.hold(SIGUSR2);
    one.kill(process.pid, SIGUSR2);
    const pending = [one, two].map((copy) => copy.sigpending().has(SIGUSR2));
    section[Symbol.dispose]();
    const delivered = [one, two].map((copy) => copy.stats(SIGUSR2).delivered);
    const same = two.getsignal(SIGUSR2) === handler;
    one.sigprocmask(one.SIG_BLOCK, [SIGUSR2]);
    const masks = [two.sigprocmask(two.SIG_UNBLOCK, [SIGUSR2]), one.sigprocmask(one.SIG_BLOCK, [])];
    const mask = masks.map((set) => [...set].map((signum) => signum === SIGUSR2));
    listener.off();
    two.signal(SIGUSR2, two.SIG_DFL);
    return { handler: same, heard: all, pending, delivered, mask, action: await actionSeenOutside() };
  },

  /** Each copy treats the other's handler as a foreign one. */
  async foreign(path) {
    const two = await load(path);
    const [mine, theirs] = [note("one"), note("two")];
    one.signal(SIGUSR2, mine);
    const before = [two.getsignal(SIGUSR2), one.getsignal(SIGUSR2) === mine];
    two.signal(SIGUSR2, theirs);
    const owners = [one, two].map((copy) => copy.inspect().signals.find(({ signum }) => signum === SIGUSR2)!.owner);
    const meanwhile = [one.getsignal(SIGUSR2), two.getsignal(SIGUSR2) === theirs];
    two.signal(SIGUSR2, two.SIG_DFL);
    return { before, owners, meanwhile, after: one.getsignal(SIGUSR2) === mine };
  },
};

await runCase(cases);
process.exit(0);
