/** Cases of how a program ends. The first argument picks the case; it prints lines, and the test checks them and the
 * wait status. */
import process from "node:process";
import * as signal from "../../mod.ts";
import { loadNative } from "./listeners_native.ts";
import { spin, turn } from "./posix_cases.ts";

const { SIG_DFL, SIGABRT, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGUSR2, SIGWINCH } = signal;
const say = (text: string): void => console.log(text);
const stay = (): void => void setInterval(() => {}, 1000);

/** A shutdown with a deferred function that prints the signal. */
function telling(options?: signal.ShutdownOptions): signal.Shutdown {
  const end = signal.shutdown(options);
  end.defer("tell", () => say(`hook ${(end.signal.reason as signal.SignalError).info.name}`));
  return end;
}

const cases: Record<string, (...args: string[]) => unknown> = {
  /** KeyboardInterrupt as the end: clean-up, then death by SIGINT. */
  async keyboardInterrupt() {
    signal.signal(SIGINT, signal.defaultIntHandler);
    try {
      signal.kill(process.pid, SIGINT);
    } catch (error) {
      console.error(String(error));
      say("cleaned up");
      await turn();
      signal.signal(SIGINT, SIG_DFL);
      signal.kill(process.pid, SIGINT);
    }
  },

  uncaughtInterrupt() {
    signal.signal(SIGINT, signal.defaultIntHandler);
    stay();
    say("ready");
  },

  /** The default action from a handler, and the program's state afterwards. */
  emulateDefault(name) {
    const signum = signal.Signals[name];
    let calls = 0;
    const handler = (): void => {
      calls++;
      signal.signal(signum, SIG_DFL);
      signal.raise(signum);
      signal.signal(signum, handler);
    };
    signal.signal(signum, handler);
    say("ready");
    signal.raise(signum);
    say(`${calls} ${signal.getsignal(signum) === handler}`);
    if (calls < 2) signal.raise(signum);
    say(`${calls} ${[SIGTSTP, SIGWINCH, SIGCHLD, SIGCONT].includes(signum)}`);
    process.exit(0);
  },

  /** The first signal requests the end, and an abort listener never returns; the second signal terminates the process. */
  softThenHard() {
    const end = signal.shutdown();
    stay();
    end.signal.addEventListener("abort", () => {
      say("soft");
      for (;;);
    });
    say("ready");
  },

  normalEnd(code) {
    telling();
    process.on("exit", (code) => say(`exit ${code}`));
    if (code) process.exit(Number(code));
  },

  signalEnd(name, from) {
    telling({ signals: name as signal.SignalName });
    stay();
    if (from === "internal") signal.kill(process.pid, name as signal.SignalName);
    else say("ready");
  },

  order() {
    const end = signal.shutdown();
    for (const name of ["last", "second", "first"]) end.defer(name, async () => (await turn(), say(name)));
    stay();
    signal.kill(process.pid, SIGTERM);
  },

  /** Two copies of this module in one process, as two versions in a dependency tree. */
  async twoCopies(other) {
    const copy: typeof signal = await import(other);
    telling();
    const second = copy.shutdown();
    second.defer("tell", () => say("hook of the copy"));
    signal.on(SIGUSR2, () => say("first"));
    copy.on(SIGUSR2, () => say("second"));
    signal.kill(process.pid, SIGUSR2);
    await turn();
    stay();
    copy.kill(process.pid, SIGTERM);
  },

  /** A listener that resends the signal until its fourth call. */
  userListener() {
    let count = 0;
    const listener = signal.on(SIGTERM, () => {
      if (++count === 4) {
        say(`count ${count}`);
        listener.off();
      }
      signal.kill(process.pid, SIGTERM);
    });
    signal.kill(process.pid, SIGTERM);
    say(`never after the fourth: ${count}`);
  },

  unhooked() {
    for (let i = 0; i < 2; i++) {
      const end = telling({ signals: ["SIGTERM", "SIGHUP"] });
      say(`${end.cancel()} ${end.cancel()}`);
    }
    try {
      signal.shutdown({ signals: ["SIGTERM", "SIGKILL"] });
    } catch (error) {
      say((error as { code: string }).code);
    }
    say("unhooked");
    signal.kill(process.pid, SIGTERM);
    process.exit(42);
  },

  manyHooks() {
    const end = signal.shutdown({ exit: 0 });
    for (let i = 0; i < 15; i++) {
      end.defer(`hook ${i}`, () => say(`hook ${i}`));
      signal.on(SIGTERM, () => say(`listener ${i}`));
      signal.abortOn(SIGTERM).signal.addEventListener("abort", () => say(`abort ${i}`));
    }
    stay();
    signal.kill(process.pid, SIGTERM);
  },

  /** The source of the exit status: the option, process.exitCode, or process.exit in a hook. */
  exitCode(option, hook, value) {
    const exit = option === "signal" ? "signal" : Number(option);
    const end = signal.shutdown({ exit });
    end.defer("hook", () => {
      say("hook");
      if (hook === "exit") process.exit(Number(value));
      if (hook === "exitCode") process.exitCode = Number(value);
    });
    stay();
    signal.kill(process.pid, SIGTERM);
  },

  alone(ref) {
    const listener = signal.on(SIGINT, () => {
      say("SIGINT");
      listener.unref();
    }, { ref: ref === "ref" });
    signal.signal(SIGUSR2, () => {});
    say("ready");
  },

  everySignal() {
    const refused: string[] = [];
    for (const signum of signal.validSignals()) {
      try {
        signal.signal(signum, (_signum, { name }) => {
          say(`Received ${name}.`);
          if (signum === SIGTERM) process.exit(0);
        });
      } catch {
        refused.push(String(signum));
      }
    }
    stay();
    say(`ready, without ${refused}.`);
  },

  die(signum) {
    signal.kill(process.pid, Number(signum));
  },

  atExit(path) {
    loadNative(path).native_raise_at_exit(SIGABRT);
    signal.on(SIGABRT, () => say("never"));
    say("complete");
    process.exit(0);
  },

  async removed() {
    const listeners = [signal.on(SIGUSR2, () => {}), signal.on(SIGUSR2, () => {})];
    for (const listener of listeners) listener.off();
    setTimeout(() => process.exit(42), 1000);
    await turn();
    process.kill(process.pid, "SIGUSR2");
  },

  throwing() {
    signal.signal(SIGHUP, () => {
      throw new TypeError("thrown by the handler");
    });
    stay();
    say("ready");
  },

  /** The main task learns of Ctrl+C by an AbortSignal. */
  async mainTask(how) {
    using interrupted = signal.abortOn(SIGINT);
    const { signal: aborted } = interrupted;
    say("ready");
    if (how === "spinning") {
      while (!aborted.aborted) {
        await Promise.resolve();
        signal.check();
      }
    } else if (how === "waiting") {
      const long = Promise.withResolvers<void>();
      const timer = setTimeout(long.resolve, 20_000);
      aborted.addEventListener("abort", () => long.reject(aborted.reason));
      await long.promise.catch((error) => say(`${error.name} ${error.info.name}`));
      clearTimeout(timer);
    } else {
      const task = AbortSignal.any([AbortSignal.abort("cancelled before"), aborted]);
      say(`${task.reason}`);
    }
    say(`aborted ${aborted.aborted}`);
    interrupted[Symbol.dispose]();
    signal.kill(process.pid, SIGINT); // no handler is left
    spin(1);
    process.exit(42);
  },

  /** An abortOn from its call to its disposal, several times over. */
  lifeCycle() {
    const ignored = (): boolean => signal.getsignal(SIGHUP) === signal.SIG_IGN;
    signal.signal(SIGHUP, signal.SIG_IGN);
    const listened = (): string | undefined => signal.inspect().signals.find(({ signum }) => signum === SIGHUP)?.action;

    const stopped = signal.abortOn(SIGHUP, [SIGINT, "SIGTERM"]);
    say(`stop: ${listened()}`);
    for (let i = 0; i < 10; i++) stopped[Symbol.dispose]();
    say(`${ignored()} ${listened()} ${stopped.signal.aborted}`);

    const parent = new AbortController();
    const child = signal.abortOn(SIGHUP);
    const either = AbortSignal.any([parent.signal, child.signal]);
    parent.abort(new Error("the parent"));
    child[Symbol.dispose]();
    say(`parent: ${either.reason.message} ${ignored()} ${listened()}`);

    const premature = signal.on(SIGHUP, () => {}, { signal: AbortSignal.abort() });
    say(`premature: ${premature.off()} ${ignored()} ${listened()}`);

    using ending = signal.abortOn(SIGHUP);
    signal.kill(process.pid, SIGHUP);
    say(`text: ${ending.signal.reason.message.replace(/\d+/g, "N")}`);
  },
};

const [name, ...args] = process.argv.slice(2);
await cases[name](...args);
