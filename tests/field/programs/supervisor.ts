/** A supervisor written with this module: as part of its own end it ends its child, and waits for it. Arguments: the
 * child's command; before it may stand `after=MS`, how long its other work takes first. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const words = process.argv.slice(2);
const afterMs = words[0].startsWith("after=") ? Number(words.shift()!.slice("after=".length)) : 0;
const child = spawn(words[0], words.slice(1), { stdio: "inherit" });
const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
const end = signal.shutdown({ signals: ["SIGTERM", "SIGINT", "SIGHUP"] });
end.defer("the child", async () => {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGTERM");
  await ended;
});
