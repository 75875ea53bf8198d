/** `deno task soak --minutes 30`, `bun run soak --minutes 30`: a mixed load on Deno and on Bun, side by side, for the
 * given time; `--runtime bun` runs one of them. Ends with a report of the signals sent and their outcomes; exits with
 * status 1 if the counts do not agree, or memory or descriptors grew. */
import { existsSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { compile } from "./support/compile.ts";
import { Program, projectPath } from "./support/process.ts";

/** The growth of resident memory that is allowed: garbage that the collector has not returned yet. */
const GROWTH_MIB = 64;
/** Memory and descriptors are compared from here on: every part of the load has run by then. */
const SETTLED_MS = 15_000;
const PROGRESS_MS = 10_000;
/** Each sender rests for this time after this many rounds of its signals. */
const SENDERS = 4;
const ROUNDS = 50;
const REST_US = 100_000;

const NAMES: Record<number, string> = {
  10: "SIGUSR1",
  12: "SIGUSR2",
  14: "SIGALRM",
  17: "SIGCHLD",
  35: "SIGRTMIN+1",
  36: "SIGRTMIN+2",
  37: "SIGRTMIN+3",
  38: "SIGRTMIN+4",
};
const [USR1, USR2, ALRM, CHLD, OUTSIDE, OUTSIDE_TOO, OWN, WORKER] = Object.keys(NAMES).map(Number);
const SENT = [USR1, USR2, OUTSIDE, OUTSIDE_TOO];

interface Counts {
  calls: number;
  caught: number;
  delivered: number;
  merged: number;
  held: number;
  lost: number;
}

/** The last line of tests/programs/soak.ts. */
interface Outcome {
  did: Record<"own" | "worker" | "spawned" | "waits" | "deadlines" | "changes" | "collections", number>;
  found: Record<"exited" | "waited" | "stopped" | "streamed" | "streamLost" | "disorder", number>;
  signals: Record<number, Counts>;
}

/** A line that it prints every second. */
interface Look {
  caught: number;
  lost: number;
  resident: number;
  fds: number;
}

interface Runtime {
  name: string;
  words: string[];
  /** Queued values arrive in order although there is a Worker. In Bun a Worker unblocks every signal as it begins to
   * wait for an event, and the one that it takes then races to the ring. */
  ordered: boolean;
}

const RUNTIMES: Record<string, Runtime> = {
  deno: {
    name: "Deno",
    words: ["deno", "run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc"],
    ordered: true,
  },
  bun: { name: "Bun", words: ["bun", "run"], ordered: false },
};

const show = (count: number): string => count.toLocaleString("en-US");
const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

class Report {
  readonly #lines: string[] = [];
  agrees = true;

  constructor(name: string) {
    this.#lines.push("", name);
  }

  say(text: string): void {
    this.#lines.push(`      ${text}`);
  }

  check(ok: boolean, text: string): void {
    this.agrees &&= ok;
    this.#lines.push(`${ok ? "ok   " : "WRONG"} ${text}`);
  }

  print(): void {
    for (const line of this.#lines) console.log(line);
  }
}

function judge(
  report: Report,
  ordered: boolean,
  { did, found, signals }: Outcome,
  sent: ReadonlyMap<number, number>,
): void {
  for (const [number, { calls, caught, delivered, merged, held, lost }] of Object.entries(signals)) {
    const sig = Number(number);
    const sum = `${show(caught)} caught = ${show(delivered)} delivered + ${show(merged)} merged + ${show(lost)} lost`;
    report.check(caught === delivered + merged + lost && held === 0 && caught > 0, `${NAMES[sig]}: ${sum}`);
    // Where the default action is to ignore, a pending SIGCHLD is discarded with its handler.
    const called = sig === CHLD ? calls > 0 && calls <= delivered : calls === delivered;
    report.check(called, `${NAMES[sig]}: ${show(calls)} calls of ${show(delivered)}`);
  }
  for (const [sig, count] of sent) {
    const { caught } = signals[sig];
    const exact = sig === OUTSIDE || sig === OUTSIDE_TOO;
    report.check(
      exact ? caught === count : caught <= count,
      `${NAMES[sig]}: ${show(count)} sent from outside, ${show(caught)} caught` +
        (exact ? "" : `, ${show(count - caught)} merged by the kernel`),
    );
  }
  const same = (what: string, expected: number, value: number): void =>
    report.check(expected > 0 && expected === value, `${what}: ${show(expected)}, ${show(value)}`);
  same("sent to itself, and handled", did.own, signals[OWN].calls + signals[OWN].lost);
  same("sent by the Worker, and handled", did.worker, signals[WORKER].calls + signals[WORKER].lost);
  same("yielded by events() or counted as lost, and heard", found.streamed + found.streamLost, signals[OUTSIDE].calls);
  same("children started, and ended well", did.spawned, found.exited);
  same("waits, and signals waited for", did.waits, found.waited);
  same("endless loops, and loops stopped by deadline()", did.deadlines, found.stopped);
  const disorder = `queued values out of order: ${show(found.disorder)}`;
  if (ordered) report.check(found.disorder === 0, disorder);
  else report.say(`${disorder} (taken by the Worker's thread)`);
  report.say(`${show(did.changes)} changes, ${show(did.collections)} collections`);
  report.say(`${show(signals[ALRM].calls)} ticks of the interval timer`);
}

async function soak({ name, words: [bin, ...words], ordered }: Runtime, seconds: number): Promise<Report> {
  const path = projectPath(`node_modules/.bin/${bin}`);
  if (!existsSync(path)) throw new Error(`${name} is not installed here: npm install`);
  const limitMs = seconds * 1000 + 120_000;
  const program = new Program([path, ...words, projectPath("tests/programs/soak.ts")], { limitMs });
  await program.until("ready\n");
  const begun = performance.now();
  const senders = Array.from(
    { length: SENDERS },
    () => new Program([compile("flood"), program.pid, seconds, ROUNDS, REST_US, ...SENT].map(String), { limitMs }),
  );

  let first: Look | undefined;
  let look: Look | undefined;
  let shown = begun;
  let over = false;
  const counts = Promise.all(senders.map(async (sender) => {
    const { code, signal, stdout, stderr } = await sender.ended;
    if (code !== 0) throw new Error(`a sender ended with ${signal ?? `code ${code}`}: ${stderr}`);
    return stdout.trim().split(" ").map(Number);
  }));
  counts.then(() => program.write("\n")).catch(() => {}); // reported below

  const ended = program.ended.then(() => over = true);
  while (!over) {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), ended]);
    const line = program.stdout.trimEnd().split("\n").at(-1)!;
    if (!line.startsWith('{"caught"')) continue;
    look = JSON.parse(line) as Look;
    const elapsed = performance.now() - begun;
    if (elapsed >= Math.min(SETTLED_MS, seconds * 250)) first ??= look;
    if (performance.now() - shown < PROGRESS_MS) continue;
    shown = performance.now();
    const { caught, lost, resident, fds } = look;
    console.log(
      `${clock(elapsed)}  ${name.padEnd(4)}  ${show(caught).padStart(12)} caught  ${show(lost)} lost  ` +
        `${resident} MiB  ${fds} descriptors`,
    );
  }

  const report = new Report(`${name}, ${clock(performance.now() - begun)}`);
  const { code, signal, stdout, stderr } = await program.ended;
  report.check(code === 0 && stderr === "", `ended with ${signal ?? `status ${code}`} ${stderr}`.trimEnd());
  if (code !== 0) return report;
  const sent = new Map(SENT.map((sig) => [sig, 0]));
  for (const each of await counts) SENT.forEach((sig, i) => sent.set(sig, sent.get(sig)! + each[i]));
  judge(report, ordered, JSON.parse(stdout.trimEnd().split("\n").at(-1)!), sent);
  report.check(
    look!.resident - first!.resident <= GROWTH_MIB,
    `resident memory: ${first!.resident} MiB when settled, ${look!.resident} MiB at the end`,
  );
  report.check(look!.fds <= first!.fds + 8, `descriptors: ${first!.fds} when settled, ${look!.fds} at the end`);
  return report;
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: { minutes: { type: "string", default: "2" }, runtime: { type: "string" } },
});
const minutes = Number(values.minutes);
const chosen = values.runtime === undefined ? Object.values(RUNTIMES) : [RUNTIMES[values.runtime]];
if (!(minutes > 0) || chosen.includes(undefined!)) {
  console.error("usage: soak [--minutes N] [--runtime deno|bun], with N above 0");
  process.exit(2);
}
console.log(`${chosen.map(({ name }) => name).join(" and ")}, ${minutes} minutes`);
const reports = await Promise.all(chosen.map((runtime) => soak(runtime, minutes * 60)));
for (const report of reports) report.print();
const agree = reports.every(({ agrees }) => agrees);
console.log(agree ? "\nEverything agrees." : "\nSomething does not agree.");
process.exit(agree ? 0 : 1);
