/* threads.c: real-time signals left to the main thread, and what /proc tells of threads and processes.
 * The asking runs in the handler as well: it calls only what safe_symbols.txt lists. */
#include "calls.h"

#if defined(__linux__)
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

struct mask {
  uint64_t blocked, pending; /* pending: to this thread alone */
};

/* The mask of a thread that runs our handler; it never sleeps there, as one of Node's does with the same. */
#define IN_HANDLER (EVERY_SIGNAL & ~ps_bit(SIGKILL) & ~ps_bit(SIGSTOP))

/* What a thread blocks for longer than a handler lasts; one that has ended blocks everything. */
static struct mask mask_of(int thread) {
  char path[48], status[4096];
  append(append_number(append(path, "/proc/self/task/"), thread), "/status");
  int length = read_file(path, status, sizeof status - 1);
  if (length <= 0) return (struct mask){~(uint64_t)0, 0};
  status[length] = 0;
  struct mask mask = {status_set(status, "SigBlk:"), status_set(status, "SigPnd:")};
  int sleeps = *line_of(status, "\nState:\t") == 'S';
  if ((mask.blocked & IN_HANDLER) == IN_HANDLER && !sleeps) mask.blocked = 0;
  return mask;
}

/* Has `each` look at every thread of this process, until it wants no more. */
static int for_each_thread(int (*each)(int thread, uint64_t *argument), uint64_t *argument) {
  int tasks = open("/proc/self/task", O_RDONLY | O_CLOEXEC), done = 0;
  if (tasks < 0) return -errno;
  char entries[2048];
  long size;
  while (!done && (size = syscall(SYS_getdents64, tasks, entries, sizeof entries)) > 0) {
    for (long at = 0; !done && at < size;) {
      struct linux_dirent64 *entry = (struct linux_dirent64 *)(entries + at);
      at += entry->d_reclen;
      int thread = 0;
      for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++) thread = thread * 10 + *c - '0';
      if (thread) done = each(thread, argument);
    }
  }
  close(tasks);
  return done;
}

/* ---- asking ---- */

uint32_t ps_thread_count(void) {
  struct statx_head tasks;
  if (syscall(SYS_statx, AT_FDCWD, "/proc/self/task", 0, STATX_NLINK, &tasks)) return 0;
  return tasks.stx_nlink;
}

/* Asks a thread that does not leave all of ours to the main one yet. A request that it blocks would wait
 * there for ever, and count against RLIMIT_SIGPENDING. */
static int ask(int thread, uint64_t *asked) {
  if (thread == ps.main_thread) return 0;
  uint64_t open = atomic_load(&ps.steered) & atomic_load(&ps.queueing) & ~mask_of(thread).blocked;
  if (!open) return 0;
  int sig = __builtin_ctzll(open) + 1;
  atomic_fetch_or(&ps.requested, ps_bit(sig));
  siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};
  info.si_value.sival_ptr = &ps;
  *asked += !syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, sig, &info);
  return 0;
}

#define ANSWER_NS 20000000 /* one that has not run for so long is not waited for */

/* Asks those that are new, and waits until they have obeyed. */
static int ask_all(void) {
  uint64_t asked = 0;
  uint32_t before = atomic_load(&ps.answered);
  int error = for_each_thread(ask, &asked); /* no /proc: each thread learns at its first signal */
  for (uint64_t end = ps_now_ns() + ANSWER_NS; atomic_load(&ps.answered) - before < asked && ps_now_ns() < end;)
    poll_for(0, 0, 0.01);
  return error;
}

/* Twice: whoever was waiting with a mask of the call's own has gone back to that. */
int ps_steer_newcomers(void) {
  uint32_t count = ps_thread_count();
  int error = ask_all();
  if (!error) error = ask_all();
  if (!error) atomic_store(&ps.steered_threads, count);
  return error;
}

/* The handler on another thread: from now on that leaves our signals to the main thread.
 *
 * Bun's threads wait for events by epoll_pwait2(2) with an empty mask (its HTTP client's, from the first
 * fetch() on, and Workers), which opens them to every signal for as long as they wait. What gives them away is
 * that the signal is blocked in the mask to which they return. The call's own mask, its fifth argument, lies
 * in the caller's frame, who repeats the call with it after EINTR: there our signals are added. It lasts until
 * the thread has had an event. */
void ps_steer_here(int sig, void *context) {
  uint64_t steered = atomic_load(&ps.steered), *mask = ps_of_context(context, PS_CONTEXT_MASK);
  if (!(*mask & ps_bit(sig))) {
    *mask |= steered;
    return;
  }
  uint64_t argument = *ps_of_context(context, PS_CONTEXT_FIFTH), stack = *ps_of_context(context, PS_CONTEXT_SP);
  if ((int64_t)*ps_of_context(context, PS_CONTEXT_RESULT) != -EINTR) return;
  if (argument - stack >= 4096 || argument % 8 || *ps_of_context(context, PS_CONTEXT_SIXTH) != 8) return;
  uint64_t *of_call = (uint64_t *)argument;
  if (!(*of_call & ps_bit(sig))) *of_call |= steered;
}
#endif

/* From now on only the main thread takes this real-time signal. */
EXPORT int ps_steer(int sig) {
#if defined(__linux__)
  uint64_t before = atomic_fetch_or(&ps.steered, ps_bit(sig));
  if ((before & ps_bit(sig)) && ps_thread_count() == atomic_load(&ps.steered_threads)) return 0;
  int error = ps_steer_newcomers();
  ps_wake_loop(); /* to ask those that are born until the program waits: ps_queue_turn() */
  return error;
#else
  (void)sig;
  return 0;
#endif
}

#if defined(__linux__)
/* Whether a thread has yet to see a request for `sig` (or a real signal sent to it alone). */
static int request_waits(int thread, uint64_t *sig) {
  struct mask mask = mask_of(thread);
  return (mask.pending & ~mask.blocked & ps_bit((int)*sig)) != 0;
}
#endif

/* No requests for `sig` any more. Waits until every thread that can has seen those of ps_steer(); -EAGAIN
 * if one has not after a twentieth of a second. */
EXPORT int ps_steer_done(int sig) {
#if defined(__linux__)
  uint64_t argument = (uint64_t)sig;
  atomic_fetch_and(&ps.queueing, ~ps_bit(sig));
  if (!(atomic_load(&ps.requested) & ps_bit(sig))) return 0;
  for (uint64_t end = ps_now_ns() + 50000000; for_each_thread(request_waits, &argument) > 0;) {
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
