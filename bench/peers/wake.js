/** The quickest way in each runtime for a C handler (bench/c/bare.c) to wake the event loop. */
import process from "node:process";
import { openLibrary } from "./library.js";

const SIGUSR1 = 10, SIGURG = 23;
const one = { args: ["i32"], result: "i32" };
const two = { args: ["i32", "i32"], result: "i32" };

/** Calls `wakened` after one or several SIGUSR1.
 *
 * @type {(library: string, wakened: () => void) => Promise<(pid: number, signum: number) => number>}
 * @returns kill(2) */
export async function wake(library, wakened) {
  const functions = { bare_byte: one, bare_by_handler: two, bare_kill: two };
  const { bare_byte, bare_by_handler, bare_kill } = openLibrary(library, functions);
  if ("Bun" in globalThis) {
    process.on("SIGURG", wakened);
    bare_by_handler(SIGUSR1, SIGURG);
  } else {
    // Deno installs its own half a second after the start, unless something listened before.
    Deno.addSignalListener("SIGUSR1", wakened);
    Deno.removeSignalListener("SIGUSR1", wakened);
    const { Socket } = await import("node:net");
    new Socket({ fd: bare_byte(SIGUSR1), readable: true, writable: false }).on("data", wakened);
  }
  return bare_kill;
}
