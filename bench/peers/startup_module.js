/** A first listener, by the runtime's own means, in a program of two modules. */
import "./startup_empty.js";

"Deno" in globalThis ? Deno.addSignalListener("SIGUSR1", () => {}) : process.on("SIGUSR1", () => {});
