/** Part of a watched program: `watched(log, version)` appends "ready VERSION"; "begin VERSION" and "end VERSION" from a
 * deferred function; "listener VERSION SIGNAL CODE" from on(). plain_version.js is the control. */
import { appendFileSync } from "node:fs";
import * as signal from "../../../mod.ts";

export function watched(log: string, version: number, ms = 200): void {
  const say = (line: string): void => appendFileSync(log, `${line}\n`);
  signal.on(["SIGTERM", "SIGINT"], (_signum, { name, codeName }) => say(`listener ${version} ${name} ${codeName}`));
  signal.shutdown().defer("the work", async () => {
    say(`begin ${version}`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    say(`end ${version}`);
  });
  setInterval(() => {}, 1000);
  say(`ready ${version}`);
}
