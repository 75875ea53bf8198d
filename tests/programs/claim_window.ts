/** A signal at the worst moment: the runtime has installed its handler for a listener of this module's own, and ours is
 * not installed yet. Prints which handler received it. */
import process from "node:process";
import type * as Module from "../../mod.ts";

type Install = (name: string, listener: () => void) => unknown;
const { Deno } = globalThis as unknown as { Deno?: { addSignalListener: Install } };
const [, , who] = process.argv;
const NAME = who === "left" ? "SIGUSR2" : who === "interrupt" ? "SIGINT" : "SIGWINCH";

let sent = false;
function sendIn(install: Install): Install {
  return function (this: unknown, name, listener) {
    const result = install.call(this, name, listener);
    if (name === NAME && listener !== theirs && !sent) {
      sent = true;
      process.kill(process.pid, name);
    }
    return result;
  };
}

const theirs = () => console.log("theirs");
if (who === "before") process.on(NAME, theirs);
if (Deno) Deno.addSignalListener = sendIn(Deno.addSignalListener) as Install;
else process.on = sendIn(process.on.bind(process) as Install) as typeof process.on;
const signal: typeof Module = await import("../../mod.ts");
const listener = signal.on(NAME, (_signum, info) => {
  console.log("ours", info.name, info.codeName);
});
if (who === "left") listener.off();
if (who === "after") process.on(NAME, theirs);
console.log(sent ? "sent" : "never sent");
setTimeout(() => {
  console.log("caught", signal.stats(NAME).caught);
  process.exit(0);
}, 300);
