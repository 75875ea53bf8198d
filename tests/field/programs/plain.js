/** The control of graceful.ts: what the runtime's own listeners do in ten lines. */
import { appendFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";

const given = Object.fromEntries(process.argv.slice(2).map((word) => /^(\w+)=(.*)$/s.exec(word).slice(1)));
const { log, signals = "SIGTERM,SIGINT", ms = "500", meanwhile } = given;
const say = (line) => appendFileSync(log, `${line}\n`);

let ending = false;
for (const name of signals.split(",")) {
  process.on(name, async () => {
    if (ending) return;
    ending = true;
    say("begin");
    if (meanwhile === "killpg") process.kill(0, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    say("end");
    for (const other of signals.split(",")) process.removeAllListeners(other);
    process.kill(process.pid, name);
    setTimeout(() => process.exit(128 + constants.signals[name]), 1000); // process 1 does not die by its own signal
  });
}
setInterval(() => {}, 1000);
say(`ready ${process.pid}`);
