/** For `deno serve --parallel`: each worker has a graceful end of its own. Argument: log=FILE, to which each worker
 * appends "ready PID", "begin", "end". The worker that begins first takes longest, and the others must not cut it
 * short. */
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
