/* threads.c: confines real-time signals to the main thread.
 *
 * Queued values keep their order only while one thread takes them. So every thread but the main one is asked to block
 * our real-time signals, by a request: one of these signals, sent to that thread by PS_REQUEST_UID. Threads are asked
 * when a handler is installed, which waits a little for them, and from the event loop, which does not. None of it runs
 * in a handler: what a thread does there is confine.c. */
#include "proc.h"

#if defined(__linux__)
/* ---- /proc ---- */

static const char *line_of(const char *text, const char *key) {
  for (const char *line = text; *line; line++) {
    int at = 0;
    while (key[at] && line[at] == key[at]) at++;
    if (!key[at]) return line + at;
  }
  return "";
}

/* The set of signals in a line of /proc/PID/status: "SigPnd:\t0000000000000000". */
static uint64_t status_set(const char *text, const char *key) {
  uint64_t set = 0;
  for (const char *c = line_of(text, key); *c && *c != '\n'; c++) {
    if (*c >= '0' && *c <= '9') set = set << 4 | (uint64_t)(*c - '0');
    else if (*c >= 'a' && *c <= 'f') set = set << 4 | (uint64_t)(*c - 'a' + 10);
  }
  return set;
}

/* A thread's masks, from /proc. */
struct thread {
  uint64_t blocked, pending; /* pending: to this thread alone */
  int is_passing;            /* starts, ends or runs our handler: what it blocks is not what it will block */
};

/* The mask of a thread that runs our handler, or that the C library is starting. Neither sleeps; one of Node's own
 * threads does, with the same mask. */
#define IN_HANDLER (EVERY_SIGNAL & ~ps_bit(SIGKILL) & ~ps_bit(SIGSTOP))

static struct thread look_at(int id) {
  char path[48], status[4096];
  ps_proc_path(path, "/proc/self/task/", id, "/status");
  if (ps_read_text(path, status, sizeof status) <= 0) return (struct thread){~(uint64_t)0, 0, 0}; /* it has ended */
  struct thread thread = {status_set(status, "SigBlk:"), status_set(status, "SigPnd:"), 0};
  int sleeps = *line_of(status, "\nState:\t") == 'S';
  thread.is_passing = (thread.blocked & IN_HANDLER) == IN_HANDLER && !sleeps;
  return thread;
}

/* ---- asking ---- */

static uint32_t thread_count(void) {
  struct statx_head tasks;
  if (syscall(SYS_statx, AT_FDCWD, "/proc/self/task", 0, STATX_NLINK, &tasks)) return 0;
  return tasks.stx_nlink;
}

/* Those of ours that a thread does not block. */
static uint64_t open_in(struct thread thread) {
  return atomic_load(&ps.confined) & atomic_load(&ps.queueing) & (thread.is_passing ? EVERY_SIGNAL : ~thread.blocked);
}

static int is_open(int id, void *unused) {
  (void)unused;
  return id != ps.main_thread && open_in(look_at(id));
}

/* Asks a thread that does not block all of ours yet. A request that it blocks would stay pending, and count against
 * RLIMIT_SIGPENDING; so would a second one, for a thread in vfork(2) or in its handler. One may be left in a thread that
 * is asked again while the kernel has it enter the handler. */
static int ask(int id, void *skipped) {
  if (id == ps.main_thread) return 0;
  struct thread thread = look_at(id);
  uint64_t open = open_in(thread);
  if (open && thread.is_passing) *(int *)skipped = 1;
  if (!open || thread.is_passing || (open & thread.pending)) return 0;
  int sig = __builtin_ctzll(open) + 1;
  atomic_fetch_or(&ps.requested, ps_bit(sig));
  siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};
  info.si_pid = ps.pid, info.si_uid = PS_REQUEST_UID;
  syscall(SYS_rt_tgsigqueueinfo, getpid(), id, sig, &info);
  return 0;
}

/* Whether a request for `sig` (or a real signal) is pending for a thread. */
static int has_request(int id, void *signal) { return (look_at(id).pending & ps_bit(*(int *)signal)) != 0; }
#endif

/* Asks the threads that were spawned since the last call. */
EXPORT void ps_confine_new_threads(void) {
#if defined(__linux__)
  uint32_t threads = thread_count();
  if (threads == atomic_exchange(&ps.confined_threads, threads)) return;
  int skipped = 0;
  ps_for_each_number("/proc/self/task", ask, &skipped); /* no /proc: each thread is confined by its first signal */
  if (skipped) atomic_store(&ps.confined_threads, 0); /* the next call asks them */
#endif
}

#define REQUESTS_NS 10000000

/* Only the main thread takes this real-time signal from now on. Waits until all others block it, a hundredth of a
 * second at most. */
EXPORT void ps_confine(int sig) {
#if defined(__linux__)
  uint64_t before = atomic_fetch_or(&ps.confined, ps_bit(sig));
  if (!(before & ps_bit(sig))) atomic_store(&ps.confined_threads, 0);
  for (uint64_t end = ps_now_ns() + REQUESTS_NS; ps_now_ns() < end; poll_for(0, 0, 0.05)) {
    ps_confine_new_threads();
    if (ps_for_each_number("/proc/self/task", is_open, 0) <= 0) return;
  }
#else
  (void)sig;
#endif
}

/* Completes the requests for `sig`, for which the next action would run. Waits until every thread has
 * taken its own; -EAGAIN if one has not after a hundredth of a second. */
EXPORT int ps_confine_done(int sig) {
#if defined(__linux__)
  atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  if (!(atomic_load(&ps.requested) & ps_bit(sig))) return 0;
  for (uint64_t end = ps_now_ns() + REQUESTS_NS; ps_for_each_number("/proc/self/task", has_request, &sig) > 0;) {
    if (ps_now_ns() > end) return -EAGAIN;
    poll_for(0, 0, 0.05);
  }
  atomic_fetch_and(&ps.requested, ~ps_bit(sig));
#else
  (void)sig;
#endif
  return 0;
}
