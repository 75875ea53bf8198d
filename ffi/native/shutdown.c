/* shutdown.c: the functions that shutdown() calls, and the timer of its deadline. The part that works without
 * JavaScript is ending.c. */
#include "calls.h"

/* ---- the clock ---- */

#if defined(__linux__)
static int create_timer(int timer_signal) {
  struct sigevent event = {.sigev_signo = timer_signal, .sigev_notify = SIGEV_SIGNAL};
  event.sigev_value.sival_ptr = &ps.end;
  int timer;
  return syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) ? -errno : timer;
}

void ps_end_delete_timer(struct ps_end *end) {
  int timer = atomic_exchange(&end->timer, -1);
  if (timer >= 0) syscall(SYS_timer_delete, timer);
}

static void stop_timer(void) {
  static const struct itimerspec off;
  syscall(SYS_timer_settime, atomic_load(&ps.end.timer), 0, &off, 0);
}
#else
/* macOS has no timer that leaves the user's alone. A thread sleeps until the end has begun, then until the
 * deadline, which may move meanwhile. */
static void *watch_deadline(void *argument) {
  int fd = (int)(intptr_t)argument;
  for (;;) {
    struct pollfd wake = {fd, POLLIN, 0};
    int armed = atomic_load(&ps.end.begun_ns) && atomic_load(&ps.end.signals) && atomic_load(&ps.end.deadline_ns);
    uint64_t left_ms = armed ? ps_deadline_left() / 1000000u + 1 : 0;
    int n = poll(&wake, 1, !armed ? -1 : left_ms > 1000000000u ? 1000000000 : (int)left_ms);
    char byte;
    if (n > 0) read(fd, &byte, 1);
    else if (n == 0 && armed && ps_deadline_left() == 1) ps_end_at_deadline();
  }
  return 0;
}

/* Made at the first shutdown, kept for the next: the descriptor that wakes the thread. */
static int create_timer(int timer_signal) {
  int fds[2], made = atomic_load(&ps.end.timer);
  void *thread;
  sigset_t every, old;
  (void)timer_signal;
  if (made >= 0) return made;
  if (pipe(fds)) return -errno;
  to_sigset(&every, EVERY_SIGNAL);
  pthread_sigmask(SIG_BLOCK, &every, &old); /* the thread takes no signal: handlers run elsewhere */
  int error = pthread_create(&thread, 0, watch_deadline, (void *)(intptr_t)fds[0]);
  pthread_sigmask(SIG_SETMASK, &old, 0);
  return error ? -error : fds[1];
}

void ps_end_delete_timer(struct ps_end *end) { (void)end; }

static void stop_timer(void) { ps_start_deadline(); } /* wakes the thread, which finds begun_ns 0 */
#endif

/* ---- calls ---- */

/* The terminal and its modes now. A background process finds the modes of the job in the foreground there. */
static void find_terminal(void) {
  struct ps_end *end = &ps.end;
  static const int descriptors[] = {2, 1, 0}; /* the last may be open for reading only */
  end->terminal = -1;
  for (int i = 0; i < 3 && end->terminal < 0; i++)
    if (!tcgetattr(descriptors[i], &end->modes)) end->terminal = descriptors[i];
  end->keys_forwarded = end->terminal >= 0 && tcgetpgrp(end->terminal) < 0;
  end->has_modes = ps_is_in_foreground(end->terminal);
}

/* `reset`: what the terminal gets at the end, PS_RESET_BYTES of room, of which `reset_size` count. */
EXPORT int ps_end_arm(uint32_t low, uint32_t high, double deadline_ms, uint32_t force, int timer_signal,
                      const char *reset, uint32_t reset_size) {
  struct ps_end *end = &ps.end;
  if (deadline_ms > 0) {
    int timer = create_timer(timer_signal);
    if (timer < 0) return timer;
    atomic_store(&end->timer, timer);
  }
  find_terminal();
  for (uint32_t i = 0; i < reset_size && i < PS_RESET_BYTES; i++) end->reset[i] = reset[i];
  end->reset_size = reset_size;
  end->pid = getpid();
  atomic_store(&end->first, 0);
  atomic_store(&end->first_ns, 0);
  atomic_store(&end->first_pid, 0);
  atomic_store(&end->parent_asked, 0);
  atomic_store(&end->begun_ns, 0);
  atomic_store(&end->by_program, 0);
  atomic_store(&end->pressed, 0);
  atomic_store(&end->forced, 0);
  atomic_store(&end->running, PS_NONE_RAN);
  atomic_store(&end->finished, 0);
  atomic_store(&end->dies_by, 0);
  atomic_store(&end->force, force);
  atomic_store(&end->deadline_ns, (uint64_t)(deadline_ms * 1e6));
  atomic_store(&end->signals, word(low, high));
  return 0;
}

/* Which signal has begun the end, or 0. */
EXPORT int ps_end_first(void) { return (int)atomic_load(&ps.end.first); }

/* The program begins its end by itself. */
EXPORT void ps_end_begin(void) {
  atomic_store(&ps.end.by_program, 1);
  ps_begin_end(ps_now_ns());
}

/* sigwait() has consumed the signal that began the end: the next signal counts as the first. */
EXPORT void ps_end_taken(void) {
  struct ps_end *end = &ps.end;
  atomic_store(&end->begun_ns, 0);
  stop_timer();
  atomic_store(&end->first_pid, 0);
  atomic_store(&end->parent_asked, 0);
  atomic_store(&end->pressed, 0);
  atomic_store(&end->forced, 0);
  atomic_store(&end->first, 0);
  atomic_store(&end->first_ns, 0); /* last: a signal that finds 0 here sets the fields above */
}

EXPORT int ps_end_extend(double ms) {
  if (atomic_load(&ps.end.deadline_ns)) atomic_fetch_add(&ps.end.deadline_ns, (uint64_t)(ms * 1e6));
  return atomic_load(&ps.end.begun_ns) ? ps_start_deadline() : 0;
}

/* A deferred function of that name runs from now on; without a name, all have run. A handler that reads the last
 * one meanwhile finds it in the other half. */
EXPORT void ps_end_running(const char *name, uint32_t size) {
  struct ps_end *end = &ps.end;
  if (!size) {
    atomic_store(&end->running, PS_ALL_RAN);
    return;
  }
  uint32_t half = atomic_load(&end->running) == PS_RUNNING;
  if (size >= PS_NAME_BYTES) size = PS_NAME_BYTES - 1;
  for (uint32_t i = 0; i < size; i++) end->names[half][i] = name[i];
  end->names[half][size] = 0;
  atomic_store(&end->running, PS_RUNNING + half);
}

#define CLOSING_NS 1000000000

/* The runtime has run the listeners of the program's end, and closes the process. `deno run --watch` does not: a
 * process that is to die by a signal does so all the same. */
EXPORT void ps_end_left(void) {
  struct ps_end *end = &ps.end;
  if (!atomic_load(&end->dies_by)) {
    ps_end_delete_timer(end);
    return;
  }
  atomic_store(&end->running, PS_LEFT);
  if (atomic_load(&end->deadline_ns)) ps_end_limit(CLOSING_NS);
}

EXPORT void ps_end_disarm(void) {
  atomic_store(&ps.end.signals, 0);
  ps_end_delete_timer(&ps.end);
}

/* Every deferred function has run. After the runtime's own hooks the process terminates by `sig`, or, for 0, with the
 * runtime's exit status. */
EXPORT void ps_end_finish(int sig) {
  atomic_store(&ps.end.dies_by, (uint32_t)sig);
  atomic_store(&ps.end.finished, 1);
}

EXPORT void ps_die(int sig) { ps_die_by(sig); }
