/* macos_headers.c: compiled for macOS by deno task native:check, which fails where libc.h says anything
 * else than Apple's headers. Their numbers stand here as they were read there; a layout follows from the
 * order and the types of the members, on both processors: LP64, long and pointers of 8 bytes.
 *
 * Read in what Apple publishes: xnu, bsd/sys and bsd/sys/_types; Libc, include/time.h; dyld,
 * include/dlfcn.h. */
#include "../abi.h"

#define IS(what, number) _Static_assert((what) == (number), #what)
#define AT(type, member, offset, size) \
  IS(offsetof(type, member), offset); \
  IS(sizeof(((type *)0)->member), size)

/* <sys/signal.h>: siginfo_t; union sigval. pid_t and uid_t are of 32 bits: <sys/_types.h>. */
IS(sizeof(siginfo_t), 104);
AT(siginfo_t, si_signo, 0, 4);
AT(siginfo_t, si_errno, 4, 4);
AT(siginfo_t, si_code, 8, 4);
AT(siginfo_t, si_pid, 12, 4);
AT(siginfo_t, si_uid, 16, 4);
AT(siginfo_t, si_status, 20, 4);
AT(siginfo_t, si_addr, 24, 8);
AT(siginfo_t, si_value, 32, 8);
AT(siginfo_t, si_band, 40, 8);
_Static_assert(PS_INFO_BYTES >= 48 && PS_INFO_BYTES <= sizeof(siginfo_t), "a record keeps every member");

/* <sys/_types.h>: sigset_t is a word of 32 bits. */
IS(sizeof(sigset_t), 4);

/* <sys/signal.h>: struct sigaction as a program passes it; the one with sa_tramp is the kernel's. */
IS(sizeof(struct sigaction), 16);
AT(struct sigaction, sa_handler, 0, 8);
AT(struct sigaction, sa_sigaction, 0, 8);
AT(struct sigaction, sa_mask, 8, 4);
AT(struct sigaction, sa_flags, 12, 4);

/* <sys/time.h>, <sys/_types/_timeval.h>: time_t is long, suseconds_t of 32 bits. */
IS(sizeof(struct timeval), 16);
AT(struct timeval, tv_sec, 0, 8);
AT(struct timeval, tv_usec, 8, 4);
IS(sizeof(struct itimerval), 32);
AT(struct itimerval, it_interval, 0, 16);
AT(struct itimerval, it_value, 16, 16);
IS(ITIMER_REAL, 0);
IS(ITIMER_VIRTUAL, 1);
IS(ITIMER_PROF, 2);
IS(sizeof(struct timespec), 16);
AT(struct timespec, tv_sec, 0, 8);
AT(struct timespec, tv_nsec, 8, 8);

/* <sys/un.h>, <sys/socket.h>, <sys/wait.h> (idtype_t begins with P_ALL), <sys/fcntl.h> */
AT(struct sockaddr_un, sun_family, 1, 1);
AT(struct sockaddr_un, sun_path, 2, 104);
IS(sizeof(struct sockaddr_un), 106);
IS(SOCK_DGRAM, 2);
IS(SOL_SOCKET, 0xffff);
IS(SO_SNDTIMEO, 0x1005);
IS(P_PID, 1);
IS(WNOHANG, 1);
IS(WEXITED, 4);
IS(WSTOPPED, 8);
IS(WNOWAIT, 0x20);
IS(F_SETFD, 2);
IS(FD_CLOEXEC, 1);

/* <sys/poll.h> */
IS(sizeof(struct pollfd), 8);
AT(struct pollfd, fd, 0, 4);
AT(struct pollfd, events, 4, 2);
AT(struct pollfd, revents, 6, 2);
IS(POLLIN, 1);

/* <sys/termios.h>: four words of 8 bytes, 20 characters, two speeds of 8 bytes: 72, and ours is larger. */
_Static_assert(sizeof(struct termios) >= 72, "the modes of a terminal fit");
IS(TCSANOW, 0);

/* <dlfcn.h>: a name, a base, a name, an address. */
IS(sizeof(Dl_info), 32);
AT(Dl_info, dli_fname, 0, 8);
AT(Dl_info, dli_fbase, 8, 8);

/* <sys/signal.h>: numbers */
IS(SIGHUP, 1);
IS(SIGINT, 2);
IS(SIGILL, 4);
IS(SIGTRAP, 5);
IS(SIGABRT, 6);
IS(SIGFPE, 8);
IS(SIGKILL, 9);
IS(SIGBUS, 10);
IS(SIGSEGV, 11);
IS(SIGTERM, 15);
IS(SIGURG, 16);
IS(SIGSTOP, 17);
IS(SIGCONT, 19);
IS(SIGCHLD, 20);
IS(SIGWINCH, 28);

IS(SA_ONSTACK, 0x0001);
IS(SA_RESTART, 0x0002);
IS(SA_RESETHAND, 0x0004);
IS(SA_NOCLDSTOP, 0x0008);
IS(SA_NODEFER, 0x0010);
IS(SA_NOCLDWAIT, 0x0020);
IS(SA_SIGINFO, 0x0040);

IS(SIG_BLOCK, 1);
IS(SIG_UNBLOCK, 2);
IS(SIG_SETMASK, 3);

/* <dlfcn.h>, <mach-o/loader.h> */
IS(RTLD_NOW, 0x2);
IS(RTLD_NOLOAD, 0x10);
IS(RTLD_NODELETE, 0x80);
IS(sizeof(struct mach_header), 32);
AT(struct mach_header, sizeofcmds, 20, 4);

/* <sys/errno.h> */
IS(EPERM, 1);
IS(EINTR, 4);
IS(EBADF, 9);
IS(ENOMEM, 12);
IS(EINVAL, 22);
IS(EAGAIN, 35);
IS(ENOSYS, 78);

/* <sys/socket.h>, <sys/fcntl.h>, <sys/mman.h>; <time.h> of Libc */
IS(AF_UNIX, 1);
IS(SOCK_STREAM, 1);
IS(F_SETFD, 2);
IS(F_GETFL, 3);
IS(F_SETFL, 4);
IS(FD_CLOEXEC, 1);
IS(F_DUPFD_CLOEXEC, 67);
IS(O_NONBLOCK, 4);
IS(PROT_READ, 1);
IS(PROT_WRITE, 2);
IS(MAP_PRIVATE, 0x0002);
IS(MAP_NORESERVE, 0x0040);
IS(MAP_ANONYMOUS, 0x1000);
IS(CLOCK_MONOTONIC, 6);
