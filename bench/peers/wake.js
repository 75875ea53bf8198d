/** The quickest way of each runtime by which a handler in C (bench/c/bare.c) can wake its event loop. */
import process from "node:process";
import { openLibrary } from "./library.js";

const SIGUSR1 = 10, SIGURG = 23;
const one = { args: ["i32"], result: "i32" };
const two = { args: ["i32", "i32"], result: "i32" };

/** Calls `wakened` after each SIGUSR1, or several.
 *
 * @type {(library: string, wakened: () => void) => Promise<(pid: number, signum: number) => number>}
 * @returns kill(2) */
export async function wake(library, wakened) {
  const functions = { bare_byte: one, bare_carrier: two, bare_kill: two };
  const { bare_byte, bare_carrier, bare_kill } = openLibrary(library, functions);
  if ("Bun" in globalThis) {
    process.on("SIGURG", wakened);
    bare_carrier(SIGUSR1, SIGURG);
  } else {
    // Deno installs its own half a second after the start, unless it has been asked before.
    Deno.addSignalListener("SIGUSR1", wakened);
    Deno.removeSignalListener("SIGUSR1", wakened);
    const { Socket } = await import("node:net");
    new Socket({ fd: bare_byte(SIGUSR1), readable: true, writable: false }).on("data", wakened);
  }
  return bare_kill;
}
