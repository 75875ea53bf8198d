/* calls.c: the functions TypeScript calls, as calls.h says; those of threads.c, ending.c and programs.c besides. */
#include "calls.h"

/* ---- this process ---- */

EXPORT int ps_getpid(void) { return getpid(); }

EXPORT int ps_thread_id(void) {
#if defined(__linux__)
  return (int)syscall(SYS_gettid);
#else
  return -ENOSYS;
#endif
}

EXPORT double ps_now_ms(void) { return (double)ps_now_ns() / 1e6; }

EXPORT int ps_realtime_min(void) {
#if defined(__linux__)
  return __libc_current_sigrtmin();
#else
  return 0;
#endif
}

/* The signals that were ignored when the library was opened. */
EXPORT void ps_inherited_ignores(uint64_t *ignored) { *ignored = ps.ignored; }

/* ---- waiting ---- */

/* Blocks this thread, and only it, for the whole time: for threads that run no handlers. */
EXPORT int ps_sleep(double ms) {
  double end = ps_now_ms() + ms;
  for (double left = ms; left > 0; left = end - ps_now_ms())
    if (poll_for(0, 0, left) < 0 && errno != EINTR) return -errno;
  return 0;
}

/* ---- dispositions ---- */

EXPORT int ps_sigaction(int sig, const struct sigaction *action, struct sigaction *old) {
  atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  return result(sigaction(sig, action, old));
}

/* XNU refuses the two that nobody can change also as a query. */
EXPORT int ps_query(int sig, struct sigaction *old) {
#if defined(__APPLE__)
  if (sig == SIGKILL || sig == SIGSTOP) return *old = (struct sigaction){.sa_handler = SIG_DFL}, 0;
#endif
  return result(sigaction(sig, 0, old));
}

static int is_function(const struct sigaction *action) {
  return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN && action->sa_sigaction != ps_handler;
}

/* Installs our handler. `previous` is the action found before it, `runtime` the JavaScript runtime's (or the same);
 * `chain` says which of them are called after ours. The chain is one store, and its handlers are stored before: no
 * signal misses one that was chained and stays so. Provoked by tests/posix/chain_test.ts.
 *
 * Race: another thread of this process may have installed a handler since `previous` was found, as workers of `deno
 * serve --parallel` do, each with a copy of this library. That is the previous one then, and chained. Provoked by
 * tests/field/reload_test.ts. */
EXPORT int ps_install(int sig, int flags, struct sigaction *previous, const struct sigaction *runtime, uint32_t chain,
                      uint32_t check_siginfo) {
  struct ps_signal *signal = &ps.signals[sig];
  signal->previous = *previous;
  atomic_store(&signal->foreign, is_function(previous) ? previous->sa_sigaction : 0);
  atomic_store(&signal->runtime, is_function(runtime) ? runtime->sa_sigaction : 0);
  atomic_store(&signal->chain, chain);
  atomic_store(&signal->check_siginfo, check_siginfo);
  struct sigaction ours = {.sa_sigaction = ps_handler, .sa_flags = flags | SA_SIGINFO | SA_ONSTACK};
  to_sigset(&ours.sa_mask, EVERY_SIGNAL);
  signal->ours = ours;
  if (sig >= 32 && !(flags & SA_RESETHAND)) atomic_fetch_or(&ps.queueing, ps_bit(sig)); /* else one at most is ours */
  else atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  struct sigaction old;
  if (sigaction(sig, &ours, &old)) return -errno;
  if (is_function(&old) && old.sa_sigaction != previous->sa_sigaction && old.sa_sigaction != runtime->sa_sigaction) {
    *previous = signal->previous = old;
    atomic_store(&signal->foreign, old.sa_sigaction);
    atomic_fetch_or(&signal->chain, PS_CHAIN_FOREIGN);
  }
  return 0;
}

/* @returns whether a thread is in the handler, where it may still use the previous chain */
EXPORT int ps_chain(int sig, uint32_t chain) {
  atomic_store(&ps.signals[sig].chain, chain);
  return atomic_load(&ps.signals[sig].inside) > 0;
}

/* Whether an address lies in the program's own image. dladdr(3) would read all symbols of it, for a millisecond in
 * Node's. */
#if defined(__linux__)
struct span {
  uintptr_t address;
  int found;
};

/* The first image is the program's: dl_iterate_phdr(3). */
static int is_in_first(struct dl_phdr_info *info, size_t size_of_info, void *argument) {
  (void)size_of_info;
  struct span *span = argument;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const uint64_t *header = info->dlpi_phdr[i].words;
    uint64_t address = header[P_VADDR], size = header[P_MEMSZ];
    span->found |= (uint32_t)header[P_TYPE] == PT_LOAD && span->address - info->dlpi_addr - address < size;
  }
  return 1;
}

static int in_program(const void *address) {
  struct span span = {.address = (uintptr_t)address};
  dl_iterate_phdr(is_in_first, &span);
  return span.found;
}
#else
static const void *image_of(const void *address) {
  Dl_info found;
  return dladdr(address, &found) ? found.dli_fbase : 0;
}

static int in_program(const void *address) { return image_of(address) == (const void *)_dyld_get_image_header(0); }
#endif

EXPORT int ps_owner(const struct sigaction *action) {
  if (action->sa_handler == SIG_DFL) return PS_OWNER_DEFAULT;
  if (action->sa_handler == SIG_IGN) return PS_OWNER_IGNORED;
  if (action->sa_sigaction == ps_handler) return PS_OWNER_SELF;
  return in_program((const void *)action->sa_sigaction) ? PS_OWNER_PROGRAM : PS_OWNER_OTHER;
}

/* The owner of the kernel's present action. */
EXPORT int ps_present_owner(int sig) {
  struct sigaction action;
  return sigaction(sig, 0, &action) ? -errno : ps_owner(&action);
}

/* ---- holding ---- */

EXPORT void ps_hold(uint32_t low, uint32_t high) { atomic_store(&ps.held, word(low, high)); }

/* A held standard signal has left the queue: the next one is the first again. */
EXPORT void ps_unhold_one(int sig) { atomic_fetch_and(&ps.held_once, ~ps_bit(sig)); }

static void rebuild(siginfo_t *info, const struct ps_record *record) {
  uint64_t *to = (uint64_t *)info;
  const uint64_t *from = (const uint64_t *)record->info;
  for (size_t i = 0; i < sizeof *info / 8; i++) to[i] = i < PS_INFO_BYTES / 8 ? from[i] : 0;
}

uint64_t ps_no_context[128];

/* A signal that the runtime reported to its listeners without a call of our handler. Only its number is known. */
EXPORT void ps_reported(int sig) {
  sigset_t every, old;
  to_sigset(&every, EVERY_SIGNAL);
  pthread_sigmask(SIG_BLOCK, &every, &old);
  ps_record_reported(sig);
  pthread_sigmask(SIG_SETMASK, &old, 0);
}

/* Does what the handler deferred for a held signal: a forced end, the wake-up byte, the chained handlers. They run as in
 * a handler, with every signal blocked. */
EXPORT void ps_replay(const struct ps_record *record) {
  siginfo_t info;
  rebuild(&info, record);
  int sig = info.si_signo;
  sigset_t every, old;
  to_sigset(&every, EVERY_SIGNAL);
  pthread_sigmask(SIG_BLOCK, &every, &old);
  siginfo_t *filled = record->flags & PS_NO_INFO ? 0 : &info;
  ps_ending_released();
  ps_wakeup_byte(sig);
  ps_run_chain(&ps.signals[sig], ps_chain_for(sig, filled), sig, filled, ps_no_context);
  pthread_sigmask(SIG_SETMASK, &old, 0);
}

/* Sends a caught signal to this thread again, with its siginfo, to take the action that is installed now. It is
 * delivered before this returns. A signal that another handler was called for is not sent again. */
EXPORT int ps_requeue(const struct ps_record *record) {
  if (record->flags & PS_CHAINED) return 0;
#if defined(__linux__)
  siginfo_t info;
  rebuild(&info, record);
  return result(syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), info.si_signo, &info));
#else
  return result(raise(*(const int *)record->info));
#endif
}

EXPORT int ps_sigmask(int how, uint32_t low, uint32_t high, uint64_t *old) {
  sigset_t set, before;
  to_sigset(&set, word(low, high));
  int error = pthread_sigmask(how, &set, &before);
  if (error) return -error;
  *old = from_sigset(&before);
  return 0;
}

EXPORT int ps_sigpending(uint64_t *pending) {
  sigset_t set;
  if (sigpending(&set)) return -errno;
  *pending = from_sigset(&set);
  return 0;
}

/* ---- timers ---- */

EXPORT uint32_t ps_alarm(uint32_t seconds) { return alarm(seconds); }

EXPORT int ps_setitimer(int which, const struct itimerval *value, struct itimerval *old) {
  return result(setitimer(which, value, old));
}

EXPORT int ps_getitimer(int which, struct itimerval *value) { return result(getitimer(which, value)); }

/* ---- sending ---- */

#if defined(__linux__)
static siginfo_t sent_by_us(int sig, int code, int value) {
  siginfo_t info = {.si_signo = sig, .si_code = code};
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = (void *)(uintptr_t)(uint32_t)value;
  return info;
}
#endif

/* A signal to the process is taken by any thread, as a rule by its main one. Where that is not JavaScript's (in `deno
 * test`), or while helper threads are spawned, it could be taken some time after the call that sent it: so one that
 * JavaScript sends to its own process goes to this thread, with the same siginfo. -1: the usual way. */
static int to_own_thread(int pid, int sig, int code, int value) {
#if defined(__linux__)
  sigset_t blocked;
  if (sig < 1 || sig >= PS_SIGNALS || pid != ps.pid) return -1;
  if (pid != getpid() || syscall(SYS_gettid) != ps.main_thread) return -1;
  if (pthread_sigmask(SIG_BLOCK, 0, &blocked) || (from_sigset(&blocked) & ps_bit(sig))) return -1;
  siginfo_t info = sent_by_us(sig, code, value);
  return syscall(SYS_rt_tgsigqueueinfo, pid, ps.main_thread, sig, &info) ? -1 : 0;
#else
  (void)pid, (void)sig, (void)code, (void)value;
  return -1;
#endif
}

/* What a call that sends returns: 1 if handlers are due, since this process may be the receiver. */
static int sent(long value) { return value < 0 ? -errno : ps_pending() != 0; }

EXPORT int ps_kill(int pid, int sig) {
  return sent(to_own_thread(pid, sig, SI_USER, 0) ? kill(pid, sig) : 0);
}

EXPORT int ps_killpg(int group, int sig) { return sent(killpg(group, sig)); }

EXPORT int ps_raise(int sig) { return sent(raise(sig)); }

EXPORT int ps_thread_kill(int thread, int sig) {
#if defined(__linux__)
  return sent(syscall(SYS_tgkill, getpid(), thread, sig));
#else
  (void)thread, (void)sig;
  return -ENOSYS;
#endif
}

/* Not sigqueue(3): musl's blocks every signal meanwhile, and one to this process goes to another thread then. */
EXPORT int ps_sigqueue(int pid, int sig, int value) {
#if defined(__linux__)
  if (!to_own_thread(pid, sig, SI_QUEUE, value)) return sent(0);
  siginfo_t info = sent_by_us(sig, SI_QUEUE, value);
  return sent(syscall(SYS_rt_sigqueueinfo, pid, sig, &info));
#else
  (void)pid, (void)sig, (void)value;
  return -ENOSYS;
#endif
}

EXPORT int ps_pidfd_open(int pid) {
#if defined(__linux__)
  return result(syscall(SYS_pidfd_open, pid, 0));
#else
  (void)pid;
  return -ENOSYS;
#endif
}

EXPORT int ps_pidfd_send_signal(int fd, int sig) {
#if defined(__linux__)
  return sent(syscall(SYS_pidfd_send_signal, fd, sig, 0, 0));
#else
  (void)fd, (void)sig;
  return -ENOSYS;
#endif
}

/* ---- setWakeupFd ---- */

/* 1 if `fd` never blocks, 0 if it may. */
EXPORT int ps_is_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

EXPORT int ps_wakeup_fd(int fd) { return atomic_exchange(&ps.wakeup_fd, fd); }

EXPORT uint32_t ps_wakeup_failed(void) { return atomic_exchange(&ps.wakeup_failed, 0); }

/* ---- counters ---- */

EXPORT void ps_stats(int sig, uint64_t out[4]) {
  struct ps_signal *signal = &ps.signals[sig];
  out[0] = atomic_load(&signal->caught);
  out[1] = atomic_load(&signal->coalesced);
  out[2] = atomic_load(&signal->lost);
  out[3] = atomic_load(&signal->chained);
}
