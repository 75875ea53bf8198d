/** Counts SIGUSR2 through the runtime's own listener, while the event loop is blocked and after. */
import process from "node:process";

let count = 0;
const add = () => void count++;
if ("Deno" in globalThis) Deno.addSignalListener("SIGUSR2", add);
else process.on("SIGUSR2", add);
setTimeout(() => {
  console.log("busy");
  for (const end = performance.now() + 600; performance.now() < end;);
  setTimeout(() => console.log(`count ${count}`), 500);
}, 800);
