/** The Worker of the posix_*.ts programs: runs the job that a message names, and answers with the result. */
import * as signal from "../../mod.ts";
import { type Cases, failure } from "./posix_cases.ts";
import { libc, NULL } from "./posix_libc.ts";

const jobs: Cases = {
  ready: () => true,

  /** Whether the alternate signal stack of this thread is unchanged. */
  alternateStack() {
    const c = libc({ sigaltstack: { args: ["buffer", "buffer"], result: "i32" } });
    const look = (): string => {
      const stack = new Uint8Array(24); // stack_t
      c.sigaltstack(NULL, stack);
      return String(stack);
    };
    const before = look();
    signal.check();
    signal.pthreadSigmask(signal.SIG_BLOCK, []);
    return look() === before;
  },

  setid() {
    const c = libc({ geteuid: { args: [], result: "i32" }, seteuid: { args: ["i32"], result: "i32" } });
    const own = c.geteuid();
    const results = new Set<number>();
    for (let i = 0; i < 200; i++) results.add(c.seteuid(own));
    return [...results];
  },

  /** Sends after a while, when the main thread is waiting. */
  send(how, sig, afterSeconds) {
    signal.sleep(Number(afterSeconds));
    if (how === "kill") signal.kill(process.pid, Number(sig));
    else if (how === "queue") signal.sigqueue(process.pid, Number(sig), 7);
    else signal.pthreadKill(process.pid, Number(sig));
    return how;
  },

  /** Calls that only the main thread may make. */
  refused() {
    return [
      failure(() => signal.sigwait(["SIGUSR1"])),
      failure(() => signal.sigtimedwait(["SIGUSR1"], 0)),
      failure(() => signal.pause()),
      failure(() => signal.signal("SIGUSR1", () => {})),
      failure(() => signal.sigprocmask(signal.SIG_BLOCK, ["SIGUSR1"])),
      failure(() => signal.signal("SIGKILL", () => {})),
      failure(() => signal.signal("SIGSTOP", signal.SIG_IGN)),
    ];
  },
};

const scope = globalThis as unknown as { onmessage: (event: { data: [string, ...string[]] }) => Promise<void> };
scope.onmessage = async ({ data: [name, ...args] }) => {
  (globalThis as unknown as { postMessage(value: unknown): void }).postMessage(await jobs[name](...args));
};
