/** Cases of child processes: their inherited state, and the SIGCHLD that they cause. Deno: -A. */
import { spawn, type SpawnOptions, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as signal from "../../mod.ts";
import { loadForeign } from "./daemon_foreign.ts";
import { loadNative, text } from "./listeners_native.ts";
import { type Cases, runCase, turn, until } from "./posix_cases.ts";
import { libc } from "./posix_libc.ts";

const { ITIMER_REAL, SIG_BLOCK, SIG_IGN, SIG_UNBLOCK, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGSTOP } = signal;
const { SIGALRM, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH } = signal;
// deno-lint-ignore no-explicit-any
const { Bun, Deno } = globalThis as any;

const sleepMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The ways to start a child and read its report. */
const spawners: Record<string, (file: string) => Promise<string> | string> = {
  async "Deno.Command"(file) {
    return new TextDecoder().decode((await new Deno.Command(file).output()).stdout);
  },
  "Deno.Command sync"(file) {
    return new TextDecoder().decode(new Deno.Command(file).outputSync().stdout);
  },
  "Bun.spawn"(file) {
    return new Response(Bun.spawn([file], { stdio: ["ignore", "pipe", "inherit"] }).stdout).text();
  },
  "Bun.spawnSync"(file) {
    return Bun.spawnSync([file]).stdout.toString();
  },
  "node:child_process"(file) {
    return collected(file, { stdio: ["ignore", "pipe", "inherit"] });
  },
  "node:child_process detached"(file) {
    return collected(file, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  },
  "node:child_process sync"(file) {
    return spawnSync(file, { encoding: "utf8" }).stdout;
  },
};

function collected(file: string, options: SpawnOptions): Promise<string> {
  const child = spawn(file, options);
  let output = "";
  child.stdout!.on("data", (data) => void (output += data));
  return new Promise((resolve) => child.on("close", () => resolve(output)));
}

/** A child that ends when its input does, and its status. */
function cat(): { pid: number; end(): void; ended: Promise<unknown> } {
  const child = spawn("cat", { stdio: ["pipe", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", (code, by) => resolve([code, by])));
  return { pid: child.pid!, end: () => void child.stdin!.end(), ended };
}

interface Report {
  descriptors: number[];
}

/** The report, without descriptors that a child had before this module was loaded: the runtimes pass on some that they
 * inherited themselves. */
function compared(report: Report, before: number[]): unknown {
  const same = String(report.descriptors) === String(before);
  return { ...report, descriptors: same ? "as before" : report.descriptors };
}

/** Holds and catches signals of all kinds, in every way that the module has. */
function everything(): void {
  signal.signal(SIGUSR1, () => {});
  signal.signal("SIGRTMIN", () => {});
  signal.sigprocmask(SIG_BLOCK, [SIGTERM, SIGINT, SIGUSR2]);
  signal.hold([SIGHUP, "SIGRTMAX"]);
  signal.kill(process.pid, SIGUSR2);
}

const cases: Cases = {
  /** `SIGHUP` before the first listener is added, or after the last one is removed. */
  async hangup(when) {
    if (when === "before") signal.raise(SIGHUP);
    let got = 0;
    const listener = signal.on(SIGHUP, () => void got++);
    signal.raise(SIGHUP);
    listener.off();
    if (when === "ignored") {
      // As under nohup: it stays ignored, even after Deno's half second.
      await sleepMs(700);
    }
    signal.raise(SIGHUP);
    await turn();
    return { got, present: signal.getsignal(SIGHUP) };
  },

  ignoresHangup() {
    const { signals } = signal.inspect();
    return { handler: signal.getsignal(SIGHUP), action: signals.find(({ signum }) => signum === SIGHUP)!.action };
  },

  async clean(spawner, reporter, ignore) {
    const { descriptors } = JSON.parse(await spawners[spawner](reporter));
    everything();
    if (ignore) signal.signal(SIGALRM, SIG_IGN);
    return compared(JSON.parse(await spawners[spawner](reporter)), descriptors);
  },

  /** SIGTERM, held here while the child starts, kills the child. */
  async heldHere() {
    signal.sigprocmask(SIG_BLOCK, [SIGTERM]);
    const child = cat();
    signal.sigprocmask(SIG_UNBLOCK, [SIGTERM]);
    signal.kill(child.pid, 0);
    signal.kill(child.pid, SIGTERM);
    return await child.ended;
  },

  /** execve(2): the same process continues as the reporter. */
  exec(native, reporter) {
    signal.signal(SIGUSR1, () => {});
    signal.signal(SIGUSR2, SIG_IGN);
    signal.sigprocmask(SIG_BLOCK, [SIGTERM]);
    signal.setitimer(ITIMER_REAL, 50);
    signal.pthreadSigmask(SIG_BLOCK, [SIGHUP, SIGUSR1]);
    signal.raise(SIGHUP);
    return loadNative(native).native_exec(text(reporter));
  },

  /** The state that a child does not inherit, and the thread's mask, which it does. */
  async fork(reporter) {
    let alarms = 0;
    const { descriptors } = JSON.parse(await spawners["node:child_process"](reporter));
    signal.signal(SIGALRM, () => void alarms++);
    signal.pthreadSigmask(SIG_BLOCK, [SIGWINCH]); // Bun lifts the mask while its event loop is idle
    signal.raise(SIGWINCH);
    signal.alarm(100);
    const report = compared(JSON.parse(await spawners["node:child_process"](reporter)), descriptors);
    const left = signal.alarm(0);
    signal.setitimer(ITIMER_REAL, 0.05);
    await spawners["node:child_process"](reporter);
    await until(() => alarms > 0);
    return { report, left, alarms };
  },

  /** The effect of a signal in a child that runs no other program, and which child that was. `before`: the action
   * before our handler. Every descriptor to which a handler might write is in use. */
  forked(library, before, sig) {
    const foreign = loadForeign(library);
    const signum = signal.Signals[sig];
    if (before === "ignored") signal.signal(signum, SIG_IGN);
    if (before === "foreign") foreign.foreign_install(signum, 0, 0);
    if (before === "process.on") process.on(sig, () => {});
    let got = 0;
    const listener = signal.on(signum, () => void got++);
    if (before === "held") signal.sigprocmask(SIG_BLOCK, [signum]);
    signal.setWakeupFd(foreign.foreign_socket());
    const status = foreign.foreign_fork(signum);
    signal.check();
    const inChild = { signal: status & 127, calls: status >> 8 };
    if (before !== "held") signal.kill(process.pid, signum);
    listener.off();
    return { pid: foreign.foreign_forked(), inChild, got };
  },

  /** This program again, with its handler, as a child of its own. */
  async family(...child) {
    let got = 0;
    signal.signal(SIGUSR1, () => void got++);
    if (child.length === 0) {
      console.log("ready");
      await until(() => got > 0);
      return got;
    }
    signal.sigprocmask(SIG_BLOCK, [SIGUSR1]);
    signal.kill(process.pid, SIGUSR1); // pending at the fork
    const started = spawn(child[0], child.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      lines.push(line);
      if (line === "ready") signal.kill(started.pid!, SIGUSR1);
    }
    const before = got;
    signal.sigprocmask(SIG_UNBLOCK, [SIGUSR1]);
    return { lines, before, after: got };
  },

  /** The SIGCHLD of a child's end, stop and continuation, each waited for in turn. */
  async codes() {
    const seen: [string, number | undefined, boolean][] = [];
    let child: { pid?: number } = {};
    signal.signal(SIGCHLD, (_signum, { codeName, status, pid, utime, stime }) => {
      const mine = pid === child.pid && utime! >= 0 && stime! >= 0;
      seen.push([codeName, status, mine]);
    });
    const next = async (sig?: number): Promise<void> => {
      const before = seen.length;
      if (sig) signal.kill(child.pid!, sig);
      await until(() => seen.length > before);
    };
    const shell = (script: string): void => {
      child = spawn("sh", ["-c", script], { stdio: ["pipe", "ignore", "inherit"] });
    };
    shell("exit 7");
    await next();
    for (const script of ["kill -KILL $$", "ulimit -c 0; kill -ABRT $$"]) {
      shell(script);
      await next();
    }
    shell("read line");
    await next(SIGSTOP);
    await next(SIGCONT);
    await next(SIGKILL);
    return seen;
  },

  async stops(flag) {
    const counts: Record<string, number> = {};
    signal.sigaction(SIGCHLD, {
      handler: (_signum, { codeName }) => void (counts[codeName] = (counts[codeName] ?? 0) + 1),
      noChildStop: flag === "noChildStop",
    });
    const child = cat();
    const state = async (letter: string): Promise<void> => {
      await until(() => readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/.*\) /s, "")[0] === letter);
    };
    for (let i = 1; i <= 10; i++) {
      signal.kill(child.pid, SIGSTOP);
      if (flag === "noChildStop") await state("T");
      else await until(() => counts.CLD_STOPPED === i);
      signal.kill(child.pid, SIGCONT);
      if (flag === "noChildStop") await state("S");
      else await until(() => counts.CLD_CONTINUED === i);
    }
    const before = { ...counts };
    child.end();
    await child.ended;
    await until(() => counts.CLD_EXITED === 1);
    return { before, exited: counts.CLD_EXITED };
  },

  /** system(3) waits for its child after the kernel has discarded it. */
  noWait(how) {
    const c = libc({ system: { args: ["buffer"], result: "i32" } });
    const usual = c.system(text("exit 3")) >> 8;
    if (how === "ignore") signal.signal(SIGCHLD, SIG_IGN);
    else signal.sigaction(SIGCHLD, { handler: how === "default" ? signal.SIG_DFL : () => {}, noChildWait: true });
    const without = c.system(text("exit 3"));
    using _listener = signal.on(SIGCHLD, () => {});
    const beside = c.system(text("exit 3")) >> 8;
    if (signal.sigaction(SIGCHLD).noChildWait !== (how !== "ignore")) throw new Error("not what was set");
    signal.signal(SIGCHLD, signal.SIG_DFL);
    return { usual, without, beside, again: c.system(text("exit 3")) >> 8 };
  },

  async coalesced() {
    let count = 0;
    signal.signal(SIGCHLD, () => void count++);
    signal.sigprocmask(SIG_BLOCK, [SIGCHLD]);
    const children = Array.from({ length: 10 }, cat);
    for (const child of children) child.end();
    const statuses = await Promise.all(children.map((child) => child.ended));
    const blocked = count;
    signal.sigprocmask(SIG_UNBLOCK, [SIGCHLD]);
    await turn();
    return { blocked, count, all: statuses.every((status) => String(status) === "0,") };
  },

  /** A listener that is added before or after the first child. */
  async listening(when) {
    let count = 0;
    const listen = (): signal.Listener => signal.on(SIGCHLD, () => void count++);
    const counts: number[] = [];
    const statuses: string[] = [];
    let listener = when === "before" ? listen() : undefined;
    for (let round = 0; round < 3; round++) {
      if (round === 1) listener ??= listen();
      if (round === 2) listener!.off();
      const before = count;
      const child = cat();
      child.end();
      statuses.push(String(await child.ended));
      if (listener && round < 2) await until(() => count > before);
      await sleepMs(20);
      counts.push(count - before);
    }
    return { counts, statuses };
  },

  async failingSpawns() {
    let seen = 0;
    signal.on(SIGCHLD, () => void seen++);
    const child = cat();
    const codes = new Set<string>();
    for (let i = 0; i < 100; i++) {
      codes.add(
        await new Promise((resolve) =>
          spawn("/no/such/program").on("error", ({ code }: { code?: string }) => resolve(code!))
        ),
      );
    }
    child.end();
    const status = await child.ended;
    await until(() => seen > 0);
    return { codes: [...codes], status, seen: seen > 0 };
  },
};

await runCase(cases);
process.exit(0);
