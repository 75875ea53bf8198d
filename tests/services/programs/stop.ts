/** Cases of stop(), and of processes that it must not signal. Each prints its result as JSON. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../../../mod.ts";

interface Runtime {
  Deno?: {
    Command: new (command: string, options: object) => { spawn(): signal.Child & { status: Promise<unknown> } };
  };
  Bun?: { spawn(words: string[], options: object): signal.Child & { exited: Promise<unknown> } };
}
const { Deno, Bun } = globalThis as Runtime;

const isThere = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/ Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

/** A shell that has printed `ready`, and its other lines so far. */
async function started(script: string, options: { detached?: boolean } = {}) {
  const child = spawn("sh", ["-c", script], { ...options, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  for await (const text of child.stdout) {
    printed += text;
    if (printed.includes("ready\n")) break;
  }
  return { child, pid: child.pid!, printed: printed.split("\n").filter(Boolean).slice(0, -1) };
}
const LOOP = "echo ready; while :; do sleep 0.05; done";

/** An ended child of the runtime's own kind; on Node, of node:child_process. */
async function ended(): Promise<signal.Child & { pid: number }> {
  if (Deno) {
    const child = new Deno.Command("true", {}).spawn();
    await child.status;
    return child as signal.Child & { pid: number };
  }
  if (Bun) {
    const child = Bun.spawn(["true"], {});
    await child.exited;
    return child as signal.Child & { pid: number };
  }
  const child = spawn("true");
  await new Promise((resolve) => child.on("exit", resolve));
  return child as signal.Child & { pid: number };
}

/** Starts a process with this number, in a PID namespace where no other process starts; proc_sys_kernel(5). */
function takeOver(pid: number, detached = false): number {
  writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
  const stranger = spawn("sleep", ["1000"], { stdio: "ignore", detached });
  stranger.unref();
  if (stranger.pid !== pid) throw new Error(`the number went to nobody: ${stranger.pid}, not ${pid}`);
  return pid;
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  return await promise.then((value) => `none, but ${value}`, String);
}

const cases: Record<string, () => unknown> = {
  async ignores() {
    const { child } = await started(`trap '' TERM; ${LOOP}`);
    return [await signal.stop(child, { after: 0.3 }), child.signalCode];
  },
  async half() {
    const { child } = await started(`trap 'sleep 0.5; exit 3' TERM; ${LOOP}`);
    return [await signal.stop(child, { after: 10 }), child.exitCode];
  },
  async gone() {
    const { child, pid } = await started("echo ready");
    await new Promise((resolve) => child.on("close", resolve));
    return [await signal.stop(child), await signal.stop(pid), await signal.stop({ pid })];
  },
  async kinds() {
    const { pid } = await started(LOOP);
    const options = { stdin: "null", stdout: "null", stderr: "null" };
    const runtimes = Deno
      ? new Deno.Command("sleep", { args: ["1000"], ...options }).spawn()
      : Bun?.spawn(["sleep", "1000"], {}) ?? { pid: (await started(LOOP)).pid };
    return [await signal.stop(pid), await signal.stop(runtimes), isThere(pid), isThere(runtimes.pid!)];
  },
  async options() {
    const { child } = await started(`trap 'exit 5' USR1; trap '' TERM; ${LOOP}`);
    const first = await signal.stop(child, { signal: "SIGUSR1", after: Infinity });
    const { child: second } = await started(LOOP);
    const third = await started(`trap '' TERM; ${LOOP}`);
    return [
      [first, child.exitCode],
      [await signal.stop(second, { signal: "SIGKILL" }), second.signalCode],
      [await signal.stop(third.child, { after: 0 }), third.child.signalCode],
    ];
  },
  async stopped() {
    const { child, pid } = await started(LOOP);
    signal.kill(pid, "SIGSTOP");
    return [await signal.stop(child, { after: 20 }), child.signalCode];
  },
  async ten() {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) => started(`${i % 2 ? "trap '' TERM;" : ""} ${LOOP}`)),
    );
    const begun = performance.now();
    const ends = await Promise.all(all.map(({ child }) => signal.stop(child, { after: 1 })));
    return [ends, performance.now() - begun < 5000, all.map(({ pid }) => pid).filter(isThere)];
  },
  async group() {
    const { child, pid, printed } = await started(
      `sh -c 'sh -c "trap \\"sleep 0.5; exit\\" TERM; echo \\$\\$; while :; do sleep 0.05; done" & echo $$; sleep 0.2; echo ready; wait' & wait`,
      { detached: true },
    );
    const pids = [pid, ...printed.map(Number)];
    const before = pids.filter(isThere).length;
    return [before, await signal.stop(child, { group: true, after: 10 }), pids.filter(isThere)];
  },
  async stubbornGroup() {
    const { child, pid, printed } = await started(
      `sh -c 'sh -c "trap \\"\\" TERM; echo \\$\\$; while :; do sleep 0.05; done" & echo $$; sleep 0.2; echo ready; wait' & wait`,
      { detached: true },
    );
    const pids = [pid, ...printed.map(Number)];
    return [await signal.stop(child, { group: true, after: 0.5 }), pids.filter(isThere)];
  },
  async leaderless() {
    const { child, printed } = await started("sleep 1000 >&- & echo $!; echo ready", { detached: true });
    if (child.exitCode === null) await new Promise((resolve) => child.on("exit", resolve));
    const before = isThere(Number(printed[0]));
    return [before, await signal.stop(child, { group: true }), isThere(Number(printed[0]))];
  },
  async noGroup() {
    const { child, pid } = await started(LOOP);
    const found = await rejection(signal.stop(child, { group: true }));
    return [found.replace(/\d+/g, "N"), isThere(pid), await signal.stop(child)];
  },
  async strangers() {
    const bad = [-1, 0, 1, process.pid, -process.pid, process.ppid, 2 ** 32 + 10, 1.5];
    return await Promise.all(bad.map(async (pid) => (await rejection(signal.stop(pid))).replace(/\d{3,}/g, "N")));
  },
  async shapes() {
    const bad = ["1", null, undefined, {}, { pid: undefined }, { pid: "5" }, { pid: -1 }];
    return await Promise.all(bad.map((target) => rejection(signal.stop(target as never))));
  },
  async badOptions() {
    const { child } = await started(LOOP);
    const bad = [{ signal: "TERM" }, { after: -1 }, { after: NaN }, { after: "1" }, { group: 1 }, { grup: true }, 5];
    const found = await Promise.all(bad.map((options) => rejection(signal.stop(child, options as never))));
    return [found, child.exitCode, child.signalCode, await signal.stop(child)];
  },
  async takenOver() {
    const child = await ended();
    const stranger = takeOver(child.pid);
    const node = spawn("true");
    await new Promise((resolve) => node.on("exit", resolve));
    const other = takeOver(node.pid!);
    const found = [await signal.stop(child, { after: 0.1 }), await signal.stop(node, { after: 0.1 })];
    return [found, isThere(stranger), isThere(other)];
  },
  async takenOverMeanwhile() {
    const { child, pid } = await started("echo ready; exec sleep 1000");
    child.on("exit", () => takeOver(pid));
    const end = await signal.stop(child, { after: 0.2 });
    await delay(500);
    return [end, isThere(pid)];
  },
  async groupTakenOver() {
    // its group has no other process
    const { child, pid } = await started("echo ready; exec sleep 1000", { detached: true });
    child.on("exit", () => takeOver(pid, true));
    const end = await signal.stop(child, { group: true, after: 0.2 });
    const again = await signal.stop(child, { group: true, after: 0.2 });
    await delay(500);
    return [end, again, isThere(pid)];
  },
};

console.log(JSON.stringify(await cases[process.argv[2]]()));
spawnSync("true"); // a child can still be spawned: stop() left nothing behind that prevents it
process.exit(0);
