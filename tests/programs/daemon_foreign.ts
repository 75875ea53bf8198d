/** tests/support/c/foreign.c, loaded into the program under test; an argument is its path. */
import type { Functions } from "../../ffi/backend.ts";
import { load } from "./posix_libc.ts";

const prototypes = {
  foreign_install: { args: ["i32", "i32", "u32"], result: "i32" },
  foreign_calls: { args: [], result: "i32" },
  foreign_sender: { args: [], result: "i32" },
  foreign_code: { args: [], result: "i32" },
  foreign_action: { args: ["i32", "buffer"], result: "i32" },
  foreign_reinstall: { args: ["i32"], result: "i32" },
  foreign_kill: { args: ["i32"], result: "i32" },
  foreign_queue: { args: ["i32", "u32"], result: "i32" },
  foreign_answer: { args: [], result: "i32" },
  foreign_send: { args: ["i32", "i32"], result: "i32" },
  foreign_answered: { args: [], result: "i32" },
  foreign_has_sent: { args: [], result: "i32" },
  foreign_threads: { args: [], result: "i32" },
  foreign_end_threads: { args: [], result: "i32" },
  foreign_socket: { args: [], result: "i32" },
  foreign_fork: { args: ["i32"], result: "i32" },
  foreign_forked: { args: [], result: "i32" },
} as const;

export type Foreign = Functions<typeof prototypes>;

export function loadForeign(path: string): Foreign {
  return load(path, prototypes);
}

/** Every byte of the kernel's action for a signal: handler, flags, mask. */
export function actionOf(foreign: Foreign, signum: number): string {
  const bytes = new Uint8Array(24);
  foreign.foreign_action(signum, bytes);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
