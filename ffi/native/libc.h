/* libc.h: what this library uses of the C library, declared here for every target.
 *
 * No system header is included, so one Debian clang builds all four objects without an SDK, and a
 * change of headers cannot change the bytes. `deno task native:check` compiles layout.c against the
 * system's own <signal.h> as well and fails when an offset or a constant differs.
 *
 * Sources: POSIX.1-2024 <signal.h>; glibc and musl bits/sigaction.h, asm-generic/siginfo.h (Linux);
 * xnu bsd/sys/signal.h, bsd/sys/_types (macOS). */
#ifndef PS_LIBC_H
#define PS_LIBC_H

#include <stddef.h>
#include <stdint.h>

typedef union sigval {
  int sival_int;
  void *sival_ptr;
} sigval_t;

struct timespec {
  long tv_sec;
  long tv_nsec;
};

struct pollfd {
  int fd;
  short events;
  short revents;
};

/* Terminal modes: saved and put back as they are, never looked into. */
struct termios {
  uint64_t opaque[16];
};

#if defined(__linux__)

typedef struct {
  unsigned long bits[16];
} sigset_t;

typedef struct siginfo {
  int si_signo;
  int si_errno;
  int si_code;
  union {
    char pad[112];
    void *align;
    struct {
      int si_pid;
      unsigned si_uid;
      union {
        sigval_t si_value;
        int si_status;
      };
      long si_utime;
      long si_stime;
    };
    struct {
      int si_timerid;
      int si_overrun;
    };
    struct {
      long si_band;
      int si_fd;
    };
    void *si_addr;
  };
} siginfo_t;

struct sigaction {
  union {
    void (*sa_handler)(int);
    void (*sa_sigaction)(int, siginfo_t *, void *);
  };
  sigset_t sa_mask;
  int sa_flags;
  void (*sa_restorer)(void);
};

struct timeval {
  long tv_sec;
  long tv_usec;
};

struct sigevent {
  sigval_t sigev_value;
  int sigev_signo;
  int sigev_notify;
  char pad[48];
};

enum {
  SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGPIPE = 13, SIGTERM = 15, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGXFSZ = 25,
  SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGSEGV = 11,
  SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGURG = 23, SIGWINCH = 28,
  SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_SIGINFO = 4, SA_ONSTACK = 0x08000000,
  SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000,
  SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2,
  SI_USER = 0, SI_QUEUE = -1, SI_TIMER = -2, SI_TKILL = -6, SI_KERNEL = 0x80,
  ITIMER_REAL = 0, ITIMER_VIRTUAL = 1, ITIMER_PROF = 2,
  EAGAIN = 11, EINTR = 4, EINVAL = 22, ENOSYS = 38, ENOMEM = 12, EBADF = 9, EPERM = 1, ENOENT = 2, ESRCH = 3,
  ENFILE = 23, EMFILE = 24,
  ENAMETOOLONG = 36,
  CLOCK_MONOTONIC = 1,
  AF_UNIX = 1, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOL_SOCKET = 1, SO_SNDTIMEO = 21, SOCK_CLOEXEC = 02000000, SOCK_NONBLOCK = 04000,
  PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x4000,
  POLLIN = 1, POLLOUT = 4, F_SETFD = 2, FD_CLOEXEC = 1, F_GETFL = 3, F_DUPFD_CLOEXEC = 1030, O_RDONLY = 0, O_CLOEXEC = 02000000, O_NONBLOCK = 04000, SIGEV_SIGNAL = 0,
  PT_LOAD = 1, TCSANOW = 0,
  P_PID = 1, WNOHANG = 1, WSTOPPED = 2, WEXITED = 4, WNOWAIT = 0x1000000,
  PR_SET_CHILD_SUBREAPER = 36, PR_GET_CHILD_SUBREAPER = 37,
};

struct sockaddr_un {
  unsigned short sun_family;
  char sun_path[108];
};
#define SA_RESETHAND (-0x7fffffff - 1)

#if defined(__x86_64__)
enum {
  SYS_gettid = 186, SYS_tgkill = 234, SYS_rt_tgsigqueueinfo = 297, SYS_rt_sigqueueinfo = 129, SYS_timer_create = 222,
  SYS_timer_settime = 223, SYS_timer_delete = 226, SYS_getdents64 = 217,
  SYS_statx = 332, SYS_rt_sigtimedwait = 128,
};
#elif defined(__aarch64__)
enum {
  SYS_gettid = 178, SYS_tgkill = 131, SYS_rt_tgsigqueueinfo = 240, SYS_rt_sigqueueinfo = 138, SYS_timer_create = 107,
  SYS_timer_settime = 110, SYS_timer_delete = 111, SYS_getdents64 = 61,
  SYS_statx = 291, SYS_rt_sigtimedwait = 137,
};
#else
#error "no system call numbers for this processor"
#endif
enum { SYS_pidfd_send_signal = 424, SYS_pidfd_open = 434 };

struct itimerspec {
  struct timespec it_interval;
  struct timespec it_value;
};

/* The head of struct statx(2), as far as it is read. */
struct statx_head {
  uint32_t stx_mask, stx_blksize;
  uint64_t stx_attributes;
  uint32_t stx_nlink;
  uint32_t rest[59];
};
enum { STATX_NLINK = 4, AT_FDCWD = -100 };

struct linux_dirent64 {
  uint64_t d_ino;
  int64_t d_off;
  uint16_t d_reclen;
  uint8_t d_type;
  char d_name[];
};

int *__errno_location(void);
#define errno (*__errno_location())
long syscall(long number, ...);
int poll(struct pollfd *fds, unsigned long count, int timeout_ms);
int ppoll(struct pollfd *fds, unsigned long count, const struct timespec *timeout, const sigset_t *mask);
int __libc_current_sigrtmin(void);
unsigned getuid(void);
int open(const char *path, int flags, ...);

/* Elf64_Ehdr and Elf64_Phdr, and the head of struct dl_phdr_info. */
struct elf_header {
  char before[56];
  uint16_t e_phnum, after[3];
};
struct dl_phdr_info {
  uintptr_t dlpi_addr;
  const char *dlpi_name;
  const struct program_header *dlpi_phdr;
  uint16_t dlpi_phnum;
};
struct program_header {
  uint64_t words[7];
};
enum { P_TYPE = 0 /* and p_flags */, P_VADDR = 2, P_MEMSZ = 5 }; /* words of it */
int dl_iterate_phdr(int (*each)(struct dl_phdr_info *info, size_t size, void *data), void *data);
int pipe2(int fds[2], int flags);
int prctl(int option, ...);
long readlink(const char *path, char *out, size_t size);

#elif defined(__APPLE__)

typedef uint32_t sigset_t;

typedef struct siginfo {
  int si_signo;
  int si_errno;
  int si_code;
  int si_pid;
  unsigned si_uid;
  int si_status;
  void *si_addr;
  sigval_t si_value;
  long si_band;
  unsigned long pad[7];
} siginfo_t;

struct sigaction {
  union {
    void (*sa_handler)(int);
    void (*sa_sigaction)(int, siginfo_t *, void *);
  };
  sigset_t sa_mask;
  int sa_flags;
};

struct timeval {
  long tv_sec;
  int tv_usec;
};

enum {
  SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGPIPE = 13, SIGTERM = 15, SIGTSTP = 18, SIGTTIN = 21, SIGTTOU = 22, SIGXFSZ = 25,
  SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGFPE = 8, SIGKILL = 9, SIGBUS = 10, SIGSEGV = 11,
  SIGURG = 16, SIGSTOP = 17, SIGCONT = 19, SIGCHLD = 20, SIGWINCH = 28,
  SA_ONSTACK = 1, SA_RESTART = 2, SA_RESETHAND = 4, SA_NOCLDSTOP = 8, SA_NODEFER = 0x10,
  SA_NOCLDWAIT = 0x20, SA_SIGINFO = 0x40,
  SIG_BLOCK = 1, SIG_UNBLOCK = 2, SIG_SETMASK = 3,
  /* <sys/signal.h> says 0x10001; XNU's sendsig() gives 0 to every kill(), raise() and keypress. */
  SI_USER = 0, SI_TKILL = 0,
  ITIMER_REAL = 0, ITIMER_VIRTUAL = 1, ITIMER_PROF = 2,
  EAGAIN = 35, EINTR = 4, EINVAL = 22, ENOSYS = 78, ENOMEM = 12, EBADF = 9, EPERM = 1, ENOENT = 2, ESRCH = 3,
  ENFILE = 23, EMFILE = 24,
  ENAMETOOLONG = 63,
  CLOCK_MONOTONIC = 6,
  AF_UNIX = 1, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOL_SOCKET = 0xffff, SO_SNDTIMEO = 0x1005,
  PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x1000, MAP_NORESERVE = 0x40,
  POLLIN = 1, POLLOUT = 4, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, FD_CLOEXEC = 1, F_DUPFD_CLOEXEC = 67, O_NONBLOCK = 4, TCSANOW = 0,
  P_PID = 1, WNOHANG = 1, WEXITED = 4, WSTOPPED = 8, WNOWAIT = 0x20,
};

struct sockaddr_un {
  unsigned char sun_len, sun_family;
  char sun_path[104];
};

int *__error(void);
#define errno (*__error())
int poll(struct pollfd *fds, unsigned count, int timeout_ms);
int pthread_main_np(void);
int pthread_create(void **thread, const void *attributes, void *(*start)(void *), void *argument);
int pipe(int fds[2]);
uint32_t _dyld_image_count(void);
const void *_dyld_get_image_header(uint32_t index);
void *dlopen(const char *path, int mode);
enum { RTLD_NOW = 2, RTLD_NOLOAD = 0x10, RTLD_NODELETE = 0x80 };

/* The head of an image: struct mach_header_64, with the load commands behind it. */
struct mach_header {
  uint32_t magic, cputype, cpusubtype, filetype, ncmds, sizeofcmds, flags, reserved;
};

#else
#error "this library is built for Linux and macOS"
#endif

struct itimerval {
  struct timeval it_interval;
  struct timeval it_value;
};

typedef struct {
  const char *dli_fname;
  void *dli_fbase;
  const char *dli_sname;
  void *dli_saddr;
} Dl_info;

#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)

int sigaction(int sig, const struct sigaction *action, struct sigaction *old);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old); /* the thread's own everywhere; returns the error */
int sigpending(sigset_t *set);
int tcgetattr(int fd, struct termios *modes);
int tcsetattr(int fd, int when, const struct termios *modes);
int tcgetpgrp(int fd);
int getpgrp(void);
int kill(int pid, int sig);
int killpg(int group, int sig);
int raise(int sig);
unsigned alarm(unsigned seconds);
int setitimer(int which, const struct itimerval *value, struct itimerval *old);
int getitimer(int which, struct itimerval *value);
int clock_gettime(int clock, struct timespec *now);
int getpid(void);
int getppid(void);
void _exit(int status) __attribute__((noreturn));
int __cxa_atexit(void (*function)(void *), void *argument, void *library);
int __cxa_at_quick_exit(void (*function)(void *), void *library) __attribute__((weak)); /* glibc */
int at_quick_exit(void (*function)(void)) __attribute__((weak));                         /* musl */
long write(int fd, const void *bytes, size_t size);
int socketpair(int domain, int type, int protocol, int fds[2]);
int socket(int domain, int type, int protocol);
int setsockopt(int fd, int level, int option, const void *value, unsigned size);
long sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr_un *to, unsigned length);
char *getenv(const char *name);
int waitid(int which, unsigned id, siginfo_t *info, int options);
int getpgid(int pid);
int getsid(int pid);
int fcntl(int fd, int command, ...);
int close(int fd);
long read(int fd, void *bytes, size_t size);
void *mmap(void *address, size_t size, int protection, int flags, int fd, long offset);
int dladdr(const void *address, Dl_info *info);

#endif
