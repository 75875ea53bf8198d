/** A service with a service manager. It is ready on SIGUSR1; a reload lasts until SIGRTMIN+1, a drain the seconds of
 * the first argument; SIGUSR2 makes its health check fail, SIGRTMIN blocks its event loop. With `extend` it asks for
 * more time when its end begins. */
import { setTimeout as delay } from "node:timers/promises";
import * as signal from "../../../mod.ts";

const [drain, extend] = process.argv.slice(2);
let healthy = true;
let reloads = 0;

const end = signal.shutdown({ deadline: 60, exit: 0 });
end.defer("the drain", async () => {
  console.log("draining");
  if (extend) end.extend(Number(drain) + 5);
  await delay(Number(drain) * 1000);
  console.log("drained");
});
signal.reload(async () => {
  console.log(`reload ${++reloads} begins`);
  await signal.once("SIGRTMIN+1");
  console.log(`reload ${reloads} ends`);
});
signal.watchdog(() => healthy);
signal.on("SIGUSR2", () => {
  healthy = false;
});
signal.on("SIGRTMIN", () => {
  console.log("hangs");
  for (;;);
});
signal.on("SIGUSR1", () => console.log(`ready ${signal.notify({ READY: 1, STATUS: "listening" })}`));
setInterval(() => {}, 2 ** 30);
console.log(`started ${process.pid}`);
