/** Packages from npm that listen to signals, beside a graceful end. Arguments as life.ts has them; the control's
 * graceful end is ten plain lines. "hook" is appended when the package's own clean-up runs. */
import { appendFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import * as signal from "../../../mod.ts";

const [log, who, name] = process.argv.slice(2);
const say = (line) => appendFileSync(log, `${line}\n`);
const work = async () => {
  say("begin");
  await new Promise((resolve) => setTimeout(resolve, 500));
  say("end");
};

function endGracefully() {
  if (who === "ours") return signal.shutdown().defer("the work", work);
  let ending = false;
  process.on("SIGTERM", async () => {
    if (ending) return;
    ending = true;
    await work();
    process.exit(143);
  });
}

const listen = (listener) => {
  if (who === "ours") signal.on("SIGTERM", listener);
  else process.on("SIGTERM", listener);
};

const packages = {
  "signal-exit 4": async () => {
    const { onExit } = await import("signal-exit");
    onExit((code, signal) => say(`hook ${code} ${signal}`));
  },
  "signal-exit 3": async () => {
    const { default: onExit } = await import("signal-exit-3");
    onExit((code, signal) => say(`hook ${code} ${signal}`));
  },
  "execa 8": async () => {
    const { execa } = await import("execa"); // with signal-exit 4
    const child = execa("sleep", ["1000"], { reject: false });
    void child.then(() => say("child's end before ours"));
  },
  "proper-lockfile": async () => {
    const { default: lock } = await import("proper-lockfile"); // with signal-exit 3
    const file = join(dirname(log), "locked");
    writeFileSync(file, "");
    await lock(file, {});
  },
};

const [pack, kind, order] = name.split(", ");
const begin = () => kind === "graceful end" ? endGracefully() : listen(() => say("listener"));
if (order === "ours first") begin();
await packages[pack]();
if (order !== "ours first") begin();
signal.on("SIGUSR1", () => say("mark"));
setInterval(() => {}, 1000);
say(`ready ${process.pid}`);
