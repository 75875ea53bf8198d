/* threads.c: real-time signals left to the main thread, and what /proc tells of threads and processes. */
#include "calls.h"

/* From now on only the main thread takes this real-time signal. */
EXPORT int ps_steer(int sig) {
#if defined(__linux__)
  uint64_t before = atomic_fetch_or(&ps.steered, ps_bit(sig));
  if ((before & ps_bit(sig)) && ps_thread_count() == atomic_load(&ps.steered_threads)) return 0;
#endif
  return ps_steer_threads(sig);
}

#if defined(__linux__)
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

/* The set that a line of /proc/PID/status tells: "SigPnd:\t0000000000000000". */
static uint64_t status_set(const char *text, const char *key) {
  for (const char *line = text; *line; line++) {
    int at = 0;
    while (key[at] && line[at] == key[at]) at++;
    if (key[at]) continue;
    uint64_t set = 0;
    for (const char *c = line + at; *c && *c != '\n'; c++) {
      if (*c >= '0' && *c <= '9') set = set << 4 | (uint64_t)(*c - '0');
      else if (*c >= 'a' && *c <= 'f') set = set << 4 | (uint64_t)(*c - 'a' + 10);
    }
    return set;
  }
  return 0;
}

/* The mask of a thread that runs our handler; it never sleeps there, as one of Node's does with the same. */
#define IN_HANDLER (EVERY_SIGNAL & ~ps_bit(SIGKILL) & ~ps_bit(SIGSTOP))

static int sleeps(const char *status) {
  static const char state[] = "\nState:\tS";
  for (; *status; status++) {
    int at = 0;
    while (state[at] && status[at] == state[at]) at++;
    if (!state[at]) return 1;
  }
  return 0;
}

/* Whether a thread has yet to see a request for `sig` (or a real signal sent to it alone). */
static int request_waits(int sig) {
  int tasks = open("/proc/self/task", O_RDONLY | O_CLOEXEC), waits = 0;
  if (tasks < 0) return 0;
  char entries[2048], status[4096], path[64];
  long size;
  while (!waits && (size = syscall(SYS_getdents64, tasks, entries, sizeof entries)) > 0) {
    for (long at = 0; !waits && at < size;) {
      struct linux_dirent64 *entry = (struct linux_dirent64 *)(entries + at);
      at += entry->d_reclen;
      if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
      append(append(append(path, "/proc/self/task/"), entry->d_name), "/status");
      int length = read_file(path, status, sizeof status - 1);
      if (length <= 0) continue;
      status[length] = 0;
      uint64_t blocked = status_set(status, "SigBlk:");
      if ((blocked & IN_HANDLER) == IN_HANDLER && !sleeps(status)) blocked = 0; /* only until its handler returns */
      waits = (status_set(status, "SigPnd:") & ~blocked & ps_bit(sig)) != 0;
    }
  }
  close(tasks);
  return waits;
}
#endif

/* Waits until every thread that can has seen the requests of ps_steer(); -EAGAIN if one has not after
 * a twentieth of a second. */
EXPORT int ps_steer_done(int sig) {
#if defined(__linux__)
  if (!(atomic_load(&ps.requested) & ps_bit(sig))) return 0;
  for (uint64_t end = ps_now_ns() + 50000000; request_waits(sig);) {
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
