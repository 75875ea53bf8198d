/* proc.c: reading /proc. Source: proc(5). */
#include "proc.h"

#if defined(__linux__)
static char *append(char *to, const char *text) {
  while (*text) *to++ = *text++;
  *to = 0;
  return to;
}

void ps_proc_path(char *path, const char *directory, int number, const char *name) {
  char digits[12];
  int count = 0;
  path = append(path, directory);
  do digits[count++] = (char)('0' + number % 10); while (number /= 10);
  while (count) *path++ = digits[--count];
  append(path, name);
}

int ps_number_at(const char *text) {
  int number = 0;
  while (*text == ' ' || *text == '\t') text++;
  while (*text >= '0' && *text <= '9') number = number * 10 + *text++ - '0';
  return number;
}

int ps_read_text(const char *path, char *out, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t total = 0;
  long got = 0;
  while (total < size - 1 && (got = read(fd, out + total, size - 1 - total)) > 0) total += (size_t)got;
  int error = got < 0 ? -errno : 0;
  close(fd);
  out[total] = 0;
  return error ? error : (int)total;
}

int ps_for_each_number(const char *directory, int (*each)(int number, void *argument), void *argument) {
  int fd = open(directory, O_RDONLY | O_CLOEXEC), done = 0;
  if (fd < 0) return -errno;
  char entries[4096];
  long size;
  while (!done && (size = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
    for (long at = 0; !done && at < size;) {
      struct linux_dirent64 *entry = (struct linux_dirent64 *)(entries + at);
      at += entry->d_reclen;
      if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') done = each(ps_number_at(entry->d_name), argument);
    }
  }
  close(fd);
  return done;
}
#endif

/* /proc/PID/status, as far as `size` goes: the count of bytes, or -errno. */
EXPORT int ps_read_status(int pid, char *out, uint32_t size) {
#if defined(__linux__)
  char path[32];
  ps_proc_path(path, "/proc/", pid, "/status");
  return ps_read_text(path, out, size);
#else
  (void)pid, (void)out, (void)size;
  return -ENOSYS;
#endif
}
