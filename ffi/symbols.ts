/** The C functions of native/calls.c: prototype, and how each one fails. Those without a failure
 * convention cannot fail. `mask` is two halves, low and high, of a 64-bit word, bit n - 1 for
 * signal n; structs are buffers of the size that layout.ts gives. */
import type { Prototypes } from "./backend.ts";

export const symbols = {
  ps_open: { args: ["u32", /* records */ "u32" /* bool by_pipe */], result: "i32" /* int fd */ }, // -errno
  ps_thread_id: { args: [], result: "i32" /* pid_t */ }, // -ENOSYS on macOS
  ps_getpid: { args: [], result: "i32" /* pid_t */ },
  ps_now_ms: { args: [], result: "f64" /* CLOCK_MONOTONIC, ms */ },
  ps_realtime_min: { args: [], result: "i32" /* int, 0 on macOS */ },
  ps_realtime_max: { args: [], result: "i32" /* int, 0 on macOS */ },

  ps_pending: { args: [], result: "i32" /* bool */ },
  ps_drain: { args: ["buffer", /* ps_record[] */ "u32", /* at */ "u32" /* room */], result: "i32" /* records */ },
  ps_queue_open: { args: [], result: "void" },
  ps_queue_turn: { args: ["u32" /* bool: a flood */], result: "void" },
  ps_unfinished: { args: ["u32" /* bool */], result: "void" },
  ps_wait: { args: ["f64" /* ms, < 0 for ever */], result: "i32" /* 1 a record, 0 timeout */ }, // -errno, never EINTR
  ps_sleep: { args: ["f64" /* ms */], result: "i32" /* 0 */ }, // -errno, never EINTR

  ps_sigaction: { args: ["i32", /* sig */ "buffer", /* new */ "buffer" /* old */], result: "i32" }, // -errno
  ps_query: { args: ["i32", /* sig */ "buffer" /* old */], result: "i32" }, // -errno
  ps_take: {
    args: [
      "i32", /* sig */
      "i32", /* SA_ flags */
      "buffer", /* struct sigaction before */
      "buffer", /* struct sigaction runtime */
      "u32", /* PS_CHAIN_ */
      "u32", /* bool verify */
    ],
    result: "i32",
  }, // -errno
  ps_carrier: { args: ["i32", /* sig */ "buffer" /* struct sigaction */], result: "void" },
  ps_chain: { args: ["i32", /* sig */ "u32" /* PS_CHAIN_ */], result: "void" },
  ps_owner: { args: ["buffer" /* struct sigaction */], result: "i32" /* PS_OWNER_ */ },
  ps_steer_done: { args: ["i32" /* sig */], result: "i32" }, // -EAGAIN: not all have seen it
  ps_steer: { args: ["i32" /* sig */], result: "i32" }, // -errno

  ps_hold: { args: ["u32", "u32" /* mask */], result: "void" },
  ps_unhold_one: { args: ["i32" /* sig */], result: "void" },
  ps_missed: { args: ["i32" /* sig */], result: "void" },
  ps_replay: { args: ["buffer" /* ps_record */], result: "void" },
  ps_requeue: { args: ["buffer" /* ps_record */], result: "i32" }, // -errno
  ps_sigmask: { args: ["i32", /* how */ "u32", "u32", /* mask */ "buffer" /* old mask, 8 bytes */], result: "i32" }, // -errno
  ps_sigpending: { args: ["buffer" /* mask, 8 bytes */], result: "i32" }, // -errno

  ps_alarm: { args: ["u32" /* seconds */], result: "u32" /* seconds left */ },
  ps_setitimer: {
    args: ["i32", /* which */ "buffer", /* struct itimerval new */ "buffer" /* old */],
    result: "i32",
  }, // -errno
  ps_getitimer: { args: ["i32", /* which */ "buffer" /* struct itimerval */], result: "i32" }, // -errno

  ps_kill: { args: ["i32", /* pid */ "i32" /* sig */], result: "i32" }, // -errno
  ps_killpg: { args: ["i32", /* pgid */ "i32" /* sig */], result: "i32" }, // -errno
  ps_raise: { args: ["i32" /* sig */], result: "i32" }, // -errno
  ps_thread_kill: { args: ["i32", /* tid */ "i32" /* sig */], result: "i32" }, // -errno, -ENOSYS on macOS
  ps_sigqueue: { args: ["i32", /* pid */ "i32", /* sig */ "i32" /* sival_int */], result: "i32" }, // -errno, -ENOSYS on macOS
  ps_pidfd_open: { args: ["i32" /* pid */], result: "i32" /* fd */ }, // -errno, -ENOSYS on macOS
  ps_pidfd_send_signal: { args: ["i32", /* pidfd */ "i32" /* sig */], result: "i32" }, // -errno, -ENOSYS on macOS

  ps_is_nonblocking: { args: ["i32" /* fd */], result: "i32" /* bool */ }, // -errno
  ps_wakeup_fd: { args: ["i32" /* fd, -1 off */], result: "i32" /* the last */ },
  ps_wakeup_failed: { args: [], result: "u32" /* bytes that did not fit */ },

  ps_end_arm: {
    args: [
      "u32",
      "u32", /* mask */
      "f64", /* deadline, ms; 0 none */
      "u32", /* bool force */
      "i32", /* the timer's signal */
      "buffer", /* what the terminal gets, PS_RESET_BYTES */
      "u32", /* of which so many count */
    ],
    result: "i32",
  }, // -errno
  ps_end_begin: { args: [], result: "void" },
  ps_end_first: { args: [], result: "i32" /* sig, 0 none */ },
  ps_end_running: { args: ["buffer", /* name in UTF-8 */ "u32" /* bytes, 0 none */], result: "void" },
  ps_end_extend: { args: ["f64" /* ms to add */], result: "i32" }, // -errno
  ps_end_left: { args: [], result: "void" },
  ps_end_disarm: { args: [], result: "void" },
  ps_end_finish: { args: ["i32" /* sig, 0 by a status */], result: "void" },
  ps_end_others: { args: [], result: "i32" /* programs */ },
  ps_inherited_ignores: { args: ["buffer" /* mask, 8 bytes */], result: "void" },
  ps_die: { args: ["i32" /* sig */], result: "void" },

  ps_leave: { args: [], result: "void" },
  ps_build: { args: [], result: "u32" /* of the sources */ },
  ps_read_status: { args: ["i32", /* pid */ "buffer", /* text */ "u32" /* size */], result: "i32" /* bytes */ }, // -errno, -ENOSYS on macOS
  ps_stats: { args: ["i32", /* sig */ "buffer" /* uint64_t[3] */], result: "void" },
} as const satisfies Prototypes;

/** What every program with a handler calls: as it opens, installs that, has a first signal, and ends. */
export const first: readonly (keyof typeof symbols)[] = [
  "ps_open",
  "ps_now_ms",
  "ps_query",
  "ps_owner",
  "ps_sigaction",
  "ps_take",
  "ps_pending",
  "ps_drain",
  "ps_leave",
];
