/** Answers each SIGUSR1, of which a handler in C tells by nothing but a wake-up (bare.so): the quickest of each
 * runtime. */
import process from "node:process";
import { wake } from "./wake.js";

const [library, peer] = process.argv.slice(2);
const SIGUSR2 = 12;
const pid = Number(peer);
const kill = await wake(library, () => kill(pid, SIGUSR2));
setInterval(() => {}, 2 ** 30);
console.log("ready");
