/** The C functions: prototype, meaning of each parameter, and how each one fails. Functions without a failure
 * convention cannot fail. `mask` is two halves, low and high, of a 64-bit word, bit n - 1 for signal n; structs are
 * buffers of the sizes in layout.ts. */
import type { Prototypes } from "./backend.ts";

/** Opened by name, at up to 0.2 ms each: the functions of the hottest paths, and the two that call the others. */
export const opened = {
  ps_pending: { args: [], result: "i32" /* records, or 1 */ },
  ps_drain: { args: ["buffer", /* ps_record[] */ "u32", /* at */ "u32" /* room */], result: "i32" /* records */ },
  ps_setitimer: {
    args: ["i32", /* which */ "buffer", /* struct itimerval new */ "buffer" /* old */],
    result: "i32",
  }, // -errno
  ps_call: { args: ["u32", "f64", "f64", "f64", "f64", "f64", "f64", "buffer", "buffer"], result: "f64" },
  ps_call_numbers: { args: ["u32", "f64", "f64", "f64"], result: "f64" },
} as const satisfies Prototypes;

/** Called by their index here; the arguments are the numbers in the order of the prototype, then the buffers.
 * native/build.ts generates both sides of the call: calls.ts, and the C. */
export const numbered = {
  ps_open: { args: ["u32", /* records */ "u32" /* bool by_pipe */], result: "i32" /* int fd */ }, // -errno
  ps_thread_id: { args: [], result: "i32" /* pid_t */ }, // -ENOSYS on macOS
  ps_is_beside_main: { args: [], result: "i32" /* bool: the program has a thread of its own */ },
  ps_getpid: { args: [], result: "i32" /* pid_t */ },
  ps_now_ms: { args: [], result: "f64" /* CLOCK_MONOTONIC, ms */ },
  ps_realtime_min: { args: [], result: "i32" /* int, 0 on macOS */ },

  ps_unfinished: { args: ["u32" /* bool */], result: "void" },
  ps_wait: { args: ["f64" /* ms, < 0 for ever */], result: "i32" /* 1 a record, 0 timeout */ }, // -errno, never EINTR
  ps_sleep: { args: ["f64" /* ms */], result: "i32" /* 0 */ }, // -errno, never EINTR

  ps_sigaction: { args: ["i32", /* sig */ "buffer", /* new */ "buffer" /* old */], result: "i32" }, // -errno
  ps_query: { args: ["i32", /* sig */ "buffer" /* old */], result: "i32" }, // -errno
  ps_install: {
    args: [
      "i32", /* sig */
      "i32", /* SA_ flags */
      "buffer", /* struct sigaction previous */
      "buffer", /* struct sigaction runtime */
      "u32", /* PS_CHAIN_ */
      "u32", /* bool check_siginfo */
    ],
    result: "i32",
  }, // -errno
  ps_wake_by: { args: ["i32", /* sig */ "buffer" /* struct sigaction */], result: "void" },
  ps_chain: { args: ["i32", /* sig */ "u32" /* PS_CHAIN_ */], result: "i32" /* bool: the chain before is in use */ },
  ps_owner: { args: ["buffer" /* struct sigaction */], result: "i32" /* PS_OWNER_ */ },
  ps_present_owner: { args: ["i32" /* sig */], result: "i32" /* PS_OWNER_ */ }, // -errno
  ps_confine: { args: ["i32" /* sig */], result: "void" },
  ps_confine_new_threads: { args: [], result: "void" },
  ps_confine_done: { args: ["i32" /* sig */], result: "i32" }, // -EAGAIN: a thread has not taken its request

  ps_hold: { args: ["u32", "u32" /* mask */], result: "void" },
  ps_unhold_one: { args: ["i32" /* sig */], result: "void" },
  ps_reported: { args: ["i32" /* sig */], result: "void" },
  ps_replay: { args: ["buffer" /* ps_record */], result: "void" },
  ps_requeue: { args: ["buffer" /* ps_record */], result: "i32" }, // -errno
  ps_sigmask: { args: ["i32", /* how */ "u32", "u32", /* mask */ "buffer" /* old mask, 8 bytes */], result: "i32" }, // -errno
  ps_sigpending: { args: ["buffer" /* mask, 8 bytes */], result: "i32" }, // -errno

  ps_alarm: { args: ["u32" /* seconds */], result: "u32" /* seconds left */ },
  ps_getitimer: { args: ["i32", /* which */ "buffer" /* struct itimerval */], result: "i32" }, // -errno

  ps_kill: { args: ["i32", /* pid */ "i32" /* sig */], result: "i32" /* handlers are due */ }, // -errno
  ps_killpg: { args: ["i32", /* pgid */ "i32" /* sig */], result: "i32" /* handlers are due */ }, // -errno
  ps_raise: { args: ["i32" /* sig */], result: "i32" /* handlers are due */ }, // -errno
  ps_thread_kill: { args: ["i32", /* tid */ "i32" /* sig */], result: "i32" /* handlers are due */ }, // -errno, -ENOSYS on macOS
  ps_sigqueue: {
    args: ["i32", /* pid */ "i32", /* sig */ "i32" /* sival_int */],
    result: "i32", /* handlers are due */
  }, // -errno, -ENOSYS on macOS
  ps_pidfd_open: { args: ["i32" /* pid */], result: "i32" /* fd */ }, // -errno, -ENOSYS on macOS
  ps_pidfd_send_signal: { args: ["i32", /* pidfd */ "i32" /* sig */], result: "i32" /* handlers are due */ }, // -errno, -ENOSYS on macOS

  ps_is_nonblocking: { args: ["i32" /* fd */], result: "i32" /* bool */ }, // -errno
  ps_wakeup_fd: { args: ["i32" /* fd, -1 off */], result: "i32" /* the previous */ },
  ps_wakeup_failed: { args: [], result: "u32" /* bytes that did not fit */ },

  ps_end_arm: {
    args: [
      "u32",
      "u32", /* mask */
      "f64", /* deadline, ms; 0 none */
      "u32", /* bool force */
      "i32", /* the timer's signal */
      "buffer", /* sequence for the terminal, PS_RESET_BYTES */
      "u32", /* its length */
    ],
    result: "i32",
  }, // -errno
  ps_end_begin: { args: [], result: "void" },
  ps_end_first: { args: [], result: "i32" /* sig, 0 none */ },
  ps_end_taken: { args: [], result: "void" },
  ps_end_running: { args: ["buffer", /* name in UTF-8 */ "u32" /* bytes, 0 none */], result: "void" },
  ps_end_extend: { args: ["f64" /* ms to add */], result: "i32" }, // -errno
  ps_end_left: { args: [], result: "void" },
  ps_end_disarm: { args: [], result: "void" },
  ps_end_finish: { args: ["i32" /* sig, 0 by a status */], result: "void" },
  ps_end_others: { args: [], result: "i32" /* programs */ },
  ps_inherited_ignores: { args: ["buffer" /* mask, 8 bytes */], result: "void" },
  ps_die: { args: ["i32" /* sig */], result: "void" },

  ps_getenv: { args: ["buffer", /* name */ "buffer", /* value */ "u32" /* size */], result: "i32" /* bytes */ }, // -ENOENT
  ps_notify: { args: ["buffer", /* message */ "u32" /* size */], result: "i32" /* bool sent */ }, // -errno, never EINTR
  ps_child_state: { args: ["i32" /* pid */], result: "i32" /* CLD_, 0 while it runs */ }, // -errno
  ps_pidfd_ended: { args: ["i32" /* pidfd */], result: "i32" /* bool */ }, // -errno
  ps_close: { args: ["i32" /* fd */], result: "i32" }, // -errno
  ps_getpgid: { args: ["i32" /* pid */], result: "i32" /* pgid */ }, // -errno
  ps_getsid: { args: ["i32" /* pid */], result: "i32" /* session */ }, // -errno
  ps_group_runs: { args: ["i32" /* pgid */], result: "i32" /* bool */ }, // -errno
  ps_subreaper: { args: ["i32" /* bool */], result: "i32" /* bool before */ }, // -errno, -ENOSYS on macOS
  ps_zombies: { args: ["buffer", /* pid_t[] */ "u32" /* room */], result: "i32" /* count */ }, // -errno, -ENOSYS on macOS
  ps_reap: { args: ["buffer", /* pid_t[], changed */ "u32" /* count */], result: "i32" /* reaped */ }, // -errno

  ps_leave: { args: [], result: "void" },
  ps_build: { args: [], result: "u32" /* of the sources */ },
  ps_read_status: { args: ["i32", /* pid */ "buffer", /* text */ "u32" /* size */], result: "i32" /* bytes */ }, // -errno, -ENOSYS on macOS
  ps_stats: { args: ["i32", /* sig */ "buffer" /* uint64_t[4] */], result: "void" },
} as const satisfies Prototypes;
