/** A small program that needs every part of the module: a signal that it sends itself, and one from outside that the
 * event loop delivers. It uses nothing else of a runtime: without /proc Deno terminates at the first use of `process`. */
import * as signal from "../../mod.ts";

signal.signal("SIGUSR2", (_signum, info) => console.log(`${info.name} ${info.codeName}`));
signal.raise("SIGUSR2");
const work = setInterval(() => {}, 1000);
signal.on("SIGUSR1", (_signum, info) => {
  console.log(`${info.name} ${info.codeName} ${info.pid! > 0}`);
  clearInterval(work);
});
console.log("ready");
