/* darwin.c: macOS's C library and kernel as far as the native part calls them, on Linux. The sources of
 * ffi/native, compiled as for macOS, are linked with it (build.ts): numbers, structures and branches are then
 * those of macOS, and this file translates. It is a library of its own, which all copies of that one share.
 *
 * What XNU does otherwise than Linux is done here the same way, each with its place in Apple's sources:
 * - si_code is 0 for every kill and keypress, and si_pid 0 for a keypress: bsd/dev/arm/unix_signal.c, sendsig().
 * - sigaction() of SIGKILL and SIGSTOP fails also as a query, and SA_RESETHAND is not reported:
 *   bsd/kern/kern_sig.c, sigaction().
 * - sigprocmask() would change every thread's mask: it is not here, and what calls it does not link.
 * - A library is unloaded at its last dlclose(): it is linked without -z nodelete. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- errors ---- */

static __thread int darwin_errno;
int *__error(void) { return &darwin_errno; }

static int fail(int error) {
  darwin_errno = error == EAGAIN ? 35 : error == ENOSYS ? 78 : error;
  return -1;
}

#define CHECKED(call) \
  ({ \
    __typeof__(call) value = call; \
    if ((long)value == -1) fail(errno); \
    value; \
  })

/* ---- numbers of signals ---- */

/* Linux's number of each of macOS's; SIGEMT and SIGINFO, which Linux has not, are real-time signals. */
static const unsigned char to_linux[32] = {
    0,       SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, 61,      SIGFPE,    SIGKILL, SIGBUS,
    SIGSEGV, SIGSYS,  SIGPIPE, SIGALRM, SIGTERM, SIGURG,  SIGSTOP, SIGTSTP, SIGCONT,   SIGCHLD, SIGTTIN,
    SIGTTOU, SIGIO,   SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, 60,   SIGUSR1,   SIGUSR2,
};

static int linux_of(int sig) { return sig >= 0 && sig < 32 ? to_linux[sig] : sig == 0 ? 0 : -1; }

static int darwin_of(int sig) {
  for (int i = 1; i < 32; i++)
    if (to_linux[i] == sig) return i;
  return 0;
}

static void linux_set(sigset_t *to, uint32_t from) {
  sigemptyset(to);
  for (int i = 1; i < 32; i++)
    if (from >> (i - 1) & 1) sigaddset(to, to_linux[i]);
}

static uint32_t darwin_set(const sigset_t *from) {
  uint32_t to = 0;
  for (int i = 1; i < 32; i++)
    if (sigismember(from, to_linux[i])) to |= (uint32_t)1 << (i - 1);
  return to;
}

/* ---- handlers ---- */

struct darwin_siginfo {
  int signo, error, code, pid;
  unsigned uid;
  int status;
  void *addr, *value;
  long band;
  unsigned long pad[7];
};

typedef void darwin_action(int sig, struct darwin_siginfo *info, void *context);
typedef void linux_action(int sig, siginfo_t *info, void *context);

struct darwin_sigaction {
  darwin_action *handler;
  uint32_t mask;
  int flags;
};

static struct darwin_sigaction installed[65]; /* through darwin_sigaction(), by Linux's number */
static __thread siginfo_t *present;           /* what the kernel gave the trampoline that runs */

static void trampoline(int sig, siginfo_t *info, void *context) {
  int saved = errno, saved_darwin = darwin_errno;
  siginfo_t *outer = present;
  struct darwin_siginfo darwin = {.signo = darwin_of(sig), .error = info->si_errno};
  int sent = info->si_code <= 0 && info->si_code != SI_TIMER;
  present = info;
  if (sent) {
    darwin.pid = info->si_pid;
    darwin.uid = info->si_uid;
  } else if (sig == SIGCHLD) {
    darwin.code = info->si_code;
    darwin.pid = info->si_pid;
    darwin.uid = info->si_uid;
    darwin.status = info->si_status;
  } else if (sig == SIGILL || sig == SIGTRAP || sig == SIGBUS || sig == SIGFPE || sig == SIGSEGV) {
    darwin.code = info->si_code;
    darwin.addr = info->si_addr;
  }
  installed[sig].handler(darwin.signo, &darwin, context);
  present = outer;
  errno = saved;
  darwin_errno = saved_darwin;
}

/* The runtime's own handlers, which know Linux's numbers, as the native part sees and calls them. */
#define THUNKS 32
static linux_action *thunk_target[THUNKS];

static void call_thunk(int index, int sig, struct darwin_siginfo *info) {
  siginfo_t made = {.si_signo = linux_of(sig)};
  siginfo_t *given = present && present->si_signo == made.si_signo ? present : &made;
  if (info && given == &made) made.si_pid = info->pid;
  static uint64_t no_context[128];
  thunk_target[index](made.si_signo, given, no_context);
}

#define THUNK(n) \
  static void thunk_##n(int sig, struct darwin_siginfo *info, void *context) { (void)context, call_thunk(n, sig, info); }
#define EACH(X) \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
  X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
EACH(THUNK)
#define ADDRESS(n) thunk_##n,
static darwin_action *const thunks[THUNKS] = {EACH(ADDRESS)};

static darwin_action *thunk_for(linux_action *target) {
  if (target == (linux_action *)SIG_DFL || target == (linux_action *)SIG_IGN) return (darwin_action *)target;
  for (int i = 0; i < THUNKS; i++) {
    if (!thunk_target[i]) thunk_target[i] = target;
    if (thunk_target[i] == target) return thunks[i];
  }
  abort();
}

static linux_action *target_of(const void *thunk) {
  for (int i = 0; i < THUNKS; i++)
    if ((const void *)thunks[i] == thunk) return thunk_target[i];
  return 0;
}

static const struct {
  int darwin, linux_;
} flag_bits[] = {{1, SA_ONSTACK}, {2, SA_RESTART}, {4, (int)SA_RESETHAND}, {8, SA_NOCLDSTOP}, {0x10, SA_NODEFER},
                 {0x20, SA_NOCLDWAIT}, {0x40, SA_SIGINFO}};

int darwin_sigaction(int number, const struct darwin_sigaction *action, struct darwin_sigaction *old) {
  int sig = linux_of(number);
  if (sig <= 0 || sig == SIGKILL || sig == SIGSTOP) return fail(EINVAL);
  struct sigaction before, now = {0};
  if (sigaction(sig, 0, &before)) return fail(errno);
  struct darwin_sigaction known = installed[sig];
  if (action) {
    linux_action *target = target_of((const void *)action->handler);
    int is_function = (void *)action->handler != (void *)SIG_DFL && (void *)action->handler != (void *)SIG_IGN;
    now.sa_sigaction = target ? target : is_function ? trampoline : (linux_action *)action->handler;
    for (size_t i = 0; i < sizeof flag_bits / sizeof *flag_bits; i++)
      if (action->flags & flag_bits[i].darwin) now.sa_flags |= flag_bits[i].linux_;
    if (now.sa_sigaction == trampoline) now.sa_flags |= SA_SIGINFO;
    linux_set(&now.sa_mask, action->mask);
    installed[sig] = *action;
    if (sigaction(sig, &now, 0)) return fail(errno);
  }
  if (old) {
    if (before.sa_sigaction == trampoline) {
      *old = known;
      old->flags &= ~4;
    } else {
      *old = (struct darwin_sigaction){.handler = thunk_for(before.sa_sigaction), .mask = darwin_set(&before.sa_mask)};
      for (size_t i = 0; i < sizeof flag_bits / sizeof *flag_bits; i++)
        if (flag_bits[i].darwin != 4 && (before.sa_flags & flag_bits[i].linux_)) old->flags |= flag_bits[i].darwin;
    }
  }
  return 0;
}

/* A thread's own mask; like every POSIX thread function it returns the error's number. */
int darwin_pthread_sigmask(int how, const uint32_t *set, uint32_t *old) {
  sigset_t given, before;
  if (set && (how < 1 || how > 3)) return EINVAL;
  if (set) linux_set(&given, *set);
  int error = pthread_sigmask(how - 1, set ? &given : 0, &before);
  if (!error && old) *old = darwin_set(&before);
  return error;
}

int darwin_sigpending(uint32_t *set) {
  sigset_t pending;
  if (sigpending(&pending)) return fail(errno);
  *set = darwin_set(&pending);
  return 0;
}

/* ---- sending ---- */

int darwin_kill(int pid, int sig) { return linux_of(sig) < 0 ? fail(EINVAL) : CHECKED(kill(pid, linux_of(sig))); }
int darwin_killpg(int group, int sig) { return linux_of(sig) < 0 ? fail(EINVAL) : CHECKED(killpg(group, linux_of(sig))); }
int darwin_raise(int sig) { return linux_of(sig) < 0 ? fail(EINVAL) : CHECKED(raise(linux_of(sig))); }

/* ---- time ---- */

struct darwin_timeval {
  long tv_sec;
  int tv_usec;
};
struct darwin_itimerval {
  struct darwin_timeval interval, value;
};

static struct itimerval linux_timer(const struct darwin_itimerval *from) {
  return (struct itimerval){{from->interval.tv_sec, from->interval.tv_usec}, {from->value.tv_sec, from->value.tv_usec}};
}

static void darwin_timer(struct darwin_itimerval *to, const struct itimerval *from) {
  to->interval = (struct darwin_timeval){from->it_interval.tv_sec, (int)from->it_interval.tv_usec};
  to->value = (struct darwin_timeval){from->it_value.tv_sec, (int)from->it_value.tv_usec};
}

int darwin_setitimer(int which, const struct darwin_itimerval *value, struct darwin_itimerval *old) {
  struct itimerval given = linux_timer(value), before;
  if (setitimer(which, &given, &before)) return fail(errno);
  if (old) darwin_timer(old, &before);
  return 0;
}

int darwin_getitimer(int which, struct darwin_itimerval *value) {
  struct itimerval now;
  if (getitimer(which, &now)) return fail(errno);
  darwin_timer(value, &now);
  return 0;
}

int darwin_clock_gettime(int clock, struct timespec *now) {
  return clock == 6 ? CHECKED(clock_gettime(CLOCK_MONOTONIC, now)) : fail(EINVAL);
}

/* ---- descriptors, memory ---- */

#define DARWIN_O_NONBLOCK 4

int darwin_fcntl(int fd, int command, long argument) {
  switch (command) {
  case 2: return CHECKED(fcntl(fd, F_SETFD, argument));
  case 3: {
    int flags = CHECKED(fcntl(fd, F_GETFL));
    return flags < 0 ? flags : (flags & O_ACCMODE) | (flags & O_NONBLOCK ? DARWIN_O_NONBLOCK : 0);
  }
  case 4: return CHECKED(fcntl(fd, F_SETFL, argument & DARWIN_O_NONBLOCK ? O_NONBLOCK : 0));
  case 67: return CHECKED(fcntl(fd, F_DUPFD_CLOEXEC, argument));
  default: return fail(EINVAL);
  }
}

void *darwin_mmap(void *address, size_t size, int protection, int flags, int fd, long offset) {
  int given = flags & MAP_PRIVATE;
  if (flags & 0x1000) given |= MAP_ANONYMOUS;
  if (flags & 0x40) given |= MAP_NORESERVE;
  return CHECKED(mmap(address, size, protection, given, fd, offset));
}

long darwin_read(int fd, void *bytes, size_t size) { return CHECKED(read(fd, bytes, size)); }
long darwin_write(int fd, const void *bytes, size_t size) { return CHECKED(write(fd, bytes, size)); }
int darwin_poll(struct pollfd *fds, unsigned count, int timeout) { return CHECKED(poll(fds, count, timeout)); }
int darwin_pipe(int fds[2]) { return CHECKED(pipe(fds)); }

/* ---- the end, threads, the dynamic linker ---- */

int __cxa_atexit(void (*function)(void *), void *argument, void *library);
int __cxa_at_quick_exit(void (*function)(void *), void *library);

/* Bun ends by exit(3) on macOS, which has no quick_exit(3), and by that on Linux. */
int darwin___cxa_atexit(void (*function)(void *), void *argument, void *library) {
  if (!argument) __cxa_at_quick_exit(function, library);
  return __cxa_atexit(function, argument, library);
}

int pthread_main_np(void) { return gettid() == getpid(); }

int darwin_dladdr(const void *address, Dl_info *info) {
  linux_action *target = target_of(address);
  return dladdr(target ? (const void *)target : address, info);
}

void *darwin_dlopen(const char *path, int flags) {
  int given = flags & 3;
  if (flags & 0x10) given |= RTLD_NOLOAD;
  if (flags & 0x80) given |= RTLD_NODELETE;
  return dlopen(path, given);
}

/* The program first, then the copies of this library: no other image here begins like one of them. */
struct images {
  uint32_t wanted, count;
  const void *found;
};

static int look_at(struct dl_phdr_info *info, size_t size, void *argument) {
  struct images *images = argument;
  (void)size;
  if (images->count && !strstr(info->dlpi_name, "libsignal")) return 0;
  uintptr_t base = info->dlpi_addr;
  if (!base) /* a program that is loaded where it was linked to be */
    for (int i = 0; i < info->dlpi_phnum; i++)
      if (info->dlpi_phdr[i].p_type == PT_LOAD && !info->dlpi_phdr[i].p_offset) base = info->dlpi_phdr[i].p_vaddr;
  if (images->count++ == images->wanted) images->found = (const void *)base;
  return 0;
}

uint32_t _dyld_image_count(void) {
  struct images images = {.wanted = UINT32_MAX};
  dl_iterate_phdr(look_at, &images);
  return images.count;
}

const void *_dyld_get_image_header(uint32_t index) {
  struct images images = {.wanted = index};
  dl_iterate_phdr(look_at, &images);
  return images.found;
}

/* ---- what ffi/library.ts calls ---- */

/* _CS_DARWIN_USER_TEMP_DIR, as <unistd.h> of macOS has it: the user's own directory, with a slash behind. */
__attribute__((visibility("default"))) size_t confstr(int name, char *to, size_t size) {
  const char *directory = getenv("DARWIN_USER_TEMP_DIR");
  if (name != 65537 || !directory) return fail(EINVAL), 0;
  size_t length = strlen(directory) + 1;
  if (size) strncpy(to, directory, size - 1), to[size - 1] = 0;
  return length;
}

/* Writes the library that was built for this file, beside it, over the one that was extracted to `path`. */
__attribute__((visibility("default"))) int darwin_extract(const char *path) {
  Dl_info own;
  char built[4096], bytes[65536];
  if (!dladdr((void *)darwin_extract, &own)) return -1;
  stpcpy(stpncpy(built, own.dli_fname, sizeof built - 16), ".signal");
  int from = open(built, O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  long got = -1;
  while (from >= 0 && to >= 0 && (got = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, (size_t)got) != got) break;
  close(from);
  close(to);
  return got == 0 ? 0 : -1;
}
