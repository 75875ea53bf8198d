/** Cases of on(), once(), events() and hold(); the first argument picks the case, and its result is the last line, as
 * JSON. */
import * as signal from "../../mod.ts";
import { loadForeign } from "./daemon_foreign.ts";
import { pause } from "./daemon_pause.ts";
import { type Cases, ordered, runCase, turn, until } from "./posix_cases.ts";

const { SIGRTMIN, SIGUSR1, SIGUSR2 } = signal;
const RT = SIGRTMIN! + 1;
const send = (sig: number): void => signal.kill(process.pid, sig);
const actionOf = (name: string): string => signal.inspect().signals.find((row) => row.name === name)!.action;
const thrown = (call: () => unknown): string => {
  try {
    call();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
};

const cases: Cases = {
  everySignal(highest) {
    const catchable = signal.validSignals({ catchable: true });
    const refused = [...signal.validSignals()].filter((sig) =>
      thrown(() => signal.on(sig, () => {}).off()) !== "nothing"
    );
    const actions = (): string => JSON.stringify(signal.inspect().signals.map(({ action, owner }) => [action, owner]));
    const before = actions();
    const got: number[] = [];
    const listener = signal.on(catchable, (signum) => void got.push(signum));
    const sendable = [...catchable].filter((sig) => sig <= Number(highest));
    for (const sig of sendable) send(sig);
    listener.off();
    return {
      same: String([...signal.validSignals()].filter((sig) => !refused.includes(sig))) === String([...catchable]),
      heard: String(got) === String(sendable),
      back: actions() === before,
    };
  },

  order() {
    const got: string[] = [];
    const first = signal.on(SIGUSR1, () => void got.push("first"));
    signal.on([SIGUSR1, "SIGUSR2"], (signum) => void got.push(`second ${signum}`));
    signal.signal(SIGUSR1, () => void got.push("handler"));
    signal.on(SIGUSR1, () => void got.push("third"));
    send(SIGUSR1);
    send(SIGUSR2);
    const off = [first.off(), first.off()];
    send(SIGUSR1);
    return { got, off };
  },

  /** Listeners added and removed by listeners while a signal is delivered. */
  meanwhile() {
    const got: string[] = [];
    signal.on(SIGUSR1, () => {
      got.push("first");
      second.off();
      if (got.length === 1) signal.on(SIGUSR1, () => void got.push("added"));
    });
    const second = signal.on(SIGUSR1, () => void got.push("removed"));
    signal.on(SIGUSR1, () => void got.push("third"));
    send(SIGUSR1);
    send(SIGUSR1);
    return got;
  },

  leaving() {
    const got: string[] = [];
    const actions = [actionOf("SIGUSR1")];
    {
      using _listener = signal.on(SIGUSR1, () => void got.push("using"));
      send(SIGUSR1);
      actions.push(actionOf("SIGUSR1"));
    }
    actions.push(actionOf("SIGUSR1"));
    const once = signal.on([SIGUSR1, SIGUSR2], (signum) => void got.push(`once ${signum}`), { once: true });
    send(SIGUSR2);
    actions.push(actionOf("SIGUSR1"), actionOf("SIGUSR2"));
    const controller = new AbortController();
    const aborted = signal.on(SIGUSR1, () => void got.push("signal"), { signal: controller.signal });
    send(SIGUSR1);
    controller.abort();
    actions.push(actionOf("SIGUSR1"));
    const late = signal.on(SIGUSR1, () => {}, { signal: controller.signal });
    actions.push(actionOf("SIGUSR1"));
    return { got, actions, off: [once, aborted, late].map((listener) => listener.off()) };
  },

  /** An error of one listener does not keep the signal from the others. */
  async throwing() {
    const got: string[] = [];
    signal.on(SIGUSR1, () => {
      throw new Error("on purpose");
    });
    signal.on(SIGUSR1, () => void got.push("second"));
    const error = thrown(() => send(SIGUSR1));
    await until(() => got.length > 0);
    return { error, got };
  },

  async once() {
    const found = signal.once(["SIGUSR1", "SIGUSR2"]);
    send(SIGUSR2);
    const controller = new AbortController();
    const aborted = signal.once("SIGUSR1", { signal: controller.signal }).catch(String);
    controller.abort("given up");
    const begun = performance.now();
    const late = await signal.once("SIGUSR1", { timeout: 0.1 }).catch((error) => error);
    const waited = performance.now() - begun;
    const { time: _time, sequence: _sequence, pid, ...info } = await found;
    return {
      info,
      own: pid === process.pid,
      aborted: await aborted,
      late: [late.name, late instanceof signal.TimeoutError, waited >= 95],
      left: actionOf("SIGUSR1"),
    };
  },

  /** Neither begins to listen: SIGUSR2 would be caught. */
  async abortedBefore() {
    const aborted = AbortSignal.abort("before");
    const once = signal.once(SIGUSR2, { signal: aborted }).catch(String);
    const events = signal.events(SIGUSR2, { signal: aborted });
    const action = actionOf("SIGUSR2");
    return [await once, (await events.next()).done, action];
  },

  capacity() {
    const events = signal.events(RT, { capacity: 3 });
    for (let value = 0; value < 5; value++) signal.sigqueue(process.pid, RT, value);
    return takeAll(events, 3);
  },

  async breaking() {
    const actions = [actionOf("SIGUSR1")];
    const got: string[] = [];
    const stream = signal.events(["SIGUSR1", "SIGUSR2"]);
    actions.push(actionOf("SIGUSR1"));
    for (const sig of [SIGUSR1, SIGUSR2, SIGUSR1]) send(sig);
    for await (const { name } of stream) {
      got.push(name);
      if (got.length === 2) break;
    }
    actions.push(actionOf("SIGUSR1"));
    return { got, actions, after: (await stream.next()).done };
  },

  async endings() {
    const aborts = new AbortController();
    const stream = signal.events("SIGUSR1", { signal: aborts.signal });
    send(SIGUSR1);
    aborts.abort();
    const kept = [(await stream.next()).value?.name, (await stream.next()).done];
    {
      await using disposed = signal.events("SIGUSR1");
      void disposed;
    }
    const thrower = signal.events("SIGUSR1");
    send(SIGUSR1);
    const error = await (async () => {
      for await (const { name } of thrower) throw new Error(`at ${name}`);
    })().catch((error) => error.message);
    const waiting = signal.events("SIGUSR1");
    const readers = [waiting.next(), waiting.next()];
    send(SIGUSR1);
    await waiting.return();
    const read = (await Promise.all(readers)).map(({ done }) => done);
    return { kept, error, read, left: actionOf("SIGUSR1") };
  },

  /** Until every value of the sender has been delivered or counted as lost. */
  async flood(capacity, count) {
    const over = new AbortController();
    const events = signal.events(RT, { capacity: Number(capacity), signal: over.signal });
    const values: number[] = [];
    void until(() => values.length + events.lost >= Number(count), 25_000).then(() => over.abort());
    console.log("ready");
    for await (const { value } of events) values.push(value!);
    return { ...ordered(values), lost: events.lost };
  },

  /** Beside threads that wait for events, in Bun with an empty mask. */
  async floodOfHandler(count, ...beside) {
    const values: number[] = [];
    if (beside.includes("fetch")) await fetch("http://127.0.0.1:1").catch(() => {});
    signal.signal(RT, (_signum, { value }) => void values.push(value!));
    if (beside.includes("Worker")) {
      const worker = new Worker("data:text/javascript,onmessage = () => postMessage('up')", { type: "module" });
      worker.postMessage("");
      await new Promise((resolve) => worker.onmessage = resolve);
      console.log("up");
      await until(() => values.length === 1);
      values.length = 0;
    }
    console.log("ready");
    await until(() => values.length >= Number(count), 25_000);
    await pause(0.05);
    return ordered(values);
  },

  /** signal() and sigaction() of other code change its handler, not the listeners. */
  async handlersOfOthers(library) {
    const got: string[] = [];
    const note = (signum: number) => void got.push(`listener ${signum}`);
    const taken = () => got.splice(0);
    using _one = signal.on("SIGWINCH", note);
    const { foreign_kill } = loadForeign(library);
    /** Any thread may catch it. */
    const caught = (signum: number) => {
      const { caught } = signal.stats(signum);
      foreign_kill(signum);
      while (signal.stats(signum).caught === caught);
    };
    const heard = (count: number) => until(() => got.length >= count);
    caught(signal.SIGWINCH);
    signal.signal("SIGWINCH", signal.SIG_DFL);
    await heard(1);
    const afterDefault = taken();
    using _two = signal.on(SIGUSR1, note);
    caught(SIGUSR1);
    signal.signal(SIGUSR1, signal.SIG_IGN);
    await heard(1);
    const afterIgnore = taken();
    signal.sigaction(SIGUSR1, { handler: () => void got.push("handler"), resetHand: true });
    caught(SIGUSR1);
    caught(SIGUSR1);
    await heard(3);
    return { afterDefault, afterIgnore, resetHand: taken(), default: signal.getsignal(SIGUSR1) === signal.SIG_DFL };
  },

  holding() {
    const got: string[] = [];
    signal.signal(SIGUSR1, () => void got.push("USR1"));
    signal.signal(RT, (_signum, { value }) => void got.push(`RT ${value}`));
    const result = signal.hold(["SIGUSR1", RT], () => {
      for (const value of [1, 2]) signal.sigqueue(process.pid, RT, value);
      for (const _ of [1, 2, 3]) send(SIGUSR1);
      signal.hold(SIGUSR1, () => send(SIGUSR1));
      got.push("end of the section");
      return "its result";
    });
    return { result, got };
  },

  async nesting() {
    const got: string[] = [];
    signal.on(SIGUSR1, () => void got.push("USR1"));
    const outer = signal.hold(SIGUSR1);
    const inner = signal.hold([SIGUSR1, SIGUSR2]);
    send(SIGUSR1);
    outer[Symbol.dispose]();
    outer[Symbol.dispose]();
    await turn();
    got.push("outer over");
    inner[Symbol.dispose]();
    got.push("inner over");
    return { got, left: [...signal.sigpending()] };
  },

  async leavingSections() {
    const got: string[] = [];
    signal.on(SIGUSR1, () => void got.push("USR1"));
    const throwing = thrown(() =>
      signal.hold(SIGUSR1, () => {
        send(SIGUSR1);
        got.push("throws");
        throw new Error("on purpose");
      })
    );
    const promise = signal.hold(SIGUSR1, async () => {
      send(SIGUSR1);
      await pause(0.02);
      got.push("rejects");
      throw new Error("rejected on purpose");
    });
    got.push("meanwhile");
    const rejected = await promise.catch((error) => error.message);
    const resolved = await signal.hold(SIGUSR1, async () => {
      send(SIGUSR1);
      await pause(0.02);
      got.push("resolves");
      return "its result";
    });
    return { got, throwing, rejected, resolved };
  },

  /** What the handlers of held signals throw comes out where the section ends. */
  async throwingAtTheEnd() {
    signal.on(SIGUSR1, () => {
      throw new Error("of the handler");
    });
    const section = signal.hold(SIGUSR1);
    send(SIGUSR1);
    const ofDisposal = thrown(() => section[Symbol.dispose]());
    const ofCall = thrown(() => signal.hold(SIGUSR1, () => send(SIGUSR1)));
    const ofPromise = await signal.hold(SIGUSR1, () => Promise.resolve(send(SIGUSR1))).catch((error) => error.message);
    return [ofDisposal, ofCall, ofPromise, [...signal.sigpending()]];
  },

  /** A signal without a handler takes its default action when it is released, not before. */
  async defaultAction() {
    console.log("begun");
    await signal.hold("SIGUSR2", async () => { // not SIGUSR1, which Deno may have caught itself by now
      send(signal.SIGUSR2);
      await pause(0.05);
      console.log("end of the section");
    });
    return "survived";
  },

  /** The second signal arrives in a section: it terminates the process, but not before the section's end. */
  secondInSection() {
    signal.shutdown().defer("for ever", () => new Promise(() => {}));
    signal.hold(["SIGINT", "SIGTERM", "SIGWINCH"], () => {
      console.log("ready");
      while (!signal.sigpending().has(signal.SIGWINCH!));
      console.log("end of the section");
    });
    for (;;);
  },
};

/** Reads the given number of signals, then those still queued. */
async function takeAll(events: signal.SignalEvents, count: number): Promise<unknown> {
  const values = [];
  for (let i = 0; i < count; i++) values.push((await events.next()).value!.value);
  const { lost } = events;
  signal.sigqueue(process.pid, RT, 99);
  values.push((await events.next()).value!.value);
  await events.return();
  return { values, lost, left: actionOf("SIGRTMIN+1") };
}

await runCase(cases);
process.exit(0);
