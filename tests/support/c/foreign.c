/* foreign.c: another library in the program under test, with a handler of its own. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls;
static int sender;
static int code;

static void handler(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
  sender = info->si_pid;
  code = info->si_code;
}

/* Installs the handler with the flags given, and signals 1 to 32 of `mask` in its mask. */
int foreign_install(int sig, int flags, unsigned mask) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
  memcpy(&action.sa_mask, &mask, sizeof mask);
  return sigaction(sig, &action, 0);
}

int foreign_calls(void) { return __atomic_load_n(&calls, __ATOMIC_SEQ_CST); }

int foreign_sender(void) { return sender; }

int foreign_code(void) { return code; }

/* The action as the kernel has it, without the C library's restorer: handler, flags, mask. */
int foreign_action(int sig, unsigned long long out[3]) {
  struct {
    unsigned long long handler, flags;
    unsigned long long restorer; /* on x86_64 and on aarch64 */
    unsigned long long mask;
  } action;
  long failed = syscall(SYS_rt_sigaction, sig, (void *)0, &action, sizeof action.mask);
  out[0] = action.handler;
  out[1] = action.flags & ~0x04000000ull; /* SA_RESTORER */
  out[2] = action.mask;
  return (int)failed;
}

/* Installs the present handler again through signal(3), as Bun does: without its flags and mask. */
int foreign_reinstall(int sig) {
  struct sigaction present;
  if (sigaction(sig, 0, &present)) return -1;
  return signal(sig, present.sa_handler) == SIG_ERR ? -1 : 0;
}

int foreign_kill(int sig) { return kill(getpid(), sig); }
