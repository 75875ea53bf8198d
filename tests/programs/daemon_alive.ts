/** Does waiting for SIGUSR1 keep the process alive? Nothing else here does. */
import * as signal from "../../mod.ts";

const got = ({ name }: signal.SigInfo): void => console.log(`got ${name}`);
const cases: Record<string, () => void> = {
  on() {
    signal.on("SIGUSR1", (_signum, info) => got(info)).ref().unref();
  },
  lastTurn() {
    signal.on("SIGUSR1", (_signum, info) => got(info));
    setTimeout(() => process.kill(process.pid, "SIGUSR1"), 10); // after which there is nothing to wait for
  },
  ref() {
    signal.on("SIGUSR1", (_signum, info) => got(info), { ref: true, once: true });
  },
  once() {
    signal.once("SIGUSR1").then(got);
  },
  events() {
    signal.events("SIGUSR1").next().then(({ value }) => got(value!));
  },
  idleEvents() {
    signal.events("SIGUSR1");
  },
};
cases[process.argv[2]]();
console.log("listening");
