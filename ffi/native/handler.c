/* handler.c: the signal handler.
 *
 * Calls: only the functions listed in safe_symbols.txt (the check fails on any other), ring.c, ending.c, confine.c.
 * Shares: `ps`, through atomics.
 * Runs:   with every signal blocked (full sa_mask), so never nested on one thread; on the thread's alternate stack
 *         where it has one (SA_ONSTACK), with less than a kilobyte of its own.
 * errno:  saved at entry and restored at every return.
 * Never:  waits, locks, allocates, opens a file, calls into JavaScript. */
#include "abi.h"

RARE static void set_default(int sig) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(sig, &action, 0);
}

/* Calls the handler that ours replaced, as the kernel would have. */
RARE static void call_previous(const struct sigaction *previous, int sig, siginfo_t *info, void *context) {
  if (previous->sa_flags & SA_RESETHAND) set_default(sig); /* Node's for SIGINT raises it again */
  previous->sa_sigaction(sig, info, context);
}

/* The processor's faults go to the handler that was installed before ours: the runtime's stack guard, its WebAssembly
 * traps, its crash report. */
RARE static void pass_fault(struct ps_signal *signal, int sig, siginfo_t *info, void *context) {
  const struct sigaction *previous = &signal->previous;
  if (previous->sa_handler == SIG_DFL || previous->sa_handler == SIG_IGN) {
    set_default(sig);
    raise(sig); /* delivered when the handler returns, also where returning would not fault again */
    return;
  }
  call_previous(previous, sig, info, context);
}

/* XNU gives SIGSEGV, SIGBUS and SIGILL of kill(2) a fault's code, and on ARM a breakpoint's SIGTRAP 0: so all of
 * them count as faults there, and TypeScript installs no handler for them. */
static int is_fault(int sig, const siginfo_t *info) {
  if (sig != SIGSEGV && sig != SIGBUS && sig != SIGFPE && sig != SIGILL && sig != SIGTRAP) return 0;
#if defined(__linux__)
  return info && info->si_code > 0;
#else
  (void)info;
  return 1;
#endif
}

/* A child made by fork() that has not called exec() shares its parent's descriptors. The signal takes the action that
 * ours replaced there. The runtime's handler is not called: it would write to the parent's descriptors.
 * Provoked by tests/posix/children_test.ts. */
RARE static void in_forked_child(struct ps_signal *signal, int sig, siginfo_t *info, void *context) {
  const struct sigaction *previous = &signal->previous;
  if (previous->sa_handler == SIG_IGN) return;
  if (previous->sa_handler != SIG_DFL && previous->sa_sigaction != atomic_load(&signal->runtime)) {
    call_previous(previous, sig, info, context);
    return;
  }
  set_default(sig);
  raise(sig); /* delivered when the handler returns */
}

/* Race: Bun restores our handler through signal(3), which drops SA_SIGINFO; the kernel then fills in only the first
 * of the three arguments (x86_64: stale stack; aarch64: whatever the interrupted code held). Where that can happen
 * the present flags decide whether `info` may be read, and the full action is installed again. Provoked by
 * tests/programs/daemon_beside.ts. */
RARE static siginfo_t *filled(struct ps_signal *signal, int sig, siginfo_t *info) {
  struct sigaction now;
  if (sigaction(sig, 0, &now) || now.sa_sigaction != ps_handler || (now.sa_flags & SA_SIGINFO)) return info;
  sigaction(sig, &signal->ours, 0);
  return 0;
}

uint32_t ps_chain_for(int sig, const siginfo_t *info) {
  uint32_t chain = atomic_load(&ps.signals[sig].chain);
  int own = info && info->si_code <= 0 && info->si_pid == ps.pid;
  return own ? chain & ~(uint32_t)PS_CHAIN_OUTSIDE : chain;
}

RARE void ps_run_chain(struct ps_signal *signal, uint32_t chain, int sig, siginfo_t *info, void *context) {
  ps_action *action;
  siginfo_t unknown;
  if (chain && !info) {
    unknown = (siginfo_t){.si_signo = sig};
    info = &unknown;
  }
  if ((chain & PS_CHAIN_FOREIGN) && (action = atomic_load(&signal->foreign))) action(sig, info, context);
  if ((chain & (PS_CHAIN_RUNTIME | PS_CHAIN_OUTSIDE)) && (action = atomic_load(&signal->runtime))) {
    atomic_fetch_add(&signal->chained, 1);
    action(sig, info, context);
  }
}

/* setWakeupFd: each delivery writes one byte, the signal's number. */
void ps_wakeup_byte(int sig) {
  int fd = atomic_load_explicit(&ps.wakeup_fd, memory_order_relaxed);
  if (fd < 0) return;
  unsigned char byte = (unsigned char)sig;
  if (write(fd, &byte, 1) != 1) atomic_fetch_add(&ps.wakeup_failed, 1);
}

/* Obeys `info` if it is a request of threads.c and not a signal. @returns whether it is one */
static int is_request(const siginfo_t *info, void *context) {
#if defined(__linux__)
  if (!info || info->si_code != SI_QUEUE || info->si_pid != ps.pid || info->si_uid != PS_REQUEST_UID) return 0;
  ps_confine_here(info->si_signo, context);
  return 1;
#else
  (void)info, (void)context;
  return 0;
#endif
}

/* Records a signal, wakes its readers and calls the other handlers that `chain` names. */
void ps_accept(int sig, siginfo_t *info, void *context, uint32_t chain) {
  struct ps_signal *signal = &ps.signals[sig];
  uint64_t bit = ps_bit(sig);
  int kept;
  atomic_fetch_add_explicit(&signal->caught, 1, memory_order_relaxed);
  if (atomic_load(&ps.held) & bit) {
    ps_ending_saw(sig, info, 1);
    /* A standard signal is pending once, as in the kernel, and the first siginfo is the one kept. */
    int standard = sig < 32;
    if (standard && (atomic_fetch_or(&ps.held_once, bit) & bit)) {
      atomic_fetch_add_explicit(&signal->coalesced, 1, memory_order_relaxed);
      return;
    }
    kept = ps_put(sig, info, PS_HELD);
    if (!kept && standard) atomic_fetch_and(&ps.held_once, ~bit);
    ps_wake_loop();
  } else {
    ps_ending_saw(sig, info, 0);
    ps_wakeup_byte(sig);
    kept = ps_put(sig, info, chain & (PS_CHAIN_RUNTIME | PS_CHAIN_FOREIGN) ? PS_CHAINED : 0);
    ps_wake_loop();
    if (chain) ps_run_chain(signal, chain, sig, info, context);
  }
  if (!kept) atomic_fetch_add_explicit(&signal->lost, 1, memory_order_relaxed);
}

/* Records a signal that the runtime reported. Only its number is known, and no other handler is called. */
void ps_record_reported(int sig) {
  struct ps_signal *signal = &ps.signals[sig];
  atomic_fetch_add_explicit(&signal->caught, 1, memory_order_relaxed);
  if (!ps_put(sig, 0, PS_CHAINED)) atomic_fetch_add_explicit(&signal->lost, 1, memory_order_relaxed);
  ps_wake_loop();
}

static void accept(int sig, siginfo_t *info, void *context) {
  struct ps_signal *signal = &ps.signals[sig];
  atomic_fetch_add(&signal->inside, 1); /* before the chain is read: ps_chain() */
  ps_accept(sig, info, context, ps_chain_for(sig, info));
  atomic_fetch_sub(&signal->inside, 1);
}

#define BURST 64 /* signals recorded by one call of the handler: JavaScript is interrupted meanwhile */

#if defined(__linux__)
RARE static int is_installed(int sig) {
  struct sigaction now;
  return !sigaction(sig, 0, &now) && now.sa_sigaction == ps_handler;
}
#endif

/* A queued signal. The main thread records every pending one in a single call. It rarely runs with the signal
 * unblocked, so the kernel offers the next one to no other thread. Any other thread leaves the next ones to the main
 * thread. If another library's handler, installed over ours, made the call, one signal alone is recorded: that handler
 * needs the next ones too.
 *
 * Race: two threads that take neighbours race to the ring. A thread that was just spawned, or in Bun a Worker that
 * begins to wait for its next event, can take one value before it is confined, and record it late. Provoked by
 * tests/programs/daemon_listeners.ts and, with a Worker, by tests/soak.ts, which counts. */
RARE static void accept_burst(int sig, siginfo_t *info, void *context) {
  accept(sig, info, context); /* first: another thread may be about to record the next */
#if defined(__linux__)
  if (syscall(SYS_gettid) != ps.main_thread) {
    ps_confine_here(sig, context);
    return;
  }
  if (!is_installed(sig)) return;
  uint64_t one = ps_bit(sig) & ~ps_context_mask(context);
  struct timespec at_once = {0, 0};
  for (int i = 0; i < BURST; i++) {
    siginfo_t next;
    if (syscall(SYS_rt_sigtimedwait, &one, &next, &at_once, sizeof one) <= 0) return;
    if (!is_request(&next, context)) accept(sig, &next, context);
  }
#endif
}

static void handle(int sig, siginfo_t *info, void *context) {
  struct ps_signal *signal = &ps.signals[sig];
  if (atomic_load_explicit(&signal->check_siginfo, memory_order_relaxed)) info = filled(signal, sig, info);
  if (getpid() != ps.pid) {
    in_forked_child(signal, sig, info, context);
  } else if (is_fault(sig, info)) {
    pass_fault(signal, sig, info, context);
  } else if (is_request(info, context)) {
    return;
  } else if (atomic_load_explicit(&ps.ending, memory_order_relaxed) && info && info->si_code == SI_TKILL &&
             info->si_pid == ps.pid) { /* native exit work raises it, perhaps until it kills */
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
