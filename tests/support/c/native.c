/* native.c: a library in the program under test, for what only C can do there: a handler installed before ours,
 * execve(2), atexit(3), faults of the processor. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int handled;

static void count(int sig) {
  (void)sig;
  handled++;
}

/* Installs a handler that counts, with SA_RESTART and SIGPIPE in its mask. */
int native_handle(int sig) {
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGPIPE);
  return sigaction(sig, &action, 0);
}

int native_handled(void) { return handled; }

/* Whether exactly that action is installed: handler, flags and mask. */
int native_stands(int sig) {
  struct sigaction action;
  sigaction(sig, 0, &action);
  return action.sa_handler == count && (action.sa_flags & ~0x04000000) == SA_RESTART &&
         sigismember(&action.sa_mask, SIGPIPE) == 1 && sigismember(&action.sa_mask, SIGTERM) == 0;
}

int native_exec(const char *path) { return execl(path, path, (char *)0); }

static int at_exit;

static void raise_for_ever(void) {
  for (;;) raise(at_exit);
}

/* Has exit(3) raise `sig` until that kills the process. */
int native_raise_at_exit(int sig) {
  at_exit = sig;
  return atexit(raise_for_ever) || at_quick_exit(raise_for_ever);
}

int native_thread_id(void) { return (int)syscall(SYS_gettid); }

static int deeper(volatile char *above, int depth) {
  volatile char here[4096];
  here[0] = above[0];
  return depth < 0 ? 0 : deeper(here, depth + 1) + here[0];
}

/* Overflows the stack. */
int native_overflow(void) {
  volatile char top[1] = {1};
  return deeper(top, 0);
}

int native_write_to(int address) {
  *(volatile int *)(unsigned long)(unsigned)address = 1;
  return 0;
}

/* A fault on x86_64; ARM divides by zero without one. */
int native_divide(int a, int b) {
  volatile int x = a, y = b;
  return x / y;
}

/* Writes beyond the end of a mapped file. */
int native_bus(void) {
  FILE *file = tmpfile();
  volatile char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
  page[0] = 1;
  return 0;
}

int native_abort(void) { abort(); }

int native_illegal(void) {
#ifdef __aarch64__
  __asm__ volatile("udf #0"); /* its __builtin_trap() is a breakpoint, and SIGTRAP */
#else
  __builtin_trap();
#endif
  return 0;
}
