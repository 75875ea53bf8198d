/** Calls that were accepted once by mistake: the class and message of each error now, and whether any disposition or
 * mask has changed. */
import * as signal from "../../mod.ts";

const falseSignal = Object.create(AbortSignal.prototype, { aborted: { value: false } });
const falsePromise = {
  get then() {
    throw new EvalError("the caller's");
  },
};

function* endless(): Generator<signal.SignalName> {
  for (;;) yield "SIGUSR2";
}

const calls: (() => unknown)[] = [
  () => signal.signal(34.5, () => {}),
  () => signal.kill(process.pid, 63.999),
  () => signal.on("SIGUSR2", () => {}, { signal: falseSignal }),
  () => signal.events("SIGUSR2", { signal: falseSignal }),
  () => signal.hold("SIGUSR2", () => falsePromise),
  () => signal.open({ library: new URL("file:///%zz") }),
  () => signal.open({ library: "libsignal.so\0.so" }),
  () => signal.open({ library: new URL("file:///libsignal.so%00") }),
  () => signal.open({ library: "" }),
  () => signal.on(endless(), () => {}),
  () => signal.sigprocmask(signal.SIG_BLOCK, endless()),
];

const state = (): string => {
  const owners = signal.validSignals().values().map((signum) => signal.getsignal(signum)).toArray();
  return JSON.stringify([owners, signal.inspect().signals.find(({ name }) => name === "SIGUSR2")]);
};

signal.on("SIGHUP", () => {}).off(); // Deno registers its own signals at our first
const outcomes = calls.map((call) => {
  const before = state();
  try {
    call();
    return ["none"];
  } catch (error) {
    const { name, message } = error as Error;
    return [name, message, state() === before ? "unchanged" : "changed"];
  }
});
console.log(JSON.stringify(outcomes));
