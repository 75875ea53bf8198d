/** Cases of faults: signals of the processor, and the same signals sent by a process. */
import process from "node:process";
import * as signal from "../../mod.ts";
import { loadNative } from "./listeners_native.ts";
import { failure, turn } from "./posix_cases.ts";

const NAMES = ["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP"] as const;
const say = (text: string): void => console.log(text);

/** Faults of the processor itself. */
const faults: Record<string, (native: ReturnType<typeof loadNative>) => unknown> = {
  null: (native) => native.native_write_to(0),
  wild: (native) => native.native_write_to(0xDEADBEEF | 0),
  divide: (native) => native.native_divide(1, 0),
  bus: (native) => native.native_bus(),
  abort: (native) => native.native_abort(),
  illegal: (native) => native.native_illegal(),
  overflow: (native) => native.native_overflow(),
};

/** Every signal that the module does not refuse. */
function handleEverything(): void {
  for (const signum of signal.validSignals()) {
    const refused = failure(() => signal.signal(signum, () => {}));
    if (refused !== "none" && refused !== "PosixError EINVAL 22") throw new Error(`${signum}: ${refused}`);
  }
}

/** `(module (memory 1) (func (export "load") (param i32) (result i32) local.get 0 i32.load))` */
const LOADS = "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAQcIAQRsb2FkAAAKCQEHACAAKAIACw==";

/** The error of each of the engine's own traps, which the engine may implement with signals. */
function traps(): string[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.fromBase64(LOADS)));
  const load = exports.load as (address: number) => number;
  const deeper = (depth: number): number => deeper(depth + 1) + 1;
  const kind = (call: () => unknown): string => {
    try {
      return String(call());
    } catch (error) {
      return (error as Error).constructor.name;
    }
  };
  return [kind(() => load(0)), kind(() => load(2 ** 31 - 1)), kind(() => load(65_533)), kind(() => deeper(0))];
}

function handleAll(): void {
  for (const name of NAMES) signal.signal(name, () => say("never"));
}

const cases: Record<string, (...args: string[]) => unknown> = {
  /** With handlers of ours, with none, or after ours are removed. */
  fault(which, handlers, path) {
    if (handlers === "ours") handleAll();
    if (handlers === "everything") handleEverything();
    if (handlers === "removed") {
      for (const listener of NAMES.map((name) => signal.on(name, () => {}))) {
        listener.off();
      }
    }
    setInterval(() => {}, 1000);
    say("faulting");
    faults[which](loadNative(path));
    say("survived");
  },

  trapped() {
    handleEverything();
    say(JSON.stringify([traps(), traps()]));
    process.exit(0);
  },

  /** In a Worker, while the main thread has the handlers. */
  inAWorker(path) {
    handleAll();
    const worker = new Worker(new URL("./faults_thread.ts", import.meta.url), { type: "module" });
    worker.postMessage(path);
    setInterval(() => {}, 1000);
  },

  /** Deno's own handler of SIGSEGV and SIGBUS restores the default action and waits for the fault to repeat. */
  die(name) {
    for (let i = 0; i < 2; i++) signal.raise(name as signal.SignalName);
  },

  async sent(name) {
    const seen: string[] = [];
    const listener = signal.on(
      name as signal.SignalName,
      (_signum, info) => void seen.push(`${info.name} ${info.codeName}`),
    );
    signal.kill(process.pid, name as signal.SignalName);
    signal.kill(process.pid, name as signal.SignalName);
    signal.raise(name as signal.SignalName);
    await turn();
    listener.off();
    say(JSON.stringify(seen));
    process.exit(0);
  },

  refused() {
    const answers = ["SIGKILL", "SIGSTOP", "SIGILL", "SIGFPE", "SIGSEGV"] as const;
    say(JSON.stringify(answers.map((name) => failure(() => signal.on(name, () => {})))));
    process.exit(0);
  },

  /** A report on request, beside an earlier handler: `on` chains it. */
  async report() {
    let handled = 0;
    signal.signal("SIGUSR1", () => void handled++);
    const reports: string[] = [];
    const listener = signal.on("SIGUSR1", () => void reports.push(new Error("report").stack!));
    signal.kill(process.pid, "SIGUSR1");
    listener.off();
    signal.kill(process.pid, "SIGUSR1");
    signal.signal("SIGUSR1", signal.SIG_DFL);
    await turn();
    say(JSON.stringify({ handled, reports: reports.length, told: reports[0].includes("faults.ts") }));
    signal.kill(process.pid, "SIGUSR1");
  },
};

const [name, ...args] = process.argv.slice(2);
await cases[name](...args);
