/* calls.c: the functions TypeScript calls, as calls.h says; those of threads.c, ending.c and programs.c besides. */
#include "calls.h"

/* ---- opening ---- */

/* A byte through a pipe takes half the time of one through a socket, but not every event loop watches pipes.
 * One that reads is always here, so that nobody gets SIGPIPE. */
static int wake_pair(int fds[2], uint32_t is_pipe) {
#if defined(__linux__)
  if (is_pipe) return pipe2(fds, O_CLOEXEC | O_NONBLOCK);
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
#else
  if (is_pipe ? pipe(fds) : socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    fcntl(fds[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
#endif
}

/* Of which sources this object was built. */
EXPORT uint32_t ps_build(void) { return PS_BUILD; }

/* The runtimes ignore SIGPIPE by themselves, and Bun and Node SIGXFSZ: nothing tells whether it was inherited. */
static uint64_t ignored_now(void) {
  uint64_t ignored = 0;
  struct sigaction action;
  for (int sig = 1; sig < 32; sig++)
    if (!sigaction(sig, 0, &action) && action.sa_handler == SIG_IGN) ignored |= ps_bit(sig);
  return ignored & ~(ps_bit(SIGPIPE) | ps_bit(SIGXFSZ));
}

/* The ring, the wake-up pair and what is told of the surroundings: all live as long as the process. */
static int set_up(uint32_t records, uint32_t by_pipe) {
  uint32_t size = 1;
  while (size < records) size *= 2;
  int fds[2];
  if (wake_pair(fds, by_pipe)) return -errno;
  void *ring = mmap(0, (size_t)size * sizeof(struct ps_record), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (ring == (void *)-1) {
    int error = errno;
    close(fds[0]);
    close(fds[1]);
    return -error;
  }
  ps.mask = size - 1;
  ps.limit = records;
  ps.wake_read = fds[0];
  ps.wake_write = fds[1];
  atomic_store(&ps.wakeup_fd, -1);
  atomic_store(&ps.end.timer, -1);
#if defined(__linux__)
  ps.main_thread = (int)syscall(SYS_gettid);
  ps.aside = ps.main_thread != getpid();
#else
  ps.aside = !pthread_main_np();
#endif
  ps_take_over();
  ps.ignored = ignored_now();
  ps.build = PS_BUILD;
  ps.ring = ring;
  return 0;
}

/* Returns a descriptor of the pair's read end, for one program to watch and perhaps to close: others may
 * follow it in this process, and ps_wait() reads there too. */
EXPORT int ps_open(uint32_t records, uint32_t by_pipe) {
  int error = ps.ring ? 0 : set_up(records, by_pipe), spare[2];
  if (error) return error;
  atomic_store(&ps.unfinished, 0); /* a program that ended here may have left it */
  int fd = fcntl(ps.wake_read, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (wake_pair(spare, by_pipe)) { /* Deno dies of its first listener without two more */
    error = errno;
    close(fd);
    return -error;
  }
  close(spare[0]);
  close(spare[1]);
  return fd;
}

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

EXPORT int ps_realtime_max(void) {
#if defined(__linux__)
  return __libc_current_sigrtmax();
#else
  return 0;
#endif
}

/* The signals that were ignored when the library was opened. */
EXPORT void ps_inherited_ignores(uint64_t *ignored) { *ignored = ps.ignored; }

/* ---- reading the ring ---- */

static int any_record(void) {
  uint64_t ends = atomic_load_explicit(&ps.ends, memory_order_relaxed);
  return (uint32_t)(ends >> 32) != (uint32_t)ends;
}

/* All that JavaScript asks in its innermost loops, in one call. */
EXPORT int ps_pending(void) {
  return any_record() | (int)atomic_load_explicit(&ps.unfinished, memory_order_relaxed) | (ps_queue_closed() != 0);
}

/* Copies up to `room` ready records to out[at], oldest first. An emptied ring starts again at its first record,
 * so that a quiet process touches few pages of it. Queued signals are closed with the first of theirs, and open
 * when there is nothing more. */
EXPORT int ps_drain(struct ps_record *out, uint32_t at, uint32_t room) {
  ps_queue_take(room);
  atomic_exchange(&ps.signalled, 0);
  uint64_t ends = atomic_load(&ps.ends);
  uint32_t tail = (uint32_t)ends, taken = 0;
  uint64_t signals = 0;
  while (taken < room) {
    if (tail == (uint32_t)(ends >> 32)) {
      ends = atomic_load(&ps.ends);
      if (tail == (uint32_t)(ends >> 32)) break;
    }
    struct ps_record *record = &ps.ring[tail & ps.mask];
    if (!atomic_load_explicit(&record->ready, memory_order_acquire)) break; /* its writer will wake us */
    uint64_t *to = (uint64_t *)&out[at + taken], *from = (uint64_t *)record;
    for (size_t i = 0; i < sizeof *record / 8; i++) to[i] = from[i];
    signals |= ps_bit(*(const int *)record->info);
    atomic_store_explicit(&record->ready, 0, memory_order_relaxed);
    tail++;
    taken++;
  }
  if (!taken) {
    ps_queue_open();
    return 0;
  }
  uint64_t next;
  ends = atomic_load(&ps.ends);
  do {
    uint32_t head = (uint32_t)(ends >> 32);
    next = head == tail ? 0 : (uint64_t)head << 32 | tail;
  } while (!atomic_compare_exchange_weak(&ps.ends, &ends, next));
  if (signals & atomic_load(&ps.queueing)) ps_queue_close();
  return (int)taken;
}

/* What has been drained waits, because a handler threw or was stopped: the event loop goes on with it. */
EXPORT void ps_unfinished(uint32_t yes) {
  atomic_store(&ps.unfinished, yes);
  if (!yes) return;
  ps_queue_open();
  ps_wake_loop();
}

/* Blocks this thread until a record is here (1) or the time is over (0); ms < 0 waits for ever.
 * Stale wake-up bytes are eaten first, so that waiting is never a busy loop. */
EXPORT int ps_wait(double ms) {
  double end = ps_now_ms() + ms;
  int result = -1;
  ps_queue_open();
  atomic_store(&ps.waiting, 1);
  while (result == -1) {
    char stale[64];
    while (read(ps.wake_read, stale, sizeof stale) == (long)sizeof stale) {}
    atomic_exchange(&ps.signalled, 0);
    double left = ms < 0 ? -1 : end - ps_now_ms();
    struct pollfd fd = {ps.wake_read, POLLIN, 0};
    if (any_record()) result = 1;
    else if (ms >= 0 && left <= 0) result = 0;
    else if (poll_for(&fd, 1, left) < 0 && errno != EINTR) result = -errno;
  }
  atomic_store(&ps.waiting, 0);
  return result;
}

/* Blocks this thread, and only it, for the whole time: for threads that run no handlers. */
EXPORT int ps_sleep(double ms) {
  double end = ps_now_ms() + ms;
  for (double left = ms; left > 0; left = end - ps_now_ms())
    if (poll_for(0, 0, left) < 0 && errno != EINTR) return -errno;
  return 0;
}

/* ---- dispositions ---- */

EXPORT int ps_sigaction(int sig, const struct sigaction *action, struct sigaction *old) {
  ps_queue_open();
  atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  return result(sigaction(sig, action, old));
}

EXPORT int ps_query(int sig, struct sigaction *old) { return result(sigaction(sig, 0, old)); }

static int is_function(const struct sigaction *action) {
  return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN && action->sa_sigaction != ps_handler;
}

/* Installs our handler. `before` is what stood there first, `runtime` what the JavaScript runtime
 * put there since (or the same); `chain` says which of them go on running. */
EXPORT int ps_take(int sig, int flags, const struct sigaction *before, const struct sigaction *runtime,
                   uint32_t chain, uint32_t verify) {
  struct ps_slot *slot = &ps.slots[sig];
  ps_queue_open();
  atomic_store(&slot->chain, 0);
  slot->before = *before;
  atomic_store(&slot->foreign, is_function(before) ? before->sa_sigaction : 0);
  atomic_store(&slot->runtime, is_function(runtime) ? runtime->sa_sigaction : 0);
  atomic_store(&slot->chain, chain);
  atomic_store(&slot->verify, verify);
  struct sigaction ours = {.sa_sigaction = ps_handler, .sa_flags = flags | SA_SIGINFO};
  to_sigset(&ours.sa_mask, EVERY_SIGNAL);
  slot->ours = ours;
  if (sig >= 32 && !(flags & SA_RESETHAND)) atomic_fetch_or(&ps.queueing, ps_bit(sig)); /* else one at most is ours */
  else atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  return result(sigaction(sig, &ours, 0));
}

/* From now on the event loop is woken by the runtime's own handler for `sig`, or without one by the byte: also
 * for what has woken it the other way and waits still. */
EXPORT void ps_carrier(int sig, const struct sigaction *action) {
  ps.carrier_signal = sig;
  atomic_store(&ps.carrier, is_function(action) ? action->sa_sigaction : 0);
  atomic_store(&ps.signalled, 0);
  if (ps_pending()) ps_wake_loop();
}

EXPORT void ps_chain(int sig, uint32_t chain) {
  ps_queue_open();
  atomic_store(&ps.slots[sig].chain, chain);
}

/* Where the image begins that an address lies in. */
static const void *image_of(const void *address) {
  Dl_info found;
  return dladdr(address, &found) ? found.dli_fbase : 0;
}

/* dladdr(3) reads all symbols of an image, for a millisecond in Node's program: what is found there, which
 * stays as long as the process, is looked for once. */
static int in_program(const void *address) {
  static const void *program, *known;
#if defined(__linux__)
  if (!program) program = image_of((const void *)getauxval(AT_PHDR)); /* lies in the program's own image */
#else
  if (!program) program = image_of(_dyld_get_image_header(0));
#endif
  if (address != known && program && image_of(address) == program) known = address;
  return address == known;
}

EXPORT int ps_owner(const struct sigaction *action) {
  if (action->sa_handler == SIG_DFL) return PS_OWNER_DEFAULT;
  if (action->sa_handler == SIG_IGN) return PS_OWNER_IGNORED;
  if (action->sa_sigaction == ps_handler) return PS_OWNER_SELF;
  return in_program((const void *)action->sa_sigaction) ? PS_OWNER_PROGRAM : PS_OWNER_OTHER;
}

/* ---- holding ---- */

EXPORT void ps_hold(uint32_t low, uint32_t high) { atomic_store(&ps.held, word(low, high)); }

/* A held standard signal has left the queue: the next one is the first again. */
EXPORT void ps_unhold_one(int sig) { atomic_fetch_and(&ps.held_seen, ~ps_bit(sig)); }

static void rebuild(siginfo_t *info, const struct ps_record *record) {
  uint64_t *to = (uint64_t *)info;
  const uint64_t *from = (const uint64_t *)record->info;
  for (size_t i = 0; i < sizeof *info / 8; i++) to[i] = i < PS_INFO_BYTES / 8 ? from[i] : 0;
}

uint64_t ps_no_context[128]; /* larger than the head of any ucontext_t that a handler reads */

/* A signal that the runtime's handler had alone: nothing but its number is known. */
EXPORT void ps_missed(int sig) {
  sigset_t every, old;
  to_sigset(&every, EVERY_SIGNAL);
  sigprocmask(SIG_BLOCK, &every, &old);
  ps_accept(sig, 0, ps_no_context, (atomic_load(&ps.slots[sig].chain) & PS_CHAIN_FOREIGN) | PS_TOLD);
  sigprocmask(SIG_SETMASK, &old, 0);
}

/* What the handler put off for a held signal, done now: a forced end, the wake-up byte, the chained
 * handlers, which expect a handler's surroundings: every signal is blocked meanwhile. */
EXPORT void ps_replay(const struct ps_record *record) {
  siginfo_t info;
  rebuild(&info, record);
  int sig = info.si_signo;
  sigset_t every, old;
  to_sigset(&every, EVERY_SIGNAL);
  sigprocmask(SIG_BLOCK, &every, &old);
  siginfo_t *filled = record->flags & PS_NO_INFO ? 0 : &info;
  ps_ending_released();
  ps_wakeup_byte(sig);
  ps_run_chain(&ps.slots[sig], atomic_load(&ps.slots[sig].chain), sig, filled, ps_no_context);
  sigprocmask(SIG_SETMASK, &old, 0);
}

/* Gives a caught signal back to the kernel, siginfo and all, to take whatever action stands there
 * now. It strikes before this returns. One that another handler has had already is not given twice. */
EXPORT int ps_requeue(const struct ps_record *record) {
  ps_queue_open();
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
  ps_queue_open();
  to_sigset(&set, word(low, high));
  if (sigprocmask(how, &set, &before)) return -errno;
  *old = from_sigset(&before);
  return 0;
}

EXPORT int ps_sigpending(uint64_t *pending) {
  sigset_t set;
  if (sigpending(&set)) return -errno;
  *pending = from_sigset(&set) & ~ps_queue_closed(); /* those are as good as delivered */
  return 0;
}

/* ---- timers ---- */

EXPORT uint32_t ps_alarm(uint32_t seconds) { return alarm(seconds); }

EXPORT int ps_setitimer(int which, const struct itimerval *value, struct itimerval *old) {
  return result(setitimer(which, value, old));
}

EXPORT int ps_getitimer(int which, struct itimerval *value) { return result(getitimer(which, value)); }

/* ---- sending ---- */

/* A signal to the process is taken by any thread, by its main one first. Where that is not JavaScript's
 * (in `deno test`), one that JavaScript sends to its own process would come some time after the call: so
 * it goes to this thread, with the same siginfo. -1: the usual way. */
static int to_own_thread(int pid, int sig, int code, int value) {
#if defined(__linux__)
  sigset_t blocked;
  if (!ps.aside || pid != getpid() || syscall(SYS_gettid) != ps.main_thread) return -1;
  if (sig < 1 || sig >= PS_SLOTS) return -1;
  if (sigprocmask(SIG_BLOCK, 0, &blocked) || (from_sigset(&blocked) & ps_bit(sig))) return -1;
  siginfo_t info = {.si_signo = sig, .si_code = code};
  info.si_pid = pid;
  info.si_uid = getuid();
  info.si_value.sival_ptr = (void *)(uintptr_t)(uint32_t)value;
  return syscall(SYS_rt_tgsigqueueinfo, pid, ps.main_thread, sig, &info) ? -1 : 0;
#else
  (void)pid, (void)sig, (void)code, (void)value;
  return -1;
#endif
}

EXPORT int ps_kill(int pid, int sig) {
  if (!to_own_thread(pid, sig, SI_USER, 0)) return 0;
  return result(kill(pid, sig));
}

EXPORT int ps_killpg(int group, int sig) { return result(killpg(group, sig)); }

EXPORT int ps_raise(int sig) { return result(raise(sig)); }

EXPORT int ps_thread_kill(int thread, int sig) {
#if defined(__linux__)
  return result(syscall(SYS_tgkill, getpid(), thread, sig));
#else
  (void)thread, (void)sig;
  return -ENOSYS;
#endif
}

EXPORT int ps_sigqueue(int pid, int sig, int value) {
#if defined(__linux__)
  if (!to_own_thread(pid, sig, SI_QUEUE, value)) return 0;
  return result(sigqueue(pid, sig, (sigval_t){.sival_ptr = (void *)(uintptr_t)(uint32_t)value}));
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
  return result(syscall(SYS_pidfd_send_signal, fd, sig, 0, 0));
#else
  (void)fd, (void)sig;
  return -ENOSYS;
#endif
}

EXPORT int ps_getpid(void) { return getpid(); }

/* ---- setWakeupFd ---- */

/* 1 if `fd` never blocks, 0 if it may. */
EXPORT int ps_is_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

EXPORT int ps_wakeup_fd(int fd) { return atomic_exchange(&ps.wakeup_fd, fd); }

EXPORT uint32_t ps_wakeup_failed(void) { return atomic_exchange(&ps.wakeup_failed, 0); }

/* ---- counters ---- */

EXPORT void ps_stats(int sig, uint64_t out[3]) {
  struct ps_slot *slot = &ps.slots[sig];
  out[0] = atomic_load(&slot->caught);
  out[1] = atomic_load(&slot->merged);
  out[2] = atomic_load(&slot->lost);
}
