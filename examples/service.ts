/** A queue worker as a service of systemd: it reports when it is ready, is watched, reloads, and drains when it is
 * stopped. Its unit is `service.service`, which says where to put both.
 *
 *     deno run --allow-ffi --allow-read examples/service.ts service.json
 *     bun examples/service.ts service.json
 *
 * (@posix/signal needs --allow-ffi, for systemd too; --allow-read is for the configuration, a file such as
 * `{ "jobSeconds": 1 }`.) Started by hand it does the same, without a manager to notify.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../mod.ts";

/** A worker that has finished no job in this time counts as hung. */
const LONGEST_JOB_SECONDS = 60;

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: service.ts CONFIGURATION.json");
  process.exit(2);
}

async function load(): Promise<{ jobSeconds: number }> {
  const { jobSeconds } = JSON.parse(await readFile(path, "utf8"));
  if (!(jobSeconds > 0 && jobSeconds < LONGEST_JOB_SECONDS)) {
    throw new RangeError(`'jobSeconds' must be between 0 and ${LONGEST_JOB_SECONDS}, got ${jobSeconds}`);
  }
  return { jobSeconds };
}

let config = await load();
let jobs = 0;
let lastJob = performance.now();

async function work(): Promise<void> {
  await delay(config.jobSeconds * 1000); // the job
  lastJob = performance.now();
  signal.notify({ STATUS: `${++jobs} jobs, ${config.jobSeconds} s each` });
}

// SIGTERM: the job in progress is finished, no other is begun.
const end = signal.shutdown({ deadline: LONGEST_JOB_SECONDS });
const working = (async () => {
  while (!end.signal.aborted) await work();
})();
end.defer("the last job", async () => {
  await working;
  console.log(`ended after ${jobs} jobs`);
});

// SIGHUP: a configuration that cannot be read is reported, and the old one stays.
signal.reload(async () => {
  config = await load();
  console.log(`reloaded, ${config.jobSeconds} s each`);
});

// Without it for WatchdogSec=, systemd ends this process and starts another.
signal.watchdog(() => performance.now() - lastJob < LONGEST_JOB_SECONDS * 1000);

signal.notify({ READY: 1, STATUS: "waits for jobs" });
console.log(`process ${process.pid} works`);
