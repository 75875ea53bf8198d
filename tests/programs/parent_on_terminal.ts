/** The parent of a program on the same terminal: survives its Ctrl+C as a shell does, and tells the wait
 * status. Arguments: the program's words. */
import { spawn } from "node:child_process";
import process from "node:process";

const [program, ...args] = process.argv.slice(2);
process.on("SIGINT", () => {});
spawn(program, args, { stdio: "inherit" }).on("exit", (code, signal) => {
  console.log(signal ? `killed by ${signal}` : `exited with ${code}`);
  process.exit(0);
});
