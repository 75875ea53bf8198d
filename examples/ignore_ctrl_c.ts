/** Ctrl+C ignored; SIGTERM still ends the program, since its action is unchanged.
 *
 * deno run --allow-ffi examples/ignore_ctrl_c.ts
 * bun examples/ignore_ctrl_c.ts */
import process from "node:process";
import * as signal from "../mod.ts";

signal.signal(signal.SIGINT, signal.SIG_IGN);

console.log(`Ctrl+C does nothing here. Stop it with: kill ${process.pid}`);
while (true) {
  signal.sleep(60);
}
