/** SIGTERM, as `kill`, systemd and Docker send it: releases the program's resources, then exits.
 *
 * deno run --allow-ffi examples/sigterm_cleanup.ts
 * bun examples/sigterm_cleanup.ts */
import process from "node:process";
import * as signal from "../mod.ts";

const resources = ["database", "cache", "lock file"];
const work = setInterval(() => {}, 1000);

signal.signal(signal.SIGTERM, (signum, info) => {
  console.log(`Received ${info.name} (${signum}), cleaning up`);
  clearInterval(work);
  for (const resource of resources) console.log(`Released: ${resource}`);
  process.exit(0);
});

console.log(`Running. Stop it with: kill ${process.pid}`);
