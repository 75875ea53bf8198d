/** The first Ctrl+C is handled and restores the default, so that the second one ends the program, killed
 * by SIGINT as its parent sees.
 *
 * deno run --allow-ffi examples/second_ctrl_c_kills.ts
 * bun examples/second_ctrl_c_kills.ts */
import * as signal from "../mod.ts";

signal.signal(signal.SIGINT, () => {
  signal.signal(signal.SIGINT, signal.SIG_DFL);
  console.log("Press Ctrl+C again to quit");
});

console.log("Press Ctrl+C");
while (true) {
  signal.sleep(60);
}
