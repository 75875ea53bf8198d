/** A program stuck for good after shutdown(): no JavaScript runs any more. Arguments: the way of being stuck, and the
 * options of shutdown() as JSON. */
import { execFileSync } from "node:child_process";
import * as signal from "../../mod.ts";
import { libc } from "./posix_libc.ts";

const { pause, pipe, read } = libc({
  pause: { args: [], result: "i32" },
  pipe: { args: ["buffer"], result: "i32" },
  read: { args: ["i32", "buffer", "u32"], result: "i32" },
});

const ways: Record<string, () => void> = {
  "a busy loop"() {
    for (;;);
  },
  "a native call that every signal interrupts"() {
    for (;;) pause();
  },
  "a native call that goes on after a signal"() {
    const ends = new Int32Array(2);
    pipe(new Uint8Array(ends.buffer));
    read(ends[0], new Uint8Array(1), 1);
    console.log("read() returned");
  },
  "Atomics.wait"() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    console.log("Atomics.wait returned");
  },
  // It reads our standard input, so that it ends with the test. Ctrl+C ends it earlier.
  "a synchronous child process"() {
    for (;;) {
      try {
        execFileSync("cat", { stdio: ["inherit", "ignore", "ignore"] });
      } catch {
        // ended by a signal
      }
    }
  },
  "a section that holds everything back"() {
    signal.hold(signal.validSignals(), () => {
      for (;;);
    });
  },
  "a deferred function that never ends"() {
    setInterval(() => {}, 1000);
  },
};

const [way, options = "{}"] = process.argv.slice(2);
const end = signal.shutdown(JSON.parse(options));
end.defer("for ever", () => new Promise(() => {}));
console.log(`ready ${process.pid}`);
ways[way]();
