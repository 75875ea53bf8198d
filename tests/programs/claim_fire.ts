/** Begins to listen to SIGUSR2 once told to, and ends once told to. */
import process from "node:process";
import * as signal from "../../mod.ts";

process.stdin.once("data", () => {
  void signal.once("SIGUSR2").then(() => console.log("heard"));
  process.stdin.once("data", () => process.exit(0));
});
console.log("ready");
