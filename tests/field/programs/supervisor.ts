/** A supervisor written with this module: as part of its own end it ends its child, and waits for it. Arguments: the
 * child's command. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: "inherit" });
const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
const end = signal.shutdown({ signals: ["SIGTERM", "SIGINT", "SIGHUP"] });
end.defer("the child", async () => {
  child.kill("SIGTERM");
  await ended;
});
