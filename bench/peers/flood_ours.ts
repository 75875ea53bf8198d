/** Counts numbered SIGRTMIN through `signal()` or `events()`, and those that are not the next in order. */
import process from "node:process";
import * as signal from "../../mod.ts";

const [way, count] = process.argv.slice(2);
const total = Number(count);
let got = 0;
let disordered = 0;

function receive({ value }: signal.SigInfo): void {
  if (value !== got) disordered++;
  got++;
  if (got === total) {
    console.log(`done ${got} ${disordered}`);
    process.exit(0);
  }
}

setInterval(() => {}, 2 ** 30);
if (way === "events") {
  const events = signal.events("SIGRTMIN", { capacity: total });
  console.log("ready");
  for await (const info of events) receive(info);
} else {
  signal.signal("SIGRTMIN", (_signum, info) => receive(info));
  console.log("ready");
}
