/* queue.c: queued signals while JavaScript works through them.
 *
 * A thread is born with the mask of the one that starts it, and the engines start compilers and collectors
 * from JavaScript's thread, most of all when that has much to do. Were our real-time signals open there just
 * then, such a thread would take one beside the main thread and could write it down too late. So they are
 * closed there while they are read, until nothing more waits: what comes meanwhile waits in the kernel, and is
 * taken from there in its order. For handlers they are opened, since a child process is born with the mask as
 * well; but not in a flood, when threads are born most, and each signal would interrupt JavaScript again. */
#include "calls.h"

/* Called on any thread, acts on the main one. What has waited until now strikes before this returns. */
EXPORT void ps_queue_open(void) {
#if defined(__linux__)
  if (!ps_queue_closed() || syscall(SYS_gettid) != ps.main_thread) return;
  sigset_t set;
  to_sigset(&set, atomic_exchange(&ps.closed, 0));
  sigprocmask(SIG_UNBLOCK, &set, 0);
#endif
}

/* Not closed: what ends the process when JavaScript never runs again, and what others handle as well, who
 * expect the surroundings of a handler. */
void ps_queue_close(void) {
#if defined(__linux__)
  if (ps_queue_closed() || syscall(SYS_gettid) != ps.main_thread) return;
  if (ps_thread_count() != atomic_load(&ps.steered_threads)) ps_steer_newcomers();
  uint64_t set = atomic_load(&ps.queueing) & ~atomic_load(&ps.end.signals);
  for (uint64_t rest = set; rest; rest &= rest - 1) {
    int sig = __builtin_ctzll(rest) + 1;
    if (atomic_load(&ps.slots[sig].chain)) set &= ~ps_bit(sig);
  }
  sigset_t block, before;
  to_sigset(&block, set);
  if (!sigprocmask(SIG_BLOCK, &block, &before)) atomic_store(&ps.closed, set & ~from_sigset(&before));
#endif
}

/* Writes down up to `most` of those that wait, and no more than there is room for: the others wait on. */
void ps_queue_take(uint32_t most) {
#if defined(__linux__)
  uint64_t set = ps_queue_closed(), ends = atomic_load(&ps.ends);
  if (!set) return;
  uint32_t space = ps.limit - ((uint32_t)(ends >> 32) - (uint32_t)ends);
  struct timespec at_once = {0, 0};
  for (uint32_t left = most < space ? most : space; left; left--) {
    siginfo_t info;
    int sig = (int)syscall(SYS_rt_sigtimedwait, &set, &info, &at_once, sizeof set);
    if (sig <= 0) return;
    ps_accept(sig, &info, ps_no_context, 0);
  }
#else
  (void)most;
#endif
}

/* The event loop has come round. `flood`: queued signals stay closed until it comes round again, since promises
 * that go on with what handlers gave them are JavaScript's work as well. Threads that have been born meanwhile
 * learn now to leave them to the main one, not at their first; and so do the next, should more be on their way. */
EXPORT void ps_queue_turn(uint32_t flood) {
#if defined(__linux__)
  int asked = ps_thread_count() != atomic_load(&ps.steered_threads) && !ps_steer_newcomers();
  if (flood) ps_queue_close();
  if (asked || ps_queue_closed()) ps_wake_loop();
#else
  (void)flood;
#endif
}
