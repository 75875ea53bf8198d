/** Counts SIGUSR2 through `signal()`, while the event loop is blocked and after. */
import * as signal from "../../mod.ts";

let count = 0;
signal.signal("SIGUSR2", () => void count++);
setTimeout(() => {
  console.log("busy");
  for (const end = performance.now() + 600; performance.now() < end;);
  setTimeout(() => console.log(`count ${count}`), 500);
}, 800);
