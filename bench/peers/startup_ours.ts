/** The same with this module and a first handler. */
import process from "node:process";
import { signal } from "../../mod.ts";

signal("SIGUSR1", () => {});
if (process.argv[2] === "stay") setInterval(() => {}, 2 ** 30);
