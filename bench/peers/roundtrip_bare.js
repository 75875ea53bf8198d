/** Answers each SIGUSR1, of which a handler in C tells by nothing but a byte (bare.so). */
import process from "node:process";
import { openLibrary } from "./library.js";

const [library, peer] = process.argv.slice(2);
const SIGUSR1 = 10, SIGUSR2 = 12;
const isBun = "Bun" in globalThis;
const pair = { args: ["i32", "i32"], result: "i32" };
const { bare_open, bare_kill } = openLibrary(library, { bare_open: pair, bare_kill: pair });
const pid = Number(peer);
const answer = () => bare_kill(pid, SIGUSR2);

if (!isBun) { // Deno installs its own half a second after the start, unless it has been asked before
  Deno.addSignalListener("SIGUSR1", answer);
  Deno.removeSignalListener("SIGUSR1", answer);
}
const fd = bare_open(SIGUSR1, isBun ? 0 : 1);
if (isBun) await Bun.connect({ fd, socket: { data: answer } });
else {
  const { Socket } = await import("node:net");
  new Socket({ fd, readable: true, writable: false }).on("data", answer);
}
setInterval(() => {}, 2 ** 30);
console.log("ready");
