/** The signal state of a process, as a table.
 *
 *     deno task inspect PID
 *     bun run inspect PID
 *
 * Without PID: this program itself, with the owners of its handlers. Signals that take their default action, neither
 * blocked nor pending, are left out unless --all is given. Linux.
 */
import * as signal from "../mod.ts";

const USAGE = "usage: inspect [PID] [--all]";

const words = process.argv.slice(2);
const all = words.includes("--all");
const [pid, ...rest] = words.filter((word) => word !== "--all");

try {
  if (rest.length > 0 || (pid !== undefined && !/^[0-9]+$/.test(pid))) throw new RangeError(USAGE);
  const inspection = signal.inspect(pid === undefined ? undefined : Number(pid));
  console.log(inspection);
  if (all) console.table(inspection.signals);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
