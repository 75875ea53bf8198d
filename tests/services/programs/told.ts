/** Prints each signal with its cause and its value; with a file as argument, writes it there. It listens to the signals
 * that `forward` passes on, and goes on until SIGKILL. */
import { appendFileSync } from "node:fs";
import process from "node:process";
import * as signal from "../../../mod.ts";

const [file] = process.argv.slice(2);
const say = (line: string) => file ? appendFileSync(file, `${line}\n`) : console.log(line);
const names = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGWINCH",
  "SIGTSTP",
  "SIGCONT",
] as const;
signal.on(
  [...names, "SIGRTMIN"],
  (_signum, info) => say(`got ${info.name} ${"value" in info ? info.value : info.codeName}`),
);
setInterval(() => {}, 2 ** 30);
say("ready");
