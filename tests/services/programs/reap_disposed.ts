/** Orphans are reparented to this process until the last of two reapers is disposed. Prints their parents. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import * as signal from "../../../mod.ts";

/** The parent of an orphan. */
function parentOfOrphan(): number {
  const pid = execFileSync("sh", ["-c", "sleep 1 >&- & echo $!"], { encoding: "utf8" }).trim();
  return Number(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ")[1]);
}

const first = signal.reap({ subreaper: true });
{
  using _second = signal.reap({ subreaper: true });
}
const during = parentOfOrphan();
first[Symbol.dispose]();
const whose = (pid: number) => pid === process.pid ? "this process" : "another";
console.log(`reaped by ${whose(during)}, then by ${whose(parentOfOrphan())}`);
