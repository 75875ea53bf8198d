/** Exit listeners after a graceful end. Arguments: the act of one of them, and the options of shutdown() as JSON. */
import process from "node:process";
import * as signal from "../../mod.ts";

const [what, options = "{}"] = process.argv.slice(2);
const say = (text: string): void => console.log(text);

const hooks: Record<string, () => void> = {
  nothing() {},
  throws() {
    throw new Error("on purpose");
  },
  exits: () => process.exit(9),
  loops() {
    for (;;);
  },
};

const end = signal.shutdown(JSON.parse(options));
end.defer("the work", () => say("deferred"));
if (what === "exits in the end") end.defer("exit", () => process.exit(7));
process.on("exit", (code) => {
  say(`first ${code} ${process.exitCode}`);
  hooks[what]?.();
});
process.on("exit", (code) => say(`last ${code}`));
setInterval(() => {}, 1000);
process.kill(process.pid, "SIGTERM");
