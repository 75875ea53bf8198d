/** Answers each SIGUSR1 that a C handler (bare.so) only wakes the event loop for: the quickest way of each runtime. */
import process from "node:process";
import { wake } from "./wake.js";

const [library, peer] = process.argv.slice(2);
const SIGUSR2 = 12;
const pid = Number(peer);
const kill = await wake(library, () => kill(pid, SIGUSR2));
setInterval(() => {}, 2 ** 30);
console.log("ready");
