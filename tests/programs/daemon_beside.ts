/** Cases of our listeners beside the runtime's. The first argument picks the case; its result is the last line, as
 * JSON. */
import vm from "node:vm";
import * as signal from "../../mod.ts";
import { loadForeign } from "./daemon_foreign.ts";
import { type Cases, cause, runCase, turn, until } from "./posix_cases.ts";

interface DenoListeners {
  addSignalListener(name: string, listener: () => void): void;
  removeSignalListener(name: string, listener: () => void): void;
}
const { Deno } = globalThis as unknown as { Deno?: DenoListeners };

/** A listener: how it is added and how it is removed. */
interface Actor {
  readonly name: string;
  add(sig: signal.SignalName, heard: () => void): () => void;
  /** Removes itself after its first signal. */
  readonly once?: boolean;
}

const actors: Record<string, Actor> = {
  signal: {
    name: "signal",
    add(sig, heard) {
      signal.signal(sig, heard);
      return () => void signal.signal(sig, signal.SIG_DFL);
    },
  },
  on: {
    name: "on",
    add(sig, heard) {
      const listener = signal.on(sig, heard);
      return () => void listener.off();
    },
  },
  "process.on": {
    name: "process.on",
    add(sig, heard) {
      process.on(sig, heard);
      return () => void process.off(sig, heard);
    },
  },
  "process.once": {
    name: "process.once",
    once: true,
    add(sig, heard) {
      process.once(sig, heard);
      return () => void process.off(sig, heard);
    },
  },
  "Deno.addSignalListener": {
    name: "Deno.addSignalListener",
    add(sig, heard) {
      Deno!.addSignalListener(sig, heard);
      return () => Deno!.removeSignalListener(sig, heard);
    },
  },
};

/** Every order in which the listeners can be added and each removed after that. */
function* orders(names: string[], path: string[] = []): Generator<string[]> {
  if (path.length === names.length * 2) yield path;
  for (const name of names) {
    if (!path.includes(`+${name}`)) yield* orders(names, [...path, `+${name}`]);
    else if (!path.includes(`-${name}`)) yield* orders(names, [...path, `-${name}`]);
  }
}

/** Runs one order. After each step with a listener present, one signal is sent, and every listener must be called once.
 * @returns the failures */
async function walk(sig: signal.SignalName, order: string[]): Promise<string[]> {
  const wrong: string[] = [];
  const present = new Map<string, () => void>();
  const heard = new Map<string, number>();
  const expected = new Map<string, number>();
  const compare = () => JSON.stringify([...heard].sort()) === JSON.stringify([...expected].sort());
  for (const [i, step] of order.entries()) {
    const name = step.slice(1);
    if (step[0] === "+") {
      present.set(
        name,
        actors[name].add(sig, () => void heard.set(name, (heard.get(name) ?? 0) + 1)),
      );
    } else {
      present.get(name)?.();
      present.delete(name);
    }
    if (present.size === 0) continue; // it would kill
    for (const there of present.keys()) expected.set(there, (expected.get(there) ?? 0) + 1);
    signal.kill(process.pid, sig);
    await until(compare);
    for (const there of [...present.keys()]) if (actors[there].once) present.delete(there);
    if (!compare()) {
      const [got, want] = [heard, expected].map((each) => JSON.stringify(Object.fromEntries(each)));
      wrong.push(`${order.slice(0, i + 1).join(" ")}: ${got}, not ${want}`);
      break;
    }
  }
  await turn();
  if (wrong.length === 0 && !compare()) wrong.push(`${order.join(" ")}: heard twice`);
  for (const leave of present.values()) leave();
  return wrong;
}

const cases: Cases = {
  /** Every order of the named listeners, one after another in one process. */
  async everyOrder(sig, ...names) {
    const wrong: string[] = [];
    let walked = 0;
    for (const order of orders(names)) {
      wrong.push(...await walk(sig as signal.SignalName, order));
      walked++;
    }
    return { walked, wrong };
  },

  /** One order in a process of its own; after its last step the signal takes the default action. */
  async oneOrder(sig, ...order) {
    const wrong = await walk(sig as signal.SignalName, order);
    await turn();
    if (wrong.length > 0) return wrong;
    console.log("in order");
    signal.kill(process.pid, sig as signal.SignalName);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return "survived";
  },

  /** Other code restores our handler through signal(3), as Bun does: which of the next two signals are delivered? */
  async reinstalled(library, how) {
    const foreign = loadForeign(library);
    const got: unknown[] = [];
    signal.on("SIGUSR1", (_signum, info) => void got.push(cause(info)));
    process.on("SIGUSR1", () => {});
    if (how === "signal(3)") foreign.foreign_reinstall(signal.SIGUSR1);
    else process.removeAllListeners("SIGUSR1");
    for (let i = 1; i <= 2; i++) {
      signal.sigqueue(process.pid, signal.SIGUSR1, 1000 + i);
      await until(() => got.length === i);
    }
    return got;
  },

  /** `node:vm` installs its own handler for SIGINT while the script runs. */
  async breakOnSigint() {
    const got: unknown[] = [];
    signal.on("SIGINT", (_signum, { name }) => void got.push(name));
    got.push(vm.runInThisContext("1 + 1", { breakOnSigint: true }));
    for (let i = 2; i <= 3; i++) {
      signal.kill(process.pid, "SIGINT");
      await until(() => got.length === i);
    }
    return got;
  },
};

const alive = setInterval(() => {}, 1000);
await runCase(cases);
clearInterval(alive);
process.exit(0);
