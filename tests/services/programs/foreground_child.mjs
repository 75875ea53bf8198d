/** The control of wrapper.ts: the package foreground-child, on Node, where it is at home. */
import process from "node:process";
import { foregroundChild } from "foreground-child";

console.log(`child ${foregroundChild(process.argv.slice(2)).pid}`);
