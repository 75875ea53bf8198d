/** A supervisor written with this module: its graceful end includes ending its child, and waiting for it. Arguments:
 * options, then the child's command. `after=MS` is how long its other work takes first; `tree` signals the child and
 * all of its descendants, as tree-kill and many process managers do. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";
import { sendTo, tree } from "../support/session.ts";

const words = process.argv.slice(2);
const afterMs = words[0].startsWith("after=") ? Number(words.shift()!.slice("after=".length)) : 0;
const whole = words[0] === "tree" && Boolean(words.shift());
const child = spawn(words[0], words.slice(1), { stdio: "inherit" });
const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
const end = signal.shutdown({ signals: ["SIGTERM", "SIGINT", "SIGHUP"] });
end.defer("the child", async () => {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  for (const pid of whole ? tree(child.pid!) : [child.pid!]) sendTo(pid, "SIGTERM");
  await ended;
});
