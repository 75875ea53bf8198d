/** Loads the native part from the file in the first argument, then acts as ship.ts. */
import process from "node:process";
import * as signal from "../../mod.ts";

try {
  signal.open({ library: process.argv[2] });
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
await import("./ship.ts");
