/** The arguments that forward() refuses, without listening or sending. Prints the errors as JSON. */
import { spawn } from "node:child_process";
import process from "node:process";
import * as signal from "../../../mod.ts";

const child = spawn("sleep", ["1000"], { stdio: "ignore" });
const ended = spawn("true", { stdio: "ignore" });
await new Promise((resolve) => ended.on("exit", resolve));

const attempt = (...args: unknown[]): string => {
  try {
    signal.forward(...args as [never]);
    return "nothing";
  } catch (error) {
    return String(error).replace(/\d{3,}/g, "N");
  }
};
const found = [
  ...[ended, { pid: ended.pid }, { pid: process.ppid }].map((child) => attempt(child)),
  ...[{ pid: -1 }, { pid: 0 }, { pid: 1 }, { pid: process.pid }, { pid: 1.5 }, {}].map((child) => attempt(child)),
  ...[child.pid, null, "1"].map((child) => attempt(child)),
  ...[[], "SIGKILL", "SIGFOO"].map((sigs) => attempt(child, sigs)),
];
const untouched = (["SIGTERM", "SIGINT", "SIGHUP"] as const).every((name) => signal.getsignal(name) === signal.SIG_DFL);
console.log(JSON.stringify({ found, untouched, end: await signal.stop(child) }));
