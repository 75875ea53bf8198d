/** Answers each SIGUSR1 as roundtrip_bare.js does, with a SigInfo for the handler (told.so), but without a queue,
 * masks, or checks of arguments. */
import process from "node:process";
import { openLibrary } from "./library.js";
import { wake } from "./wake.js";

const [library, peer] = process.argv.slice(2);
const SIGUSR2 = 12;
const pid = Number(peer);
const { bare_take } = openLibrary(library, {
  bare_take: { args: ["Bun" in globalThis ? "ptr" : "buffer", "i32"], result: "i32" },
});
const names = { 10: "SIGUSR1" };
const codeNames = new Map([[0, "SI_USER"]]);
const ROOM = 256, WORDS = 6;
const records = new Int32Array(ROOM * WORDS);
let sequence = 0;
let newest;

function handler(_signum, info) {
  newest = info;
  kill(pid, SIGUSR2);
}

const kill = await wake(library, () => {
  const count = bare_take(records, ROOM);
  for (let i = 0; i < count; i++) {
    const at = i * WORDS;
    const signum = records[at];
    const code = records[at + 1];
    handler(signum, {
      signum,
      name: names[signum],
      code,
      codeName: codeNames.get(code),
      time: records[at + 4] * 1e3 + records[at + 5] / 1e6,
      sequence: ++sequence,
      pid: records[at + 2],
      uid: records[at + 3] >>> 0,
    });
  }
});
setInterval(() => {}, 2 ** 30);
console.log("ready");
process.on("exit", () => console.log(newest)); // so that no compiler removes it
