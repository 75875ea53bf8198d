/** Prints the C functions of each library that Deno opens, until the first signal has been handled and the program
 * ends. */
import * as signal from "../../mod.ts";

// deno-lint-ignore no-explicit-any
const { Deno } = globalThis as any;
const { dlopen } = Deno;
const opened: string[][] = [];
Deno.dlopen = (path: string, functions: object) => {
  opened.push(Object.keys(functions));
  return dlopen(path, functions);
};

signal.signal("SIGUSR1", () => {});
Deno.kill(Deno.pid, "SIGUSR1");
signal.check();
addEventListener("unload", () => console.log(JSON.stringify(opened)));
