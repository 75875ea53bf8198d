/* abi.h: what the C files share, and what TypeScript reads (layout.c exports the offsets). */
#ifndef PS_ABI_H
#define PS_ABI_H

#include "context.h"
#include "libc.h"
#include <stdatomic.h>

#ifndef PS_BUILD
#define PS_BUILD 0 /* build.ts: the head of the sources' SHA-256 */
#endif
#define PS_SLOTS 65     /* signals 1 to 64; macOS uses 1 to 31 */
#define PS_INFO_BYTES 48 /* the head of a siginfo_t that any cause fills */

/* A signal as it arrived. One cache line, so that two threads never write to the same one. */
struct ps_record {
  _Atomic uint32_t ready; /* set last by the handler, cleared by the reader */
  uint32_t flags;         /* PS_HELD ... */
  int32_t time_s;         /* CLOCK_MONOTONIC when the handler ran: seconds since the system began, */
  int32_t time_ns;        /* and nanoseconds */
  unsigned char info[PS_INFO_BYTES];
};

enum {
  PS_HELD = 1,    /* held back by the process-wide mask when it came */
  PS_NO_INFO = 2, /* the kernel filled no siginfo: only the number is known */
  PS_CHAINED = 4, /* another handler has had it as it came */
};

enum {
  PS_CHAIN_RUNTIME = 1,
  PS_CHAIN_FOREIGN = 2,
  PS_TOLD = 4, /* the runtime told of the signal: JavaScript runs, and begins the end itself */
};

/* Who owns a disposition: ps_owner(). */
enum { PS_OWNER_DEFAULT, PS_OWNER_IGNORED, PS_OWNER_SELF, PS_OWNER_PROGRAM, PS_OWNER_OTHER };

typedef void ps_action(int sig, siginfo_t *info, void *context);

/* What is known of one signal. Written by JavaScript's thread, read by handlers. */
struct ps_slot {
  _Atomic uint64_t caught; /* deliveries by the kernel */
  _Atomic uint64_t merged; /* held standard signals that found one of theirs already waiting */
  _Atomic uint64_t lost;   /* no room in the ring */
  _Atomic(ps_action *) runtime; /* the JavaScript runtime's handler */
  _Atomic(ps_action *) foreign; /* another library's, from before ours */
  _Atomic uint32_t chain;       /* which of the two run after ours: PS_CHAIN_ */
  _Atomic uint32_t verify;      /* someone here re-installs handlers without SA_SIGINFO */
  struct sigaction ours;        /* as installed, for the repair */
  struct sigaction before;      /* as found, for faults */
};

enum {
  PS_RESET_BYTES = 255, /* of shutdown()'s resetTerminal */
  PS_NAME_BYTES = 128,  /* of a deferred function's name, its end included */
};

/* Which deferred function runs. PS_LEFT: the program has left. PS_RUNNING and PS_RUNNING + 1 say in which half of `names` its name is. */
enum { PS_NONE_RAN, PS_ALL_RAN, PS_LEFT, PS_RUNNING };

/* The graceful end that shutdown() armed. */
struct ps_end {
  _Atomic uint64_t signals;     /* which signals begin it, and may force it; 0: not armed */
  _Atomic uint32_t first;       /* the first of them to be caught; 0: none yet */
  _Atomic uint64_t first_ns;    /* when */
  _Atomic int first_pid;        /* by which process; 0: by none */
  _Atomic uint64_t begun_ns;    /* when the end began: by that signal, or by the program itself */
  _Atomic uint32_t by_program;  /* the program began it, which exits with a status */
  _Atomic uint64_t deadline_ns; /* how long it may take; 0: as long as it wants */
  _Atomic int timer;            /* Linux: timer_create(2)'s, or -1; macOS: what wakes the thread of shutdown.c */
  _Atomic uint32_t force;       /* a second request kills */
  _Atomic uint32_t forced;      /* by which signal, once released: it was held */
  _Atomic uint32_t pressed;     /* a keypress has been caught */
  _Atomic uint32_t running;     /* PS_NONE_RAN ... */
  _Atomic uint32_t finished;    /* all has run; the process ends when the runtime's hooks have */
  _Atomic uint32_t dies_by;     /* by this signal then; 0: as the runtime exits */
  int pid;                      /* of the process: a child of fork() that exits has no end of its own */
  char names[2][PS_NAME_BYTES];
  int terminal;                 /* the descriptor of a terminal, or -1 */
  int keys_forwarded;           /* which is not the controlling one: another process passes its keys on */
  int has_modes;                /* its modes are this process's */
  struct termios modes;         /* when shutdown() was called */
  uint32_t reset_size;          /* what it gets besides */
  char reset[PS_RESET_BYTES];
};

struct ps_state {
  struct ps_record *ring;
  uint32_t mask;   /* ring size - 1, the size being a power of two */
  uint32_t limit;  /* how many records may wait */
  _Atomic uint64_t ends; /* head in the high half, tail in the low: one word, so that both change together */
  _Atomic uint32_t signalled; /* the reader has been woken and has not come yet */
  _Atomic uint32_t waiting;   /* the reader is blocked in ps_wait() */
  _Atomic uint32_t unfinished; /* a handler threw, and those behind it have not run yet */
  _Atomic(ps_action *) carrier; /* the runtime's own handler, if it wakes the event loop */
  int carrier_signal;           /* which signal it is told */
  int wake_write;
  int wake_read;
  _Atomic int wakeup_fd;          /* setWakeupFd's, or -1 */
  _Atomic uint32_t wakeup_failed; /* bytes that did not fit there */
  _Atomic uint64_t held;      /* the process-wide mask: bit n - 1 for signal n */
  _Atomic uint64_t held_seen; /* standard signals of which one is already held */
  _Atomic uint64_t queueing;  /* real-time signals that we have, of which all that wait may be taken at once */
  _Atomic uint64_t steered;   /* those that only the main thread shall take */
  _Atomic uint64_t closed;    /* those of them that it blocks while JavaScript reads */
  _Atomic uint32_t ending;    /* the process is being taken down: nobody can be told any more */
  uint32_t build;             /* PS_BUILD once open: another copy of this library may look */
  _Atomic uint32_t left;      /* the program has ended, the process perhaps not */
  int main_thread;            /* JavaScript's */
  int aside;                  /* which is not the process's main one: in `deno test` */
  _Atomic uint32_t steered_threads; /* how many threads there were when they were last steered */
  _Atomic uint64_t requested;       /* of which signals requests may be on their way */
  _Atomic uint32_t answered;        /* how many requests have been obeyed */
  uint64_t ignored;           /* signals that were ignored when the library was opened */
  struct ps_end end;
  struct ps_slot slots[PS_SLOTS];
};

extern struct ps_state ps __attribute__((visibility("hidden")));

static inline uint64_t ps_bit(int sig) { return (uint64_t)1 << (sig - 1); }

/* handler.c */
__attribute__((visibility("hidden"))) void ps_handler(int sig, siginfo_t *info, void *context);
__attribute__((visibility("hidden"))) void ps_accept(int sig, siginfo_t *info, void *context, uint32_t chain);
__attribute__((visibility("hidden"))) void ps_run_chain(struct ps_slot *slot, uint32_t chain, int sig, siginfo_t *info,
                                                         void *context);
__attribute__((visibility("hidden"))) void ps_wakeup_byte(int sig);
__attribute__((visibility("hidden"))) void ps_wake_loop(void);
__attribute__((visibility("hidden"))) uint64_t ps_now_ns(void);

/* ending.c */
__attribute__((visibility("hidden"))) void ps_ending_saw(int sig, const siginfo_t *info, int held);
__attribute__((visibility("hidden"))) void ps_ending_released(void);
__attribute__((visibility("hidden"))) void ps_die_by(int sig) __attribute__((noreturn));
__attribute__((visibility("hidden"))) void ps_end_at_deadline(void) __attribute__((noreturn));
__attribute__((visibility("hidden"))) void ps_end_at_exit(void);
__attribute__((visibility("hidden"))) void ps_begin_end(uint64_t now);
__attribute__((visibility("hidden"))) int ps_start_deadline(void);
__attribute__((visibility("hidden"))) void ps_end_limit(uint64_t ns);
__attribute__((visibility("hidden"))) uint64_t ps_deadline_left(void);
__attribute__((visibility("hidden"))) int ps_is_in_foreground(int fd);

/* shutdown.c */
__attribute__((visibility("hidden"))) void ps_end_delete_timer(struct ps_end *end);

/* threads.c */
__attribute__((visibility("hidden"))) uint32_t ps_thread_count(void);
__attribute__((visibility("hidden"))) int ps_steer_newcomers(void);
__attribute__((visibility("hidden"))) void ps_steer_here(int sig, void *context);

#endif
