/** A worker that takes jobs from a queue, one at a time, and ends between two of them, never within one.
 *
 *     deno run --allow-ffi --allow-read --allow-write examples/queue_worker.ts jobs
 *     bun examples/queue_worker.ts jobs
 *
 * (@posix/signal needs --allow-ffi; the others are for the queue.) The queue is a directory: each file `NAME.job` holds
 * the seconds that the job takes, and is renamed to `NAME.done`. A job is written under another name first, since the
 * worker would read a file that is empty as yet as 0 seconds. From another terminal:
 *
 *     echo 3 > jobs/new && mv jobs/new jobs/first.job
 *     kill -TERM PID            finish the present job, then die by SIGTERM; Ctrl+C alike
 *
 * A job that fails ends the worker with status 1: its supervisor starts the next one.
 */
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../mod.ts";

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error("usage: queue_worker.ts DIRECTORY");
  process.exit(2);
}

/** The oldest job by name, without its extension. */
function nextJob(): string | undefined {
  return readdirSync(directory).filter((name) => name.endsWith(".job")).sort()[0]?.slice(0, -".job".length);
}

async function perform(job: string): Promise<void> {
  const file = join(directory, `${job}.job`);
  const seconds = Number(readFileSync(file, "utf8"));
  if (!(seconds >= 0)) throw new RangeError(`${file} must hold a number of seconds`);
  console.log(`${job} begins`);
  await delay(seconds * 1000);
  renameSync(file, join(directory, `${job}.done`));
  console.log(`${job} is done`);
}

async function work(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const job = nextJob();
    if (job) await perform(job);
    else await delay(100, undefined, { signal: stop }); // an idle worker ends at once
  }
}

const end = signal.shutdown({ deadline: 60 });
end.signal.addEventListener("abort", () => console.log(`${end.signal.reason.message}: no more jobs`));
const worker = work(end.signal);
end.defer("the worker", () => worker);
console.log(`process ${process.pid} works on ${directory}`);
