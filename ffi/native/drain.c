/* drain.c: what JavaScript reads: the ring's records, and in a flood the signals in the kernel's queue.
 *
 * A signal that arrives while JavaScript runs interrupts it, and the sender waits for the interrupt of its processor. So
 * in a flood the handler blocks our real-time signals in the main thread, and they are read here, in the kernel's order,
 * until none is pending. The kernel keeps what the ring has no room for. A child process that a handler starts meanwhile
 * inherits the mask. */
#include "calls.h"

/* Unblocks signals that a flood had blocked. */
void ps_resume(uint64_t set) {
  sigset_t unblock;
  set &= atomic_fetch_and(&ps.paused, ~set);
  to_sigset(&unblock, set);
  if (set) pthread_sigmask(SIG_UNBLOCK, &unblock, 0);
}

#if defined(__linux__)
/* Also unblocks the signals that have another action by now. */
static uint32_t read_kernel(struct ps_record *out, uint32_t at, uint32_t room) {
  uint64_t set = 0;
  for (uint64_t rest = atomic_load(&ps.paused); rest; rest &= rest - 1) {
    int sig = __builtin_ctzll(rest) + 1;
    if (ps_may_pause(sig)) set |= ps_bit(sig);
  }
  uint32_t space = ps.limit - ps_waiting();
  if (set) ps_accept_pending(set, room < space ? room : space, ps_no_context);
  uint32_t taken = ps_take_records(out, at, room);
  ps_resume(taken ? ~set : ~(uint64_t)0);
  return taken;
}
#endif

/* Copies up to `room` records to out[at], oldest first. In a flood it has the event loop call again, perhaps for
 * nothing. @returns how many */
EXPORT int ps_drain(struct ps_record *out, uint32_t at, uint32_t room) {
  uint32_t taken = ps_take_records(out, at, room);
#if defined(__linux__)
  if (atomic_load_explicit(&ps.paused, memory_order_relaxed) && taken < room)
    taken += read_kernel(out, at + taken, room - taken);
  int flooded = taken >= PS_FLOOD || atomic_load_explicit(&ps.paused, memory_order_relaxed);
  atomic_store_explicit(&ps.flooded, flooded, memory_order_relaxed);
  if (flooded) ps_wake_loop();
#endif
  return (int)taken;
}
