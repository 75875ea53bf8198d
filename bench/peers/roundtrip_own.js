/** Answers each SIGUSR1 through the runtime's own listener, by the cheapest kill(2) that the runtime
 * has: FFI in Deno and Bun, `process.kill` in Node. */
import process from "node:process";
import { openLibrary } from "./library.js";

const peer = Number(process.argv[2]);
const SIGUSR2 = 12;
const isNode = !("Deno" in globalThis || "Bun" in globalThis);
const { kill } = isNode ? process : openLibrary("libc.so.6", { kill: { args: ["i32", "i32"], result: "i32" } });
const answer = () => kill(peer, SIGUSR2);
if ("Deno" in globalThis) Deno.addSignalListener("SIGUSR1", answer);
else process.on("SIGUSR1", answer);
setInterval(() => {}, 2 ** 30);
console.log("ready");
