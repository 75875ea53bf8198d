/** For `deno serve --parallel`: each worker has a graceful end of its own. Argument: log=FILE, to which each appends
 * "ready PID", "begin", "end". The first to begin takes longest: the others must not end it. */
import { appendFileSync } from "node:fs";
import process from "node:process";
import * as signal from "../../../mod.ts";

const log = process.argv.find((word) => word.startsWith("log="))!.slice("log=".length);
const say = (line: string): void => appendFileSync(log, `${line}\n`);
const worker = Math.random();
signal.shutdown().defer("the worker", async () => {
  say("begin");
  await new Promise((resolve) => setTimeout(resolve, 200 + 600 * worker));
  say("end");
});
say(`ready ${process.pid}`);

export default { fetch: () => new Response("served") };
