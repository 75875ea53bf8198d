/** The control of version.ts. */
import { appendFileSync } from "node:fs";
import process from "node:process";

export function watched(log, version, ms = 200) {
  const say = (line) => appendFileSync(log, `${line}\n`);
  let ending = false;
  for (const name of ["SIGTERM", "SIGINT"]) {
    process.on(name, async () => {
      say(`listener ${version} ${name} unknown`);
      if (ending) return;
      ending = true;
      say(`begin ${version}`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      say(`end ${version}`);
      if (name === "SIGINT") process.exit(130); // a synthetic SIGTERM is followed by the next version
    });
  }
  setInterval(() => {}, 1000);
  say(`ready ${version}`);
}
