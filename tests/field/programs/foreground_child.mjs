/** Runs a command with the package `foreground-child`, as npx, nyc and tap do. */
import process from "node:process";
import { foregroundChild } from "foreground-child";

const [program, ...args] = process.argv.slice(2);
foregroundChild(program, args);
