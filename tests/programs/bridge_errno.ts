/** errno around a handler whose own system call fails: a wake-up descriptor that is closed meanwhile makes each
 * write(2) in the C handler fail with EBADF. */
import { statSync } from "node:fs";
import type { Prototypes } from "../../ffi/backend.ts";
import * as signal from "../../mod.ts";
import { loader } from "./posix_backend.ts";

const libc = loader.libc(
  {
    pipe2: { args: ["buffer", /* int[2] */ "i32" /* flags */], result: "i32" },
    close: { args: ["i32" /* fd */], result: "i32" },
    chdir: { args: ["buffer" /* path */], result: "i32" },
    raise: { args: ["i32" /* sig */], result: "i32" },
    perror: { args: ["buffer" /* text */], result: "void" },
  } as const satisfies Prototypes,
);
const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${value}\0`);
const O_NONBLOCK = 2048;

const ends = new Int32Array(2);
libc.pipe2(new Uint8Array(ends.buffer), O_NONBLOCK);
signal.setWakeupFd(ends[1], { warnOnFullBuffer: false });
for (const fd of ends) libc.close(fd);

let handled = 0;
signal.signal("SIGUSR2", () => void handled++);
signal.signal("SIGALRM", () => void handled++);

/** errno as libc reports it after the handler ran between two of its calls. */
function inLibc(): void {
  const [nowhere, label] = [text("/nowhere"), text("errno")];
  for (let i = 0; i < 100; i++) {
    libc.chdir(nowhere);
    libc.raise(signal.SIGUSR2);
    libc.perror(label);
  }
  console.log(signal.check(), handled);
}

/** Error codes that the runtime reports under a thousand signals a second. */
function inRuntime(): void {
  const codes = new Set<unknown>();
  signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001);
  while (handled < 300) {
    try {
      statSync("/nowhere");
      codes.add("found");
    } catch (error) {
      codes.add((error as { code?: string }).code);
    }
    signal.check();
  }
  signal.setitimer(signal.ITIMER_REAL, 0);
  console.log([...codes].join());
}

process.argv[2] === "libc" ? inLibc() : inRuntime();
