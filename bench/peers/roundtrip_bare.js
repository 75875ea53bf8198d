/** Answers each SIGUSR1, of which a handler in C tells by nothing but a wake-up (bare.so): the quickest of each
 * runtime. */
import process from "node:process";
import { openLibrary } from "./library.js";

const [library, peer] = process.argv.slice(2);
const SIGUSR1 = 10, SIGUSR2 = 12, SIGURG = 23;
const one = { args: ["i32"], result: "i32" };
const two = { args: ["i32", "i32"], result: "i32" };
const { bare_byte, bare_carrier, bare_kill } = openLibrary(library, {
  bare_byte: one,
  bare_carrier: two,
  bare_kill: two,
});
const pid = Number(peer);
const answer = () => bare_kill(pid, SIGUSR2);

if ("Bun" in globalThis) {
  process.on("SIGURG", answer);
  bare_carrier(SIGUSR1, SIGURG);
} else {
  // Deno installs its own half a second after the start, unless it has been asked before.
  Deno.addSignalListener("SIGUSR1", answer);
  Deno.removeSignalListener("SIGUSR1", answer);
  const { Socket } = await import("node:net");
  new Socket({ fd: bare_byte(SIGUSR1), readable: true, writable: false }).on("data", answer);
}
setInterval(() => {}, 2 ** 30);
console.log("ready");
