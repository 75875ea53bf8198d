/** A program: writes the native part to a file, for `open({ library })`, and prints where it is.
 *
 * ```sh
 * deno run --allow-write=. jsr:@posix/signal/save          # ./libsignal.so
 * bun node_modules/@posix/signal/dist/save.js lib/libsignal.so
 * ```
 *
 * Its argument is the path; the default is `./libsignal.so`, on macOS `./libsignal.dylib`. An existing file is
 * replaced; a program that runs with the old one keeps it. If it cannot write, it exits with status 1 and the system's
 * error (`EACCES`, `ENOENT`, `ENOSPC`).
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * signal.open({ library: "./libsignal.so" }); // Deno wants --allow-ffi=./libsignal.so and nothing else
 * signal.signal("SIGHUP", () => console.log("reload"));
 * signal.raise("SIGHUP"); // => reload
 * ```
 * @see dlopen(3); Deno, `--allow-ffi`
 *
 * @module */
import { unlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { libraryFile } from "./mod.ts";

const { name, bytes } = libraryFile();
const path = process.argv[2] ?? `./${name}`;
try {
  unlinkSync(path); // a new file, not the old one overwritten: a running program may have that mapped
} catch (error) {
  if ((error as { code?: string }).code !== "ENOENT") throw error;
}
writeFileSync(path, bytes, { flag: "wx", mode: 0o644 });
console.log(path);
