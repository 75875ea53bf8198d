/* ending.c: the graceful end, as far as it must hold when JavaScript never runs again, and how JavaScript arms it. */
#include "calls.h"

static int unblock(int sig) {
#if defined(__linux__)
  sigset_t one = {{ps_bit(sig)}};
#else
  sigset_t one = (sigset_t)ps_bit(sig);
#endif
  return pthread_sigmask(SIG_UNBLOCK, &one, 0);
}

static void set_default(int sig) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(sig, &action, 0);
}

/* Whether a keypress may reach this process. */
static int is_in_foreground(void) { return ps.terminal >= 0 && tcgetpgrp(ps.terminal) == getpgrp(); }

/* Dies by `sig`, so that the parent sees it, with the terminal as it was found: in the foreground
 * only, since the modes of a terminal belong to whoever has it. Process 1 is spared by the kernel and
 * exits instead. */
void ps_die_by(int sig) {
  if (is_in_foreground()) tcsetattr(ps.terminal, TCSANOW, &ps.modes);
  set_default(sig);
  raise(sig); /* blocked in a handler: strikes at the next line */
  unblock(sig);
  _exit(128 + sig);
}


/* Nanoseconds until the deadline, counted from the first signal; at least 1. */
uint64_t ps_deadline_left(void) {
  uint64_t allowed = atomic_load(&ps.end.deadline_ns), used = ps_now_ns() - atomic_load(&ps.end.first_ns);
  return allowed > used ? allowed - used : 1;
}

/* (Re)starts the deadline: its timer, or on macOS, which has none that leaves the user's alone, the
 * thread that watches it. */
int ps_arm_deadline(void) {
  struct ps_end *end = &ps.end;
  if (!atomic_load(&end->deadline_ns)) return 0;
#if defined(__linux__)
  uint64_t ns = ps_deadline_left();
  struct itimerspec at = {.it_value = {(long)(ns / 1000000000u), (long)(ns % 1000000000u)}};
  return syscall(SYS_timer_settime, atomic_load(&end->timer), 0, &at, 0) ? -errno : 0;
#else
  return write(atomic_load(&end->timer), "", 1) < 0 ? -errno : 0;
#endif
}

#define FORWARD_WINDOW_NS 1000000000 /* a task runner's copies of a keypress come within this */

/* One Ctrl+C reaches a program under a task runner more than once: from the terminal, and from the
 * runner, its parent, which had it too (`deno task` passes it on twice). One of them counts, in
 * whichever order handlers on several threads see them. */
static int is_second_copy(int sig, const siginfo_t *info, uint64_t now) {
  struct ps_end *end = &ps.end;
  if (!info) return 0;
  if (info->si_code == SI_KERNEL) {
    uint64_t direct = atomic_exchange(&end->direct_ns, 0);
    atomic_store(&end->pressed, (uint32_t)sig);
    atomic_store(&end->press_ns, now);
    return direct && (int64_t)(now - direct) < FORWARD_WINDOW_NS / 10;
  }
  if (info->si_code != SI_USER || info->si_pid != getppid()) return 0;
  uint64_t press = atomic_load(&end->press_ns);
  if (press && atomic_load(&end->pressed) == (uint32_t)sig && (int64_t)(now - press) < FORWARD_WINDOW_NS) return 1;
  uint64_t direct = atomic_exchange(&end->direct_ns, now); /* both copies may be quicker than the press */
  return direct && (int64_t)(now - direct) < FORWARD_WINDOW_NS / 10 && sig == SIGINT && is_in_foreground();
}

/* The graceful end, as far as it must hold when JavaScript never runs again: the first signal sets
 * the deadline, a second one kills, and so does the deadline's own signal. While its signal is held
 * the first counts all the same, and a second waits for the release (ps_replay). */
void ps_begin_end(int sig, siginfo_t *info, int held) {
  struct ps_end *end = &ps.end;
  if (!(atomic_load(&end->signals) & ps_bit(sig))) return;
  uint32_t first = atomic_load(&end->first);
#if defined(__linux__)
  if (info && info->si_code == SI_TIMER && info->si_value.sival_ptr == end) ps_die_by(first ? (int)first : sig);
#endif
  uint64_t now = ps_now_ns();
  if (is_second_copy(sig, info, now)) return;
  if (!first && atomic_compare_exchange_strong(&end->first, &first, (uint32_t)sig)) {
    atomic_store(&end->first_ns, now);
    ps_arm_deadline();
  } else if (atomic_load(&end->force)) {
    if (!held) ps_die_by(sig);
    atomic_store(&end->forced, (uint32_t)sig);
  }
}

#if defined(__APPLE__)
/* Sleeps until the end has begun, then until the deadline, which may move meanwhile. */
static void *watch_deadline(void *argument) {
  int fd = (int)(intptr_t)argument;
  for (;;) {
    struct pollfd wake = {fd, POLLIN, 0};
    uint32_t first = atomic_load(&ps.end.first);
    int armed = first && atomic_load(&ps.end.signals) && atomic_load(&ps.end.deadline_ns);
    uint64_t left_ms = armed ? ps_deadline_left() / 1000000u + 1 : 0;
    int n = poll(&wake, 1, !armed ? -1 : left_ms > 1000000000u ? 1000000000 : (int)left_ms);
    char byte;
    if (n > 0) read(fd, &byte, 1);
    else if (n == 0 && armed && ps_deadline_left() == 1) ps_die_by((int)first);
  }
  return 0;
}

static int deadline_thread(void) {
  int fds[2];
  void *thread;
  sigset_t every, old;
  if (pipe(fds)) return -errno;
  to_sigset(&every, EVERY_SIGNAL);
  pthread_sigmask(SIG_BLOCK, &every, &old); /* it takes no signal: handlers run elsewhere */
  int error = pthread_create(&thread, 0, watch_deadline, (void *)(intptr_t)fds[0]);
  pthread_sigmask(SIG_SETMASK, &old, 0);
  return error ? -error : fds[1];
}
#endif

/* What keeps the deadline: made at the first shutdown, kept for the next. */
static int deadline_timer(int timer_signal) {
#if defined(__linux__)
  struct sigevent event = {.sigev_signo = timer_signal, .sigev_notify = SIGEV_SIGNAL};
  event.sigev_value.sival_ptr = &ps.end;
  int timer;
  return syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) ? -errno : timer;
#else
  (void)timer_signal;
  int timer = atomic_load(&ps.end.timer);
  return timer >= 0 ? timer : deadline_thread();
#endif
}

EXPORT int ps_end_arm(uint32_t low, uint32_t high, double deadline_ms, uint32_t force, int timer_signal) {
  struct ps_end *end = &ps.end;
  if (deadline_ms > 0) {
    int timer = deadline_timer(timer_signal);
    if (timer < 0) return timer;
    atomic_store(&end->timer, timer);
  }
  atomic_store(&end->first, 0);
  atomic_store(&end->forced, 0);
  atomic_store(&end->press_ns, 0);
  atomic_store(&end->direct_ns, 0);
  atomic_store(&end->pressed, 0);
  atomic_store(&end->force, force);
  atomic_store(&end->deadline_ns, (uint64_t)(deadline_ms * 1e6));
  atomic_store(&end->signals, word(low, high));
  return 0;
}

EXPORT int ps_end_extend(double ms) {
  if (atomic_load(&ps.end.deadline_ns)) atomic_fetch_add(&ps.end.deadline_ns, (uint64_t)(ms * 1e6));
  return atomic_load(&ps.end.first) ? ps_arm_deadline() : 0;
}

EXPORT void ps_end_disarm(void) {
  atomic_store(&ps.end.signals, 0);
#if defined(__linux__)
  int timer = atomic_exchange(&ps.end.timer, -1);
  if (timer >= 0) syscall(SYS_timer_delete, timer);
#endif
}

EXPORT void ps_die(int sig) { ps_die_by(sig); }
