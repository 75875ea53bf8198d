/* abi.h: the state that the C files share, and the structures that TypeScript reads (layout.c exports the offsets). */
#ifndef PS_ABI_H
#define PS_ABI_H

#include "libc.h"
#include <stdatomic.h>

#ifndef PS_BUILD
#define PS_BUILD 0 /* build.ts: the head of the sources' SHA-256 */
#endif
#define PS_SIGNALS 65    /* signals 1 to 64; macOS uses 1 to 31 */
#define PS_INFO_BYTES 48 /* the head of a siginfo_t, which holds every member that any cause fills */
#define HIDDEN __attribute__((visibility("hidden")))
#define RARE __attribute__((noinline)) /* its frame is kept out of the common path: check.ts limits the stack */

/* One delivery. A cache line of its own, so that two threads never write to the same one. */
struct ps_record {
  _Atomic uint32_t ready; /* set last by the handler, cleared by the reader */
  uint32_t flags;         /* PS_HELD ... */
  int32_t time_s;         /* CLOCK_MONOTONIC when the handler ran: seconds, */
  int32_t time_ns;        /* and nanoseconds */
  unsigned char info[PS_INFO_BYTES];
};

enum {
  PS_HELD = 1,    /* blocked by the process-wide mask when it was delivered */
  PS_NO_INFO = 2, /* the kernel filled no siginfo: only the number is known */
  PS_CHAINED = 4, /* another handler was called for it at its delivery */
};

/* The sender of a request of threads.c: no user has this ID. Every version of the library knows it, since copies of two
 * versions take each other's. */
#define PS_REQUEST_UID 0xffffffffu

/* Which handlers are called after ours. The runtime's: always, or, where only the runtime itself uses the signal, unless
 * this process sent it. */
enum { PS_CHAIN_RUNTIME = 1, PS_CHAIN_FOREIGN = 2, PS_CHAIN_OUTSIDE = 4 };

/* Who owns an action: ps_owner(). */
enum { PS_OWNER_DEFAULT, PS_OWNER_IGNORED, PS_OWNER_SELF, PS_OWNER_PROGRAM, PS_OWNER_OTHER };

typedef void ps_action(int sig, siginfo_t *info, void *context);

/* The state of one signal. Written by JavaScript's thread, read by handlers; the counters the other way round. */
struct ps_signal {
  _Atomic uint64_t caught;    /* deliveries by the kernel */
  _Atomic uint64_t coalesced; /* held standard signals that found one of theirs already held */
  _Atomic uint64_t lost;      /* no room in the ring */
  _Atomic uint64_t chained;   /* calls of the JavaScript runtime's handler */
  _Atomic(ps_action *) runtime; /* the JavaScript runtime's handler */
  _Atomic(ps_action *) foreign; /* another library's, installed before ours */
  _Atomic uint32_t chain;       /* PS_CHAIN_ */
  _Atomic uint32_t inside;      /* threads that read the chain, or obey it */
  _Atomic uint32_t check_siginfo; /* the runtime re-installs handlers without SA_SIGINFO */
  struct sigaction ours;        /* as installed, for the repair */
  struct sigaction previous;    /* as found, for faults, forked children and the end of the program */
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
  _Atomic uint32_t parent_asked; /* the parent has sent one */
  _Atomic uint64_t begun_ns;    /* when the end began: by that signal, or by the program itself */
  _Atomic uint32_t by_program;  /* the program began it, which exits with a status */
  _Atomic uint64_t deadline_ns; /* how long it may take; 0: no limit */
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
  int keys_forwarded;           /* which is not the controlling terminal: keypresses are forwarded */
  int has_modes;                /* its modes are this process's */
  struct termios modes;         /* when shutdown() was called */
  uint32_t reset_size;          /* what it gets besides */
  char reset[PS_RESET_BYTES];
};

struct ps_state {
  struct ps_record *ring;
  uint32_t mask;  /* ring size - 1, the size being a power of two */
  uint32_t limit; /* how many records may wait */
  _Atomic uint64_t head_tail;    /* head in the high half, tail in the low: one word, so that both change together */
  _Atomic uint32_t wake_pending; /* the reader has been woken and has not read yet */
  _Atomic uint32_t waiting;      /* the reader is blocked in ps_wait() */
  _Atomic uint32_t unfinished;   /* deliveries are due that no record announces */
  _Atomic(ps_action *) wake_action; /* the runtime's handler, where it wakes the event loop */
  int wake_signal;                  /* the signal that this handler is called with */
  int wake_write;
  int wake_read;
  _Atomic int wakeup_fd;          /* setWakeupFd's, or -1 */
  _Atomic uint32_t wakeup_failed; /* bytes that did not fit there */
  _Atomic uint64_t held;          /* the process-wide mask: bit n - 1 for signal n */
  _Atomic uint64_t held_once;     /* standard signals of which one is already held */
  _Atomic uint64_t queueing;      /* real-time signals that we have, of which a handler takes all that are pending */
  _Atomic uint64_t confined;      /* real-time signals that only the main thread shall take */
  _Atomic uint64_t requested;     /* signals whose requests other threads may still have pending */
  _Atomic uint32_t confined_threads; /* the number of threads when they were last asked */
  _Atomic uint32_t ending;        /* the process runs its exit functions */
  _Atomic uint32_t left;          /* the program has ended, the process perhaps not */
  uint32_t build;                 /* PS_BUILD once open: another copy of this library may look */
  int pid;                        /* a child made by fork() has another */
  int main_thread;                /* JavaScript's */
  int js_off_main;                /* which is not the process's main one: in `deno test` */
  uint64_t ignored;               /* signals that were ignored when the library was opened */
  struct ps_end end;
  struct ps_signal signals[PS_SIGNALS];
};

extern struct ps_state ps HIDDEN;

static inline uint64_t ps_bit(int sig) { return (uint64_t)1 << (sig - 1); }

/* ring.c */
HIDDEN uint64_t ps_now_ns(void);
HIDDEN int ps_put(int sig, const siginfo_t *info, uint32_t flags);
HIDDEN void ps_wake_loop(void);

/* confine.c */
HIDDEN void ps_confine_here(int sig, void *context);
HIDDEN uint64_t ps_context_mask(void *context);

/* handler.c */
HIDDEN void ps_handler(int sig, siginfo_t *info, void *context);
HIDDEN void ps_accept(int sig, siginfo_t *info, void *context, uint32_t chain);
HIDDEN void ps_record_reported(int sig);
HIDDEN uint32_t ps_chain_for(int sig, const siginfo_t *info);
HIDDEN void ps_run_chain(struct ps_signal *signal, uint32_t chain, int sig, siginfo_t *info, void *context);
HIDDEN void ps_wakeup_byte(int sig);

/* ending.c */
HIDDEN void ps_ending_saw(int sig, const siginfo_t *info, int held);
HIDDEN void ps_ending_released(void);
HIDDEN void ps_die_by(int sig) __attribute__((noreturn));
HIDDEN void ps_end_at_deadline(void) __attribute__((noreturn));
HIDDEN void ps_end_at_exit(void);
HIDDEN void ps_begin_end(uint64_t now);
HIDDEN int ps_start_deadline(void);
HIDDEN void ps_end_limit(uint64_t ns);
HIDDEN uint64_t ps_deadline_left(void);
HIDDEN int ps_is_in_foreground(int fd);

/* shutdown.c */
HIDDEN void ps_end_delete_timer(struct ps_end *end);

#endif
