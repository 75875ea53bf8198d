/** Cases of the action of a signal after our last listener is removed. The first argument picks the case; its result is
 * printed as JSON. */
import * as signal from "../../mod.ts";
import { actionOf, loadForeign } from "./daemon_foreign.ts";
import { pause } from "./daemon_pause.ts";
import { turn, until } from "./posix_cases.ts";

const [, , word, library, ...args] = process.argv;
const foreign = loadForeign(library);
const say = (value: unknown): void => console.log(JSON.stringify(value));

const SA_NOCLDSTOP = 1;
const SA_NODEFER = 0x40000000;
const SA_ONSTACK = 0x08000000;

let theirs = 0;
/** The action of a signal before ours is installed. */
const before: Record<string, (signum: number, name: string) => void> = {
  "nothing"() {},
  "a foreign handler": (signum) => {
    foreign.foreign_install(signum, SA_NOCLDSTOP | SA_NODEFER | SA_ONSTACK, 1 << 9 | 1 << 14); // SIGUSR1, SIGTERM
  },
  "a listener of the runtime": (_signum, name) => void process.on(name, () => void theirs++),
  "an ignored signal": (_signum, name) => void signal.signal(name as signal.SignalName, signal.SIG_IGN),
};

/** Every way of taking a signal; the returned function undoes it. */
const ways: Record<string, (signum: number) => () => void> = {
  on: (signum) => {
    const listener = signal.on(signum, () => {});
    return () => void listener.off();
  },
  events: (signum) => {
    const events = signal.events(signum);
    return () => void events.return();
  },
  abortOn: (signum) => {
    const aborted = signal.abortOn(signum);
    return () => aborted[Symbol.dispose]();
  },
  shutdown: (signum) => {
    const end = signal.shutdown({ signals: signum });
    return () => void end.cancel();
  },
  hold: (signum) => {
    const section = signal.hold(signum);
    return () => section[Symbol.dispose]();
  },
  sigprocmask: (signum) => {
    signal.sigprocmask(signal.SIG_BLOCK, signum);
    return () => void signal.sigprocmask(signal.SIG_UNBLOCK, signum);
  },
  "two of them": (signum) => {
    const leave = [ways.on(signum), ways.hold(signum), ways.on(signum)];
    return () => leave.forEach((each) => each());
  },
};

const cases: Record<string, () => unknown> = {
  /** Whether every byte of the kernel's action is restored, after every way, twice over. */
  async exactly() {
    const [what, name] = args;
    const signum = signal.Signals[name];
    before[what](signum, name);
    await turn();
    const stood = actionOf(foreign, signum);
    const wrong: string[] = [];
    const ignored = /^010+$/.test(stood);
    const inherited = what === "nothing" && ignored;
    for (let round = 0; round < 2; round++) {
      for (const [way, take] of Object.entries(ways)) {
        if (inherited && way === "shutdown") continue; // keeps it ignored
        const leave = take(signum);
        if (what !== "an ignored signal" && actionOf(foreign, signum) === stood) wrong.push(`${way}: nothing taken`);
        leave();
        await turn();
        const stands = actionOf(foreign, signum);
        if (stands !== stood) wrong.push(`${way}, round ${round}: ${stands}`);
      }
    }
    say({ ignored, wrong });
    console.log("ready");
    await until(() => theirs + foreign.foreign_calls() > 0, ignored ? 500 : undefined);
    await pause(0.05);
    say({ theirs, foreign: foreign.foreign_calls(), sender: foreign.foreign_sender() });
    process.exit(0);
  },

  /** A signal caught before the last listener is removed, with no turn of the event loop between: which handler
   * receives it? */
  async caughtAtLeaving() {
    const [what, name] = args;
    const signum = signal.Signals[name];
    before[what](signum, name);
    await turn();
    let ours = 0;
    const listener = signal.on(signum, () => void ours++);
    foreign.foreign_kill(signum);
    listener.off();
    const nothing = what === "an ignored signal"; // then the limit is what the test waits
    await until(() => ours + theirs + foreign.foreign_calls() > 0, nothing ? 100 : undefined);
    await pause(0.05);
    say({ ours, theirs, foreign: foreign.foreign_calls() });
    process.exit(0);
  },

  /** Go's TestAtomicStop: a second thread sends at the very moment of removal. */
  async atomicStop() {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const sender = new Worker(new URL("./daemon_sender.ts", import.meta.url), { type: "module" });
    await new Promise((resolve) => {
      sender.onmessage = resolve;
      sender.postMessage({ shared, signum: signal.SIGINT });
    });
    let lost = 0;
    for (let attempt = 0; attempt < 10; attempt++) {
      let came = false;
      const listener = signal.on("SIGINT", () => void (came = true));
      Atomics.store(shared, 1, 0);
      Atomics.store(shared, 0, 1); // the thread spins on this, and sends
      for (let i = Number(args[0]) * (attempt + 1); i > 0; i--) signal.check();
      listener.off();
      await until(() => Atomics.load(shared, 1) === 1);
      signal.check();
      await turn();
      if (came) console.log("delivered");
      else {
        await pause(5); // not reached if the signal took the default action
        lost++;
      }
    }
    say({ lost });
    process.exit(0);
  },

  /** Listeners are added and removed while a sender outside queues signals: the foreign handler, installed first, is
   * called once for each. */
  async comingAndGoing() {
    const signum = signal.SIGRTMIN! + 2;
    foreign.foreign_install(signum, 0, 0);
    let ours = 0;
    let over = false;
    signal.on("SIGUSR2", () => void (over = true));
    console.log("ready");
    while (!over) {
      const listener = signal.on(signum, () => void ours++);
      for (let i = 0; i < 200; i++) signal.check();
      listener.off();
      await new Promise((resolve) => setTimeout(resolve));
    }
    await until(() => foreign.foreign_calls() >= Number(args[0])); // another thread may still run the handler
    await pause(0.05);
    say({ foreign: foreign.foreign_calls(), some: ours > 0, code: foreign.foreign_code() });
    process.exit(0);
  },
};

await cases[word]();
