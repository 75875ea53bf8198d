/* client.c: a C program that loads the library as it is shipped and goes the whole way of a signal:
 * handler, ring, wake-up, mask, release, wake-up byte, graceful end. Compiled against the headers of the C
 * library in question (glibc, musl; x86_64, aarch64) by deno task native:check, which gives it the
 * library's path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "context.h" /* the offsets of confine.c: check.ts */

#if defined(__x86_64__)
#define REGISTER(x86_64, aarch64) offsetof(ucontext_t, uc_mcontext.gregs[x86_64])
#else
#define REGISTER(x86_64, aarch64) offsetof(ucontext_t, uc_mcontext.aarch64)
#endif
_Static_assert(offsetof(ucontext_t, uc_sigmask) == PS_CONTEXT_MASK, "uc_sigmask");
_Static_assert(REGISTER(REG_RSP, sp) == PS_CONTEXT_SP, "the stack pointer");
_Static_assert(REGISTER(REG_RAX, regs[0]) == PS_CONTEXT_RESULT, "a system call's result");
_Static_assert(REGISTER(REG_R8, regs[4]) == PS_CONTEXT_FIFTH, "its fifth argument");
_Static_assert(REGISTER(REG_R9, regs[5]) == PS_CONTEXT_SIXTH, "its sixth argument");

struct record { /* struct ps_record of abi.h, its siginfo_t cut to what any cause fills */
  uint32_t ready, flags;
  int32_t time_s, time_ns;
  unsigned char info[48];
};
enum { HELD = 1, CHAIN_FOREIGN = 2, OWNER_SELF = 2, RECORDS = 16 };

#define FUNCTIONS(X) \
  X(int, ps_open, (uint32_t, uint32_t)) \
  X(int, ps_drain, (struct record *, uint32_t, uint32_t)) \
  X(int, ps_pending, (void)) \
  X(int, ps_wait, (double)) \
  X(int, ps_install, (int, int, struct sigaction *, const struct sigaction *, uint32_t, uint32_t)) \
  X(int, ps_query, (int, struct sigaction *)) \
  X(int, ps_owner, (const struct sigaction *)) \
  X(int, ps_sigaction, (int, const struct sigaction *, struct sigaction *)) \
  X(void, ps_hold, (uint32_t, uint32_t)) \
  X(void, ps_unhold_one, (int)) \
  X(void, ps_replay, (const struct record *)) \
  X(int, ps_requeue, (const struct record *)) \
  X(int, ps_sigmask, (int, uint32_t, uint32_t, uint64_t *)) \
  X(int, ps_sigpending, (uint64_t *)) \
  X(void, ps_confine, (int)) \
  X(int, ps_sigqueue, (int, int, int)) \
  X(int, ps_kill, (int, int)) \
  X(int, ps_raise, (int)) \
  X(int, ps_thread_kill, (int, int)) \
  X(int, ps_wakeup_fd, (int)) \
  X(int, ps_end_arm, (uint32_t, uint32_t, double, uint32_t, int, const char *, uint32_t)) \
  X(int, ps_realtime_min, (void)) \
  X(void, ps_stats, (int, uint64_t[4]))
#define DECLARE(type, name, arguments) static type(*name) arguments;
FUNCTIONS(DECLARE)

static int failures;
static void expect(int holds, const char *what) {
  if (holds) return;
  failures++;
  printf("FAIL %s\n", what);
}

static int chained;
static void before_us(int sig, siginfo_t *info, void *context) {
  (void)context;
  chained += info && info->si_signo == sig;
}

static siginfo_t info_of(const struct record *record) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  memcpy(&info, record->info, sizeof record->info);
  return info;
}

static void take(int sig) {
  struct sigaction before;
  expect(ps_query(sig, &before) == 0, "a disposition can be asked");
  uint32_t chain = before.sa_handler == SIG_DFL ? 0 : CHAIN_FOREIGN;
  expect(ps_install(sig, SA_RESTART, &before, &before, chain, 0) == 0, "a handler can be installed");
}

static void check_handlers(int wake) {
  struct sigaction action = {0};
  action.sa_sigaction = before_us;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, 0);
  take(SIGUSR1);
  struct sigaction now;
  ps_query(SIGUSR1, &now);
  expect(ps_owner(&now) == OWNER_SELF, "the handler is the library's");
  expect((now.sa_flags & (SA_SIGINFO | SA_RESTART)) == (SA_SIGINFO | SA_RESTART), "with its flags");
  expect(sigismember(&now.sa_mask, SIGTERM) == 1, "and every signal in its mask");

  errno = 1234;
  expect(ps_raise(SIGUSR1) == 1 && errno == 1234, "the handler keeps errno");
  struct pollfd fd = {.fd = wake, .events = POLLIN};
  expect(poll(&fd, 1, 0) == 1, "a signal wakes the reader");
  expect(ps_kill(getpid(), SIGUSR1) == 1, "kill");
  struct record out[RECORDS];
  expect(ps_pending() == 2 && ps_wait(1000) == 1 && ps_drain(out, 0, RECORDS) == 2, "both are in the ring");
  siginfo_t raised = info_of(&out[0]), sent = info_of(&out[1]);
  expect(raised.si_signo == SIGUSR1 && raised.si_code == SI_TKILL, "the first one was raised");
  expect(sent.si_code == SI_USER && sent.si_pid == getpid() && sent.si_uid == getuid(), "the second one sent");
  struct timespec clock;
  clock_gettime(CLOCK_MONOTONIC, &clock);
  expect(out[0].time_s <= out[1].time_s && out[1].time_s <= clock.tv_sec && clock.tv_sec - out[0].time_s < 60 &&
           out[0].time_ns >= 0 && out[0].time_ns < 1000000000, "each has its time");
  expect(chained == 2, "the handler that stood there has run for both");
  expect(ps_pending() == 0 && ps_wait(0) == 0, "then there is none");
  expect(ps_kill(getpid(), 99) == -EINVAL && ps_thread_kill(0, 1) == -EINVAL, "what the system refuses is -errno");
}

static void check_ring(void) {
  int sig = ps_realtime_min() + 1;
  expect(ps_realtime_min() == SIGRTMIN, "the first real-time signal");
  take(sig);
  ps_confine(sig);
  for (int value = 0; value < RECORDS + 4; value++) expect(ps_sigqueue(getpid(), sig, -value) == 1, "sigqueue");
  struct record out[RECORDS + 4];
  int n = ps_drain(out, 0, RECORDS + 4);
  expect(n == RECORDS, "the ring keeps what it has room for");
  for (int i = 0; i < n; i++) {
    siginfo_t info = info_of(&out[i]);
    expect(info.si_code == SI_QUEUE && info.si_value.sival_int == -i, "the values come in order");
  }
  uint64_t counters[4];
  ps_stats(sig, counters);
  expect(counters[0] == RECORDS + 4 && counters[2] == 4, "the others are counted as lost");
}

static void check_masks(void) {
  struct record out[RECORDS];
  int bytes[2];
  unsigned char byte = 0;
  expect(pipe2(bytes, O_NONBLOCK | O_CLOEXEC) == 0 && ps_wakeup_fd(bytes[1]) == -1, "ps_wakeup_fd");
  chained = 0;
  ps_hold((uint32_t)1 << (SIGUSR1 - 1), 0);
  ps_raise(SIGUSR1);
  ps_raise(SIGUSR1);
  expect(ps_drain(out, 0, RECORDS) == 1 && (out[0].flags & HELD), "a held standard signal is pending once");
  expect(chained == 0 && read(bytes[0], &byte, 1) < 0, "and nobody has had it");
  ps_hold(0, 0);
  ps_unhold_one(SIGUSR1);
  ps_replay(&out[0]);
  expect(chained == 1 && read(bytes[0], &byte, 1) == 1 && byte == SIGUSR1, "on release it is what it would have been");
  expect(ps_wakeup_fd(-1) == bytes[1], "the descriptor comes back");

  uint64_t before, pending;
  expect(ps_sigmask(SIG_BLOCK, (uint32_t)1 << (SIGUSR1 - 1), 0, &before) == 0, "the kernel's mask");
  ps_raise(SIGUSR1);
  expect(ps_sigpending(&pending) == 0 && (pending >> (SIGUSR1 - 1) & 1), "a blocked signal is pending");
  expect(ps_sigmask(SIG_SETMASK, (uint32_t)before, (uint32_t)(before >> 32), &pending) == 0, "is let go");
  expect(ps_drain(out, 0, RECORDS) == 1, "and comes");

  struct sigaction action = {0}, ours;
  action.sa_sigaction = before_us;
  action.sa_flags = SA_SIGINFO;
  chained = 0;
  expect(ps_sigaction(SIGUSR1, &action, &ours) == 0 && ps_owner(&ours) == OWNER_SELF, "what stood there goes back");
  expect(ps_requeue(&out[0]) == 0 && chained == 0, "and does not get again what it has had already");
  out[0].flags = 0;
  expect(ps_requeue(&out[0]) == 0 && chained == 1, "but takes a signal that it has not had");
}

static void check_end(int second, double deadline_ms) {
  int status = 0, child = fork();
  if (child == 0) {
    if (ps_open(RECORDS, 0) < 0) _exit(97);
    take(SIGTERM);
    if (ps_end_arm((uint32_t)1 << (SIGTERM - 1), 0, deadline_ms, 1, SIGTERM, "", 0) < 0) _exit(99);
    ps_raise(SIGTERM);
    for (;;) {}
  }
  for (int i = 0; second && i < 2; i++) { /* its parent's first request is a copy of its own */
    poll(0, 0, 1500);
    kill(child, SIGTERM);
  }
  waitpid(child, &status, 0);
  expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
         second ? "a second signal ends the process by itself" : "so does the deadline, in a busy loop");
}

int main(int count, char **words) {
  void *library = count > 1 ? dlopen(words[1], RTLD_NOW) : 0;
  if (!library) {
    printf("FAIL %s\n", count > 1 ? dlerror() : "usage: client LIBRARY");
    return 1;
  }
#define FIND(type, name, arguments) \
  *(void **)&name = dlsym(library, #name); \
  if (!name) return printf("FAIL there is no %s\n", #name), 1;
  FUNCTIONS(FIND)

  check_end(1, 0); /* before this process opens it: in a child a handler of its parent's does nothing */
  check_end(0, 100);
  int wake = ps_open(RECORDS, 0);
  expect(wake >= 0, "ps_open");
  check_handlers(wake);
  check_ring();
  check_masks();
  dlclose(library);
  take(SIGUSR1);
  ps_raise(SIGUSR1); /* marked NODELETE: the handler is still mapped */
  printf(failures ? "%d expectations failed\n" : "ok\n", failures);
  return failures != 0;
}
