/** Answers each SIGUSR1 through this module: `signal()` and `kill()`. */
import process from "node:process";
import * as signal from "../../mod.ts";

const peer = Number(process.argv[2]);
signal.signal("SIGUSR1", () => signal.kill(peer, signal.SIGUSR2));
setInterval(() => {}, 2 ** 30);
console.log("ready");
