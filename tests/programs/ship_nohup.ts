/** Listens to SIGHUP for a while, between two reads of standard input. */
import process from "node:process";
import * as signal from "../../mod.ts";

const input = process.stdin[Symbol.asyncIterator]();
console.log("before");
await input.next();
const listener = signal.on("SIGHUP", (_signum, info) => {
  console.log(`${info.name} ${info.codeName}`);
  listener.off();
  console.log("after");
});
console.log("listening");
await input.next();
