/* services.c: the service manager's socket, the state of children, zombies and process groups. None of it runs in
 * a handler. Sources: sd_notify(3), unix(7), waitid(2), proc(5), prctl(2). */
#include "proc.h"

/* ---- the environment and the service manager ---- */

/* The value of an environment variable, without its zero: how many bytes; -ENOENT if it is not set. Unlike the
 * runtime's own way it needs no permission of Deno's. */
EXPORT int ps_getenv(const char *name, char *out, uint32_t size) {
  const char *value = getenv(name);
  if (!value) return -ENOENT;
  uint32_t length = 0;
  for (; value[length] && length < size; length++) out[length] = value[length];
  return (int)length;
}

/* Sends one datagram to NOTIFY_SOCKET: 1, or 0 where there is none. A manager that does not read blocks this
 * thread for SEND_SECONDS, then it is -EAGAIN. A socket with such a limit is never restarted by SA_RESTART. */
EXPORT int ps_notify(const char *message, uint32_t size) {
  enum { SEND_SECONDS = 5 };
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  unsigned length = 0;
  if (!path || !*path) return 0;
  if (*path != '/' && *path != '@') return -EINVAL;
  for (; path[length]; length++) {
    if (length == sizeof address.sun_path - 1) return -ENAMETOOLONG;
    address.sun_path[length] = path[length];
  }
  if (*path == '@') address.sun_path[0] = 0; /* unix(7), "abstract" */
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return -errno;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  struct timeval limit = {.tv_sec = SEND_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  long sent;
  do sent = sendto(fd, message, size, 0, &address, (unsigned)offsetof(struct sockaddr_un, sun_path) + length);
  while (sent < 0 && errno == EINTR);
  int error = sent < 0 ? -errno : 1;
  close(fd);
  return error;
}

/* ---- one process ---- */

/* The state of a child by waitid(2), which leaves it unreaped: 0 while it runs, CLD_STOPPED, or CLD_EXITED,
 * CLD_KILLED, CLD_DUMPED of a zombie; -ECHILD: no child of this process, or reaped. */
EXPORT int ps_child_state(int pid) {
  siginfo_t info = {.si_signo = 0};
  if (waitid(P_PID, (unsigned)pid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT)) return -errno;
  return info.si_signo ? info.si_code : 0;
}

/* Whether the process behind a pidfd has ended, reaped or not: pidfd_open(2). */
EXPORT int ps_pidfd_ended(int pidfd) {
  struct pollfd fd = {pidfd, POLLIN, 0};
  return poll_for(&fd, 1, 0) < 0 ? -errno : fd.revents != 0;
}

/* Of descriptors that this library has opened, which Deno cannot close. */
EXPORT int ps_close(int fd) { return result(close(fd)); }

EXPORT int ps_getpgid(int pid) { return result(getpgid(pid)); }

EXPORT int ps_getsid(int pid) { return result(getsid(pid)); }

/* Makes orphaned descendants children of this process. Returns the previous setting; -ENOSYS on macOS. */
EXPORT int ps_subreaper(int on) {
#if defined(__linux__)
  int before = 0;
  if (prctl(PR_GET_CHILD_SUBREAPER, &before) || prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)on)) return -errno;
  return before;
#else
  (void)on;
  return -ENOSYS;
#endif
}

/* ---- /proc ---- */

#if defined(__linux__)
/* Of /proc/PID/stat: the state, the parent, the group. The name before them may hold anything, ")" too. */
enum { UNKNOWN = '?' }; /* no descriptor is left to read it */
struct stat {
  char state;
  int parent, group;
};

static struct stat stat_of(int pid) {
  char path[32], text[512];
  ps_proc_path(path, "/proc/", pid, "/stat");
  int length = ps_read_text(path, text, sizeof text);
  if (length == -EMFILE || length == -ENFILE) return (struct stat){UNKNOWN, 0, 0};
  for (char *c = text + length; c > text; c--) {
    if (*c != ')') continue;
    const char *parent = c + 3, *group = parent + 1;
    while (*group && *group != ' ') group++;
    return (struct stat){c[2], ps_number_at(parent), ps_number_at(group)};
  }
  return (struct stat){0, 0, 0};
}

static int runs_in_group(int pid, void *group) {
  struct stat stat = stat_of(pid);
  if (stat.state == UNKNOWN) return -EMFILE;
  return stat.group == *(int *)group && stat.state && stat.state != 'Z' && stat.state != 'X';
}
#endif

/* Whether a process of the group has not ended; zombies have. -EMFILE: no descriptor is left to look. */
EXPORT int ps_group_runs(int group) {
#if defined(__linux__)
  if (killpg(group, 0) && errno == ESRCH) return 0;
  return ps_for_each_number("/proc", runs_in_group, &group);
#else
  return killpg(group, 0) ? errno != ESRCH && errno != EPERM : 1; /* EPERM: zombies alone */
#endif
}

#if defined(__linux__)
struct list {
  int *pids;
  uint32_t count, room;
};

static int add_zombie(int pid, void *argument) {
  struct list *list = argument;
  struct stat stat = stat_of(pid);
  if (stat.state == 'Z' && stat.parent == getpid()) list->pids[list->count++] = pid;
  return list->count == list->room;
}
#endif

/* The zombies among the children of the process's main thread, which is where the kernel gives it orphans; those
 * that a thread of a Worker forked are not among them. Works without CONFIG_PROC_CHILDREN too.
 * Returns their count; -ENOENT without a /proc of this PID namespace; -ENOSYS on macOS. */
EXPORT int ps_zombies(int *pids, uint32_t room) {
#if defined(__linux__)
  struct list list = {pids, 0, room};
  char path[64], text[4096];
  long length = readlink("/proc/self", text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  if (ps_number_at(text) != getpid()) return -ENOENT;
  ps_proc_path(path, "/proc/self/task/", getpid(), "/children");
  int fd = open(path, O_RDONLY | O_CLOEXEC), number = 0;
  if (fd < 0) {
    int error = ps_for_each_number("/proc", add_zombie, &list);
    return error < 0 ? error : (int)list.count;
  }
  for (long size; list.count < room && (size = read(fd, text, sizeof text)) > 0;) {
    for (long at = 0; list.count < room && at < size; at++) {
      if (text[at] >= '0' && text[at] <= '9') number = number * 10 + text[at] - '0';
      else if (number) {
        add_zombie(number, &list);
        number = 0;
      }
    }
  }
  close(fd);
  return (int)list.count;
#else
  (void)pids, (void)room;
  return -ENOSYS;
#endif
}

#if defined(__linux__)
/* "anon_inode:[pidfd]", or "pidfd:[42]" in Linux 6.9. */
static int has_pidfd(const char *link) {
  for (; *link; link++)
    if (link[0] == 'p' && link[1] == 'i' && link[2] == 'd' && link[3] == 'f' && link[4] == 'd') return 1;
  return 0;
}

/* Removes from the list the process that the pidfd `fd` refers to: "Pid:\t42" in its fdinfo. */
static int drop_watched(int fd, void *argument) {
  struct list *list = argument;
  char path[48], text[512];
  ps_proc_path(path, "/proc/self/fd/", fd, "");
  long length = readlink(path, text, sizeof text - 1);
  if (length < 0) return 0;
  text[length] = 0;
  if (!has_pidfd(text)) return 0;
  ps_proc_path(path, "/proc/self/fdinfo/", fd, "");
  length = ps_read_text(path, text, sizeof text);
  if (length < 0) return length == -ENOENT ? 0 : (int)length; /* closed meanwhile, by another thread */
  for (const char *c = text; *c; c++) {
    if (c[0] != 'P' || c[1] != 'i' || c[2] != 'd' || c[3] != ':') continue;
    int pid = ps_number_at(c + 4);
    for (uint32_t i = 0; i < list->count; i++)
      if (list->pids[i] == pid) list->pids[i] = 0;
    break;
  }
  return 0;
}
#endif

/* Reaps the zombies of which this process holds no pidfd; the runtimes hold one of each child that they wait for.
 * Returns their count. */
EXPORT int ps_reap(int *pids, uint32_t count) {
  int reaped = 0;
#if defined(__linux__)
  struct list list = {pids, count, count};
  int error = ps_for_each_number("/proc/self/fd", drop_watched, &list);
  if (error < 0) return error;
  siginfo_t info;
  for (uint32_t i = 0; i < count; i++)
    if (pids[i] && !waitid(P_PID, (unsigned)pids[i], &info, WEXITED | WNOHANG)) reaped++;
#else
  (void)pids, (void)count;
#endif
  return reaped;
}
