/* ring.c: the ring of records between handlers and JavaScript, and how its reader is woken. check/ring.pml models it.
 *
 * Many writers: handlers on any thread, also one that interrupts the reader. One reader: ps_drain(), on JavaScript's
 * thread. The writers' half runs in handlers and calls only what safe_symbols.txt lists. */
#include "calls.h"

struct ps_state ps; /* ps_open() sets what must not be 0 */

uint64_t ps_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- in handlers ---- */

/* Claims a record by moving the head, fills it, and marks it ready. Lock-free: a writer that is interrupted between
 * claim and mark delays the reader, never another writer. @returns 0 if the ring is full */
int ps_put(int sig, const siginfo_t *info, uint32_t flags) {
  uint64_t head_tail = atomic_load(&ps.head_tail);
  uint32_t head;
  do {
    head = (uint32_t)(head_tail >> 32);
    if (head - (uint32_t)head_tail >= ps.limit) return 0;
  } while (!atomic_compare_exchange_weak(&ps.head_tail, &head_tail, head_tail + ((uint64_t)1 << 32)));

  struct ps_record *record = &ps.ring[head & ps.mask];
  uint64_t *to = (uint64_t *)record->info;
  if (info) {
    const uint64_t *from = (const uint64_t *)info;
    for (int i = 0; i < PS_INFO_BYTES / 8; i++) to[i] = from[i];
  } else {
    flags |= PS_NO_INFO;
    for (int i = 0; i < PS_INFO_BYTES / 8; i++) to[i] = 0;
  }
  *(int *)record->info = sig;
  record->flags = flags;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  record->time_s = (int32_t)now.tv_sec;
  record->time_ns = (int32_t)now.tv_nsec;
  atomic_store_explicit(&record->ready, 1, memory_order_release);
  return 1;
}

/* Wakes the reader through the runtime's handler for the wake signal, or by a byte; by a byte as well while it is
 * blocked in ps_wait().
 *
 * Every publication is followed by the exchange, and the reader clears the flag before it reads: whichever of the two
 * is second sees the other, so no record waits with nobody woken. */
void ps_wake_loop(void) {
  if (atomic_exchange(&ps.wake_pending, 1)) return;
  ps_action *wake = atomic_load(&ps.wake_action);
  if (wake) {
    siginfo_t info = {.si_signo = ps.wake_signal};
    wake(ps.wake_signal, &info, 0);
  }
  if (!wake || atomic_load(&ps.waiting)) (void)!write(ps.wake_write, "", 1); /* full: a byte is there already */
}

/* ---- on JavaScript's thread ---- */

/* How many records wait; 1 if none does and drained ones are due. check() calls only this while it returns 0. */
int ps_pending(void) {
  uint64_t head_tail = atomic_load_explicit(&ps.head_tail, memory_order_relaxed);
  uint32_t records = (uint32_t)(head_tail >> 32) - (uint32_t)head_tail;
  return records ? (int)records : (int)atomic_load_explicit(&ps.unfinished, memory_order_relaxed);
}

/* Copies up to `room` ready records to out[at], oldest first. An emptied ring starts again at its first record, so
 * that a quiet process touches few pages of it. */
EXPORT int ps_drain(struct ps_record *out, uint32_t at, uint32_t room) {
  atomic_exchange(&ps.wake_pending, 0);
  uint64_t head_tail = atomic_load(&ps.head_tail);
  uint32_t tail = (uint32_t)head_tail, taken = 0;
  while (taken < room) {
    if (tail == (uint32_t)(head_tail >> 32)) {
      head_tail = atomic_load(&ps.head_tail);
      if (tail == (uint32_t)(head_tail >> 32)) break;
    }
    struct ps_record *record = &ps.ring[tail & ps.mask];
    if (!atomic_load_explicit(&record->ready, memory_order_acquire)) break; /* its writer will wake us */
    uint64_t *to = (uint64_t *)&out[at + taken], *from = (uint64_t *)record;
    for (size_t i = 0; i < sizeof *record / 8; i++) to[i] = from[i];
    atomic_store_explicit(&record->ready, 0, memory_order_relaxed);
    tail++;
    taken++;
  }
  if (!taken) return 0;
  uint64_t next;
  head_tail = atomic_load(&ps.head_tail);
  do {
    uint32_t head = (uint32_t)(head_tail >> 32);
    next = head == tail ? 0 : (uint64_t)head << 32 | tail;
  } while (!atomic_compare_exchange_weak(&ps.head_tail, &head_tail, next));
  return (int)taken;
}

/* Deliveries are due that no record announces: the event loop, or a blocking call, runs their handlers. */
EXPORT void ps_unfinished(uint32_t yes) {
  atomic_store(&ps.unfinished, yes);
  if (yes) ps_wake_loop();
}

/* Blocks this thread until a record is there (1) or the time is over (0); ms < 0 waits for ever. Stale wake-up bytes
 * are read first, so that waiting is never a busy loop. */
EXPORT int ps_wait(double ms) {
  double end = (double)ps_now_ns() / 1e6 + ms;
  int result = -1;
  atomic_store(&ps.waiting, 1);
  while (result == -1) {
    char stale[64];
    while (read(ps.wake_read, stale, sizeof stale) == (long)sizeof stale) {}
    atomic_exchange(&ps.wake_pending, 0);
    double left = ms < 0 ? -1 : end - (double)ps_now_ns() / 1e6;
    struct pollfd fd = {ps.wake_read, POLLIN, 0};
    if (ps_pending()) result = 1;
    else if (ms >= 0 && left <= 0) result = 0;
    else if (poll_for(&fd, 1, left) < 0 && errno != EINTR) result = -errno;
  }
  atomic_store(&ps.waiting, 0);
  return result;
}

/* The event loop is woken by the runtime's handler `action` for `sig` from now on, or by the byte where that is no
 * handler: also for records whose wake-up went the other way. */
EXPORT void ps_wake_by(int sig, const struct sigaction *action) {
  int is_function = action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
  ps.wake_signal = sig;
  atomic_store(&ps.wake_action, is_function ? action->sa_sigaction : 0);
  atomic_store(&ps.wake_pending, 0);
  if (ps_pending()) ps_wake_loop();
}
