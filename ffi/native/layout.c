/* layout.c: offsets and constants, as the compiler sees them for a target. It is compiled to
 * assembly and never linked; build.ts reads the rows out of it and writes ffi/layout.ts. With
 * PS_SYSTEM_HEADERS it sees the system's own headers, for the comparison in native:check. */
#ifdef PS_SYSTEM_HEADERS
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#else
#include "abi.h"
#endif

#define ROW(text, value) __asm__ volatile("\n.ascii \"@@ " text " %0\"" ::"i"((long)(int)(value)))
#define FIELD(table, type, field, kind, why) ROW(#table " " #field " " kind " " why " =", offsetof(type, field))
#define SIZE(table, type) ROW(#table " size - bytes =", sizeof(type))
#define CONSTANT(name) ROW("constants " #name " - - =", name)

#ifdef __APPLE__
#define USEC "i32"
#else
#define USEC "i64"
#endif

void layout(void) {
  SIZE(siginfo, siginfo_t);
  FIELD(siginfo, siginfo_t, si_signo, "i32", "int");
  FIELD(siginfo, siginfo_t, si_errno, "i32", "int");
  FIELD(siginfo, siginfo_t, si_code, "i32", "int");
  FIELD(siginfo, siginfo_t, si_pid, "i32", "pid_t");
  FIELD(siginfo, siginfo_t, si_uid, "u32", "uid_t");
  FIELD(siginfo, siginfo_t, si_status, "i32", "int,~SIGCHLD~only");
  FIELD(siginfo, siginfo_t, si_value, "i32", "union~sigval,~its~sival_int");
  FIELD(siginfo, siginfo_t, si_addr, "u64", "void*,~faults~only");
  FIELD(siginfo, siginfo_t, si_band, "i64", "long,~SIGIO~only");
#ifdef __linux__
  FIELD(siginfo, siginfo_t, si_utime, "i64", "clock_t~(ticks),~SIGCHLD~only");
  FIELD(siginfo, siginfo_t, si_stime, "i64", "clock_t~(ticks),~SIGCHLD~only");
  FIELD(siginfo, siginfo_t, si_fd, "i32", "int,~SIGIO~only");
  FIELD(siginfo, siginfo_t, si_timerid, "i32", "int,~SI_TIMER~only");
  FIELD(siginfo, siginfo_t, si_overrun, "i32", "int,~SI_TIMER~only");
#endif

  SIZE(sigaction, struct sigaction);
  FIELD(sigaction, struct sigaction, sa_handler, "u64", "function~pointer");
  FIELD(sigaction, struct sigaction, sa_mask, "mask", "sigset_t,~its~first~word");
  FIELD(sigaction, struct sigaction, sa_flags, "i32", "int");
  ROW("sigset size - bytes =", sizeof(sigset_t));

  SIZE(itimerval, struct itimerval);
  FIELD(itimerval, struct itimerval, it_interval.tv_sec, "i64", "time_t");
  FIELD(itimerval, struct itimerval, it_interval.tv_usec, USEC, "suseconds_t");
  FIELD(itimerval, struct itimerval, it_value.tv_sec, "i64", "time_t");
  FIELD(itimerval, struct itimerval, it_value.tv_usec, USEC, "suseconds_t");

  CONSTANT(SA_NOCLDSTOP);
  CONSTANT(SA_NOCLDWAIT);
  CONSTANT(SA_SIGINFO);
  CONSTANT(SA_ONSTACK);
  CONSTANT(SA_RESTART);
  CONSTANT(SA_NODEFER);
  CONSTANT(SA_RESETHAND);
  CONSTANT(SIGHUP);
  CONSTANT(SIGINT);
  CONSTANT(SIGTERM);
  CONSTANT(SIGURG);
  CONSTANT(SIG_BLOCK);
  CONSTANT(SIG_UNBLOCK);
  CONSTANT(SIG_SETMASK);

#ifndef PS_SYSTEM_HEADERS
  SIZE(record, struct ps_record);
  FIELD(record, struct ps_record, flags, "u32", "PS_HELD,~PS_NO_INFO");
  FIELD(record, struct ps_record, time_s, "i32", "CLOCK_MONOTONIC,~seconds");
  FIELD(record, struct ps_record, time_ns, "i32", "and~nanoseconds");
  FIELD(record, struct ps_record, info, "bytes", "the~head~of~siginfo_t");
  CONSTANT(PS_RESET_BYTES);
  CONSTANT(PS_HELD);
  CONSTANT(PS_NO_INFO);
  CONSTANT(PS_CHAIN_RUNTIME);
  CONSTANT(PS_CHAIN_FOREIGN);
  CONSTANT(PS_CHAIN_OUTSIDE);
  CONSTANT(PS_OWNER_DEFAULT);
  CONSTANT(PS_OWNER_IGNORED);
  CONSTANT(PS_OWNER_SELF);
  CONSTANT(PS_OWNER_PROGRAM);
  CONSTANT(PS_OWNER_OTHER);
#endif
}
