/** This module as it is published, of which nothing is called, beside a first listener of the runtime's own. */
import "@posix/signal";

"Deno" in globalThis ? Deno.addSignalListener("SIGUSR1", () => {}) : process.on("SIGUSR1", () => {});
