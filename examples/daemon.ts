/** A small worker that runs for months: it prints a greeting on every tick, and is controlled by signals alone.
 *
 *     deno run --allow-ffi --allow-read examples/daemon.ts daemon.json
 *     bun examples/daemon.ts daemon.json
 *
 * (@posix/signal needs --allow-ffi; --allow-read is for the configuration file.) The file holds
 * `{ "greeting": "hello", "tickSeconds": 1 }`. From another terminal:
 *
 *     kill -HUP  PID     read the configuration again
 *     kill -USR1 PID     print the statistics
 *     kill -TERM PID     end by SIGTERM; Ctrl+C alike
 */
import { readFileSync } from "node:fs";
import * as signal from "../mod.ts";

interface Config {
  greeting: string;
  tickSeconds: number;
}

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: daemon.ts CONFIGURATION.json");
  process.exit(2);
}

let config = load();
let ticks = 0;
let reloads = 0;
const started = performance.now();

function load(): Config {
  const { greeting, tickSeconds } = JSON.parse(readFileSync(path, "utf8"));
  if (typeof greeting !== "string") throw new TypeError(`'greeting' must be a text, got ${greeting}`);
  if (!(tickSeconds > 0)) throw new RangeError(`'tickSeconds' must be more than 0, got ${tickSeconds}`);
  return { greeting, tickSeconds };
}

function schedule(): void {
  signal.setitimer(signal.ITIMER_REAL, config.tickSeconds, config.tickSeconds);
}

/** The kernel sent it, not a process: the timer of `setitimer` expired, or a key was pressed at the terminal. */
function sender({ name, codeName, pid, uid }: signal.SigInfo): string {
  if (codeName !== "SI_KERNEL") return `process ${pid} of user ${uid}`;
  return name === "SIGALRM" ? "the kernel" : "the terminal";
}

function say(info: signal.SigInfo, what: string): void {
  console.log(`${info.name} from ${sender(info)}: ${what}`);
}

signal.signal("SIGALRM", (_signum, info) => {
  ticks++;
  say(info, `tick ${ticks}, ${config.greeting}`);
});

signal.signal("SIGHUP", (_signum, info) => {
  try {
    config = load();
  } catch (error) {
    return say(info, `the old configuration stays: ${(error as Error).message}`);
  }
  reloads++;
  schedule();
  say(info, `configuration read, greeting "${config.greeting}"`);
});

signal.signal("SIGUSR1", (_signum, info) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(info, `ticks: ${ticks}, reloads: ${reloads}, running for ${seconds} s`);
});

const end = signal.shutdown({ deadline: 5 });
end.defer("the ticks", () => {
  signal.setitimer(signal.ITIMER_REAL, 0);
  signal.signal("SIGALRM", signal.SIG_IGN); // a tick may have been caught already
  say(end.signal.reason.info, `ended after ${ticks} ticks`);
});

schedule();
console.log(`process ${process.pid} runs, greeting "${config.greeting}"`);
await end.done; // signal handlers keep no process alive; this does
