/** A program: writes the native part to a file, for `open({ library })`.
 *
 * ```sh
 * deno run --allow-write=. jsr:@posix/signal/save          # ./libsignal.so
 * bun node_modules/@posix/signal/ffi/save.ts lib/libsignal.so
 * ```
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
