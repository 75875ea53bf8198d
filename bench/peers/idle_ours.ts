/** Handlers, listeners and a stream of an idle program. */
import * as signal from "../../mod.ts";

signal.signal("SIGHUP", () => {});
signal.signal("SIGUSR1", () => {});
signal.on(["SIGINT", "SIGTERM", "SIGUSR2"], () => {});
const stream = signal.events("SIGRTMIN");
void stream.next();
setInterval(() => {}, 2 ** 30);
