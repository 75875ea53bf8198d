/** A first listener, by the runtime's own means. */
"Deno" in globalThis ? Deno.addSignalListener("SIGUSR1", () => {}) : process.on("SIGUSR1", () => {});
