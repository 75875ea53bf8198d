/* handler.c: everything that runs inside a signal handler, and nothing else.
 *
 * Calls: only the functions listed in safe_symbols.txt (the check fails on any other), threads.c and ending.c.
 * Shares: `ps`, through atomics. The ring has many writers (handlers on any thread, also one that
 *         interrupts the reader) and one reader (ps_drain, on JavaScript's thread).
 * Runs:   with every signal blocked (full sa_mask), so never nested on one thread.
 * errno:  saved at entry and put back at every return.
 * Never:  locks, allocates, calls into JavaScript, waits: but 40 ms at most for new threads (threads.c). */
#include "abi.h"

struct ps_state ps; /* ps_open() sets what must not be 0 */

uint64_t ps_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Wakes the reader by a byte, or, where that is quicker or the only way, through the runtime's own handler,
 * and then by a byte as well if the thread is blocked in ps_wait().
 *
 * Every publication is followed by the exchange, and the reader clears the flag before it reads:
 * whichever of the two comes second sees the other, so no record waits with nobody woken. */
void ps_wake_loop(void) {
  if (atomic_exchange(&ps.signalled, 1)) return;
  ps_action *carrier = atomic_load(&ps.carrier);
  if (carrier) {
    siginfo_t info = {.si_signo = ps.carrier_signal};
    carrier(ps.carrier_signal, &info, 0);
  }
  if (!carrier || atomic_load(&ps.waiting))
    (void)!write(ps.wake_write, "", 1); /* full: bytes enough are there */
}

enum put_result { LOST, KEPT, KEPT_FIRST };

/* Claims a slot by moving the head, fills it, and marks it ready. Lock-free: a writer that is
 * interrupted between claim and mark delays the reader, never another writer. */
static enum put_result put(int sig, const siginfo_t *info, uint32_t flags) {
  uint64_t ends = atomic_load(&ps.ends);
  uint32_t head;
  do {
    head = (uint32_t)(ends >> 32);
    if (head - (uint32_t)ends >= ps.limit) return LOST;
  } while (!atomic_compare_exchange_weak(&ps.ends, &ends, ends + ((uint64_t)1 << 32)));

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
  return head == (uint32_t)ends ? KEPT_FIRST : KEPT;
}

static void set_default(int sig) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(sig, &action, 0);
}

/* A fault of the processor belongs to whoever handled it before us (the runtime's stack guard, its
 * WebAssembly traps, its crash report), called as the kernel would have. */
static void pass_fault(struct ps_slot *slot, int sig, siginfo_t *info, void *context) {
  const struct sigaction *before = &slot->before;
  if (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN) {
    set_default(sig);
    raise(sig); /* strikes on return, also where returning would not fault again */
    return;
  }
  if (before->sa_flags & SA_RESETHAND) set_default(sig);
  before->sa_sigaction(sig, info, context);
}

static int is_fault(int sig, const siginfo_t *info) {
  if (info->si_code <= 0 || info->si_code >= PS_CODE_USER_MIN) return 0;
  return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP;
}

/* Race: Bun puts our handler back through signal(3), which drops SA_SIGINFO; the kernel then passes
 * three arguments of which two are not filled in (x86_64: stale stack; aarch64: whatever the
 * interrupted code held). Where that can happen (`verify`) the present flags decide whether `info`
 * may be read, and the full action is put back. Provoked by tests/programs/daemon_beside.ts. */
static siginfo_t *filled(struct ps_slot *slot, int sig, siginfo_t *info) {
  if (!atomic_load_explicit(&slot->verify, memory_order_relaxed)) return info;
  struct sigaction now;
  if (sigaction(sig, 0, &now) || now.sa_sigaction != ps_handler || (now.sa_flags & SA_SIGINFO)) return info;
  sigaction(sig, &slot->ours, 0);
  return 0;
}

void ps_run_chain(struct ps_slot *slot, uint32_t chain, int sig, siginfo_t *info, void *context) {
  ps_action *action;
  siginfo_t unknown;
  if (chain && !info) {
    unknown = (siginfo_t){.si_signo = sig};
    info = &unknown;
  }
  if ((chain & PS_CHAIN_FOREIGN) && (action = atomic_load(&slot->foreign))) action(sig, info, context);
  if ((chain & PS_CHAIN_RUNTIME) && (action = atomic_load(&slot->runtime))) action(sig, info, context);
}

/* setWakeupFd: one byte a delivery, the signal's number. */
void ps_wakeup_byte(int sig) {
  int fd = atomic_load_explicit(&ps.wakeup_fd, memory_order_relaxed);
  if (fd < 0) return;
  unsigned char byte = (unsigned char)sig;
  if (write(fd, &byte, 1) != 1) atomic_fetch_add(&ps.wakeup_failed, 1);
}

/* Queued values keep their order only while one thread takes them: two threads that are handed
 * neighbours race to the ring. So every thread but the main one is asked, by a signal of its own, to
 * leave our real-time signals to the main thread (threads.c); standard signals stay open to all. When one
 * arrives and the number of threads has changed, the newcomers are asked as well, and waited for: by their
 * answer they have written down what they took before. And the main thread takes all that waits while it
 * is here, so that it hardly ever is without the signal blocked and the kernel offers it to nobody else.
 *
 * Race: what another thread does take, it may write down after what the main thread took next. Such a
 * thread is one born since the last signal, which takes one at most (queue.c keeps most of those from it), and
 * in Bun a Worker that has begun to wait for its next event, which takes one at most as well.
 * Provoked by tests/programs/daemon_listeners.ts and, with a Worker, by tests/soak.ts, which counts. */

/* @returns whether `info` is a request, which this thread obeys now, and no signal for anyone. */
static int is_request(const siginfo_t *info, void *context) {
#if defined(__linux__)
  if (!info || info->si_code != SI_QUEUE || info->si_value.sival_ptr != &ps) return 0;
  ps_steer_here(info->si_signo, context);
  atomic_fetch_add(&ps.answered, 1);
  return 1;
#else
  (void)info, (void)context;
  return 0;
#endif
}

/* Writes a signal down and wakes whom it concerns; `chain`: who else is to have it. */
void ps_accept(int sig, siginfo_t *info, void *context, uint32_t chain) {
  struct ps_slot *slot = &ps.slots[sig];
  uint64_t bit = ps_bit(sig);
  enum put_result result;
  atomic_fetch_add_explicit(&slot->caught, 1, memory_order_relaxed);
  if (atomic_load(&ps.held) & bit) {
    if (!(chain & PS_TOLD)) ps_ending_saw(sig, info, 1);
    /* A standard signal is pending once, as in the kernel, and the first siginfo is the one kept. */
    int standard = sig < 32;
    if (standard && (atomic_fetch_or(&ps.held_seen, bit) & bit)) {
      atomic_fetch_add_explicit(&slot->merged, 1, memory_order_relaxed);
      return;
    }
    result = put(sig, info, PS_HELD);
    if (result == LOST && standard) atomic_fetch_and(&ps.held_seen, ~bit);
    ps_wake_loop();
  } else {
    if (!(chain & PS_TOLD)) ps_ending_saw(sig, info, 0);
    ps_wakeup_byte(sig);
    result = put(sig, info, chain & ~PS_TOLD ? PS_CHAINED : 0);
    ps_wake_loop();
    ps_run_chain(slot, chain, sig, info, context);
  }
  if (result == LOST) atomic_fetch_add_explicit(&slot->lost, 1, memory_order_relaxed);
}

#define BURST 64 /* taken at once: JavaScript waits for no longer than that */

static void accept(int sig, siginfo_t *info, void *context) {
  ps_accept(sig, info, context, atomic_load(&ps.slots[sig].chain));
}

/* A signal that queues: the rest of its burst comes with it, in the kernel's order, except what the
 * interrupted code has blocked. */
static void accept_burst(int sig, siginfo_t *info, void *context) {
#if defined(__linux__)
  accept(sig, info, context); /* before all else: another thread may be about to write down the next */
  if (syscall(SYS_gettid) != ps.main_thread) {
    ps_steer_here(sig, context);
    return;
  }
  if (ps_thread_count() != atomic_load(&ps.steered_threads)) ps_steer_newcomers();
  uint64_t rest = atomic_load(&ps.queueing) & ~*ps_of_context(context, PS_CONTEXT_MASK);
  struct timespec at_once = {0, 0};
  for (int i = 0; i < BURST; i++) {
    siginfo_t next;
    sig = (int)syscall(SYS_rt_sigtimedwait, &rest, &next, &at_once, sizeof rest);
    if (sig <= 0) return;
    accept(sig, &next, context);
  }
#else
  accept(sig, info, context);
#endif
}

static void handle(int sig, siginfo_t *info, void *context) {
  struct ps_slot *slot = &ps.slots[sig];
  info = filled(slot, sig, info);
  if (info && is_fault(sig, info)) {
    pass_fault(slot, sig, info, context);
  } else if (is_request(info, context)) {
    return;
  } else if (atomic_load_explicit(&ps.ending, memory_order_relaxed) && info && info->si_code == SI_TKILL &&
             info->si_pid == getpid()) { /* native exit work raises it, perhaps until it kills */
    set_default(sig);
    raise(sig);
  } else if (atomic_load_explicit(&ps.queueing, memory_order_relaxed) & ps_bit(sig)) {
    accept_burst(sig, info, context);
  } else {
    accept(sig, info, context);
  }
}

void ps_handler(int sig, siginfo_t *info, void *context) {
  int saved = errno;
  handle(sig, info, context);
  errno = saved;
}
