/* threads.c: real-time signals confined to the main thread, and what /proc tells of threads and processes.
 *
 * Queued values keep their order only while one thread takes them. So every thread but the main one is asked to block
 * our real-time signals, by a request: one of these signals, sent to that thread with `&ps` as its value. Threads are
 * asked when a handler is installed and from the event loop, never in a handler, and nobody waits for them: in
 * handlers runs ps_confine_here() alone. */
#include "calls.h"

#if defined(__linux__)
/* ---- in handlers ---- */

/* Where ucontext_t has what the handler interrupted, in bytes from its start. `deno task native:check` compares with
 * the system's <ucontext.h>. */
enum {
#if defined(__x86_64__)
  PS_CONTEXT_MASK = 296,   /* uc_sigmask: the mask that the handler returns to */
  PS_CONTEXT_SP = 160,     /* rsp */
  PS_CONTEXT_RESULT = 144, /* rax: what its system call returns */
  PS_CONTEXT_FIFTH = 40,   /* r8: that call's fifth argument */
  PS_CONTEXT_SIXTH = 48,   /* r9: its sixth */
#else
  PS_CONTEXT_MASK = 40,
  PS_CONTEXT_SP = 432,     /* sp */
  PS_CONTEXT_RESULT = 184, /* x0 */
  PS_CONTEXT_FIFTH = 216,  /* x4 */
  PS_CONTEXT_SIXTH = 224,  /* x5 */
#endif
};

static uint64_t *of_context(void *context, int at) { return (uint64_t *)((char *)context + at); }

uint64_t ps_context_mask(void *context) { return *of_context(context, PS_CONTEXT_MASK); }

/* The calling thread, any but the main one, blocks our signals from the handler's return on.
 *
 * Bun's threads wait for events by epoll_pwait2(2) with an empty mask of the call's own (its HTTP client's, from the
 * first fetch() on, and Workers). The signal is blocked in the mask that the handler returns to then, and the call's
 * mask, its fifth argument, lies in the frame of the caller, which repeats the call after EINTR: our signals are added
 * there. It lasts until the thread has had an event. */
void ps_confine_here(int sig, void *context) {
  uint64_t confined = atomic_load(&ps.confined), *mask = of_context(context, PS_CONTEXT_MASK);
  if (syscall(SYS_gettid) == ps.main_thread) return;
  if (!(*mask & ps_bit(sig))) {
    *mask |= confined;
    return;
  }
  uint64_t argument = *of_context(context, PS_CONTEXT_FIFTH), stack = *of_context(context, PS_CONTEXT_SP);
  if ((int64_t)*of_context(context, PS_CONTEXT_RESULT) != -EINTR) return;
  if (argument - stack >= 4096 || argument % 8 || *of_context(context, PS_CONTEXT_SIXTH) != 8) return;
  uint64_t *of_call = (uint64_t *)argument;
  if (!(*of_call & ps_bit(sig))) *of_call |= confined;
}

/* ---- /proc ---- */

static char *append(char *to, const char *text) {
  while (*text) *to++ = *text++;
  *to = 0;
  return to;
}

static char *append_number(char *to, int number) {
  char digits[12];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10); while (number /= 10);
  while (count) *to++ = digits[--count];
  *to = 0;
  return to;
}

static int read_file(const char *path, char *out, uint32_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  long got, total = 0;
  while (total < (long)size && (got = read(fd, out + total, size - (size_t)total)) > 0) total += got;
  close(fd);
  return (int)total;
}

static const char *line_of(const char *text, const char *key) {
  for (const char *line = text; *line; line++) {
    int at = 0;
    while (key[at] && line[at] == key[at]) at++;
    if (!key[at]) return line + at;
  }
  return "";
}

/* The set that a line of /proc/PID/status tells: "SigPnd:\t0000000000000000". */
static uint64_t status_set(const char *text, const char *key) {
  uint64_t set = 0;
  for (const char *c = line_of(text, key); *c && *c != '\n'; c++) {
    if (*c >= '0' && *c <= '9') set = set << 4 | (uint64_t)(*c - '0');
    else if (*c >= 'a' && *c <= 'f') set = set << 4 | (uint64_t)(*c - 'a' + 10);
  }
  return set;
}

/* What /proc tells of one thread. */
struct thread {
  uint64_t blocked, pending; /* pending: to this thread alone */
};

/* The mask of a thread that runs our handler; none sleeps there, as one of Node's does with the same mask. */
#define IN_HANDLER (EVERY_SIGNAL & ~ps_bit(SIGKILL) & ~ps_bit(SIGSTOP))

/* `blocked` is what the thread blocks for longer than a handler lasts; one that has ended blocks everything. */
static struct thread look_at(int id) {
  char path[48], status[4096];
  append(append_number(append(path, "/proc/self/task/"), id), "/status");
  int length = read_file(path, status, sizeof status - 1);
  if (length <= 0) return (struct thread){~(uint64_t)0, 0};
  status[length] = 0;
  struct thread thread = {status_set(status, "SigBlk:"), status_set(status, "SigPnd:")};
  int sleeps = *line_of(status, "\nState:\t") == 'S';
  if ((thread.blocked & IN_HANDLER) == IN_HANDLER && !sleeps) thread.blocked = 0;
  return thread;
}

/* Calls `each` for every thread of this process, until it returns other than 0. */
static int for_each_thread(int (*each)(int id, int sig), int sig) {
  int tasks = open("/proc/self/task", O_RDONLY | O_CLOEXEC), done = 0;
  if (tasks < 0) return -errno;
  char entries[2048];
  long size;
  while (!done && (size = syscall(SYS_getdents64, tasks, entries, sizeof entries)) > 0) {
    for (long at = 0; !done && at < size;) {
      struct linux_dirent64 *entry = (struct linux_dirent64 *)(entries + at);
      at += entry->d_reclen;
      int id = 0;
      for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++) id = id * 10 + *c - '0';
      if (id) done = each(id, sig);
    }
  }
  close(tasks);
  return done;
}

/* ---- asking ---- */

static uint32_t thread_count(void) {
  struct statx_head tasks;
  if (syscall(SYS_statx, AT_FDCWD, "/proc/self/task", 0, STATX_NLINK, &tasks)) return 0;
  return tasks.stx_nlink;
}

/* Asks a thread that does not block all of ours yet. A request that it blocks would stay pending for ever, and count
 * against RLIMIT_SIGPENDING; so would a second one, for a thread in vfork(2). */
static int ask(int id, int unused) {
  (void)unused;
  if (id == ps.main_thread) return 0;
  struct thread thread = look_at(id);
  uint64_t open = atomic_load(&ps.confined) & atomic_load(&ps.queueing) & ~thread.blocked;
  if (!open || (open & thread.pending)) return 0;
  int sig = __builtin_ctzll(open) + 1;
  atomic_fetch_or(&ps.requested, ps_bit(sig));
  siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};
  info.si_value.sival_ptr = &ps;
  syscall(SYS_rt_tgsigqueueinfo, getpid(), id, sig, &info);
  return 0;
}

/* Whether a thread has yet to take a request for `sig` (or a real signal sent to it alone). */
static int has_request(int id, int sig) {
  struct thread thread = look_at(id);
  return (thread.pending & ~thread.blocked & ps_bit(sig)) != 0;
}
#endif

/* Asks the threads that were spawned since the last time. @returns whether there are such */
EXPORT int ps_confine_new_threads(void) {
#if defined(__linux__)
  uint32_t count = thread_count();
  if (count == atomic_exchange(&ps.confined_threads, count)) return 0;
  return for_each_thread(ask, 0) == 0; /* no /proc: each thread is confined by its first signal */
#else
  return 0;
#endif
}

/* Only the main thread takes this real-time signal from now on. */
EXPORT void ps_confine(int sig) {
#if defined(__linux__)
  uint64_t before = atomic_fetch_or(&ps.confined, ps_bit(sig));
  if (!(before & ps_bit(sig))) atomic_store(&ps.confined_threads, 0);
  ps_confine_new_threads();
#else
  (void)sig;
#endif
}

#define REQUESTS_NS 10000000

/* Ends the requests for `sig`: the action that is installed next would take them for signals. Waits until every thread
 * that runs has taken its own; -EAGAIN if one has not after a hundredth of a second. */
EXPORT int ps_confine_done(int sig) {
#if defined(__linux__)
  atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  if (!(atomic_load(&ps.requested) & ps_bit(sig))) return 0;
  for (uint64_t end = ps_now_ns() + REQUESTS_NS; for_each_thread(has_request, sig) > 0;) {
    if (ps_now_ns() > end) return -EAGAIN;
    poll_for(0, 0, 0.05);
  }
  atomic_fetch_and(&ps.requested, ~ps_bit(sig));
#else
  (void)sig;
#endif
  return 0;
}

/* /proc/PID/status, as far as `size` goes: how many bytes. */
EXPORT int ps_read_status(int pid, char *out, uint32_t size) {
#if defined(__linux__)
  char path[32];
  append(append_number(append(path, "/proc/"), pid), "/status");
  return read_file(path, out, size);
#else
  (void)pid, (void)out, (void)size;
  return -ENOSYS;
#endif
}
