/* ending.c: the graceful end as JavaScript arms it; what must hold without JavaScript is in handler.c. */
#include "calls.h"

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
  sigprocmask(SIG_BLOCK, &every, &old); /* it takes no signal: handlers run elsewhere */
  int error = pthread_create(&thread, 0, watch_deadline, (void *)(intptr_t)fds[0]);
  sigprocmask(SIG_SETMASK, &old, 0);
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
  ps_queue_open();
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
