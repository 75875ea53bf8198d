/** The parent of a program on the same terminal: survives its Ctrl+C as a shell does, and prints the wait status. On
 * SIGUSR1 it forwards SIGINT twice, as `deno task` does with one. Arguments: the program's words. */
import { spawn } from "node:child_process";
import process from "node:process";

const [program, ...args] = process.argv.slice(2);
process.on("SIGINT", () => {});
const child = spawn(program, args, { stdio: "inherit" });
process.on("SIGUSR1", () => {
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGINT"), 5); // otherwise the kernel would merge them
});
child.on("exit", (code, signal) => {
  console.log(signal ? `killed by ${signal}` : `exited with ${code}`);
  process.exit(0);
});
