/** The service manager's socket: sd_notify(3). */
import { native } from "./program.ts";
import { show } from "./arguments.ts";
import { checked } from "./errors.ts";

/** The argument of `notify`: assignments by name, or text with one `KEY=VALUE` a line.
 *
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * const ready: signal.NotifyState = { READY: 1, STATUS: "listening on port 8080" };
 * console.log(signal.notify(ready)); // => false
 * ```
 * @see sd_notify(3), "Well-known assignments" */
export type NotifyState = string | Readonly<Record<string, string | number>>;

const ACTION = "notify the service manager";
/** systemd discards a longer message: NOTIFY_BUFFER_MAX, which is PIPE_BUF. */
const MAX_BYTES = 4096;

/** `sd_notify(3)`: reports the state of this service to the service manager, through the socket named in
 * `NOTIFY_SOCKET`: `READY=1`, `STATUS=...`, `MAINPID=...`. Without that variable, or if it is empty, there is no
 * manager.
 *
 * The message is queued at the manager when the call returns. The call blocks for at most 5 seconds if the manager does
 * not read. Under a task runner the unit needs `NotifyAccess=all`, since the runner is the main process.
 *
 * @param state Names are letters, digits and `_`; a value is one line of text or a whole number. At most 4096 bytes
 * in all.
 * @returns Whether it was sent to a manager.
 * @throws {PosixError} `EINVAL`, `ENAMETOOLONG`: NOTIFY_SOCKET is no address of a socket. `ENOENT`: that socket does
 * not exist. `ECONNREFUSED`, `EPROTOTYPE`: no process receives on it. `EAGAIN`: the manager did not read for 5 seconds.
 * @throws {RangeError} A malformed name or value, no assignment, or a message that is too long.
 * @throws {TypeError} `state` is neither text nor an object.
 * @example
 * ```ts
 * import * as signal from "@posix/signal";
 *
 * if (!signal.notify({ READY: 1, STATUS: "listening" })) console.log("started by hand"); // => started by hand
 * ```
 * @see sd_notify(3); systemd.service(5), Type=notify */
export function notify(state: NotifyState): boolean {
  return send(typeof state === "string" ? ofText(state) : ofObject(state));
}

/** `notify` for this module's own messages: an error is reported, and is not thrown. Without a manager it costs one
 * call of a C function. */
export function tellManager(message: string): void {
  try {
    send(new TextEncoder().encode(message));
  } catch (error) {
    console.error("Notify failed:", error);
  }
}

/** An environment variable, read in C: Deno's own function needs `--allow-env`. */
export function environment(name: string): string | undefined {
  const value = new Uint8Array(MAX_BYTES);
  const length = native().ps_getenv(new TextEncoder().encode(name + "\0"), value, value.length);
  return length < 0 ? undefined : new TextDecoder().decode(value.subarray(0, length));
}

function send(message: Uint8Array<ArrayBuffer>): boolean {
  const sent = native().ps_notify(message, message.length);
  return checked(sent, "sendto", (code) => {
    const given = `NOTIFY_SOCKET is ${show(environment("NOTIFY_SOCKET"))}`;
    if (code === "EAGAIN") return `the service manager does not read; ${given}`;
    return `${given}; it must be the path of a datagram socket that someone reads, or "@" and an abstract name`;
  }) === 1;
}

function ofObject(state: unknown): Uint8Array<ArrayBuffer> {
  if (typeof state !== "object" || state === null) {
    throw new TypeError(`Cannot ${ACTION}: 'state' must be text or an object such as { READY: 1 }, got ${show(state)}`);
  }
  return message(
    Object.entries(state).map(([key, value]) => {
      if (typeof value !== "string" && typeof value !== "number") {
        throw new TypeError(`Cannot ${ACTION}: '${key}' must be text or a whole number, got ${show(value)}`);
      }
      if (typeof value === "number" && !Number.isSafeInteger(value)) {
        throw new RangeError(`Cannot ${ACTION}: '${key}' must be text or a whole number, got ${show(value)}`);
      }
      if (/[\n\0]/.test(String(value))) {
        throw new RangeError(`Cannot ${ACTION}: '${key}' must be one line, got ${show(value)}`);
      }
      return [key, String(value)];
    }),
  );
}

function ofText(state: string): Uint8Array<ArrayBuffer> {
  if (state.includes("\0")) {
    throw new RangeError(`Cannot ${ACTION}: 'state' must have no zero byte, got ${show(state)}`);
  }
  return message(
    state.split("\n").filter((line) => line !== "").map((line) => {
      const at = line.indexOf("=");
      if (at < 0) throw new RangeError(`Cannot ${ACTION}: each line must be KEY=VALUE, got ${show(line)}`);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function message(assignments: string[][]): Uint8Array<ArrayBuffer> {
  const wrong = assignments.find(([key]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  if (wrong) {
    throw new RangeError(`Cannot ${ACTION}: a name must be of letters, digits and "_", got ${show(wrong[0])}`);
  }
  if (assignments.length === 0) throw new RangeError(`Cannot ${ACTION}: 'state' has no assignment such as READY=1`);
  const bytes = new TextEncoder().encode(assignments.map((words) => words.join("=")).join("\n"));
  if (bytes.length > MAX_BYTES) {
    throw new RangeError(`Cannot ${ACTION}: 'state' must be at most ${MAX_BYTES} bytes, got ${bytes.length}`);
  }
  return bytes;
}
