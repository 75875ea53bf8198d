/** What a process does with its signals, as a table.
 *
 *     deno task inspect PID
 *     bun run inspect PID
 *
 * Without PID: this program itself, where it is also known who catches a signal. Signals that take their
 * default action, neither blocked nor pending, are left out unless --all is given. Linux.
 */
import * as signal from "../mod.ts";

const USAGE = "usage: inspect [PID] [--all]";

interface Arguments {
  pid?: number;
  all: boolean;
}

function readArguments(words: string[]): Arguments {
  const all = words.includes("--all");
  const [pid, ...rest] = words.filter((word) => word !== "--all");
  if (rest.length > 0 || (pid !== undefined && !/^[0-9]+$/.test(pid))) throw new RangeError(USAGE);
  return { pid: pid === undefined ? undefined : Number(pid), all };
}

const isNoteworthy = ({ action, blocked, pending }: signal.SignalState): boolean =>
  action !== "default" || blocked || pending;

/** Columns as wide as their widest word; a column without a word is left out. */
function table(head: string[], rows: string[][]): string {
  const columns = head
    .map((title, i) => ({ i, width: Math.max(title.length, ...rows.map((row) => row[i].length)) }))
    .filter(({ i }) => rows.some((row) => row[i] !== ""));
  const line = (row: string[]) => columns.map(({ i, width }) => row[i].padEnd(width)).join("  ").trimEnd();
  const rule = columns.map(({ width }) => "-".repeat(width)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function show({ pid, all }: Arguments): void {
  const { pid: inspected, program, signals } = signal.inspect(pid);
  const shown = signals.filter((state) => all || isNoteworthy(state));
  console.log(`process ${inspected} (${program})\n`);
  if (shown.length > 0) {
    const rows = shown.map(({ signum, name, action, blocked, pending, owner = "" }) => [
      String(signum).padStart(2),
      name,
      action,
      blocked ? "blocked" : "",
      pending ? "pending" : "",
      owner,
    ]);
    console.log(table(["no", "signal", "action", "blocked", "pending", "by"], rows));
  }
  const hidden = signals.length - shown.length;
  if (hidden > 0) console.log(`${shown.length > 0 ? "\n" : ""}${hidden} others: the default action (--all shows them)`);
}

try {
  show(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
