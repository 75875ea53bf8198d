/* handler LIBRARY: nanoseconds of a SIGUSR1 that this thread sends itself by tgkill(2): with an empty handler, with
 * the library's when its reader is awake (a burst), and when each signal wakes it (one byte into a pipe). The ring is
 * drained outside the measured time. Prints JSON. */
#define _GNU_SOURCE
#include "common.h"
#include <dlfcn.h>
#include <sys/syscall.h>

enum { BATCH = 256, BATCHES = 400, RECORD = 64 };

static void empty(int sig, siginfo_t *info, void *context) { (void)sig, (void)info, (void)context; }

static int (*drain)(void *, unsigned, unsigned);
static pid_t self;
static int wake;

/* raise(3) would change the mask twice. */
static void signal_self(void) { syscall(SYS_tgkill, self, self, SIGUSR1); }

/* With `alone` the ring is drained before each signal, so that each finds the reader asleep. */
static double per_signal(int ours, int alone) {
  static char records[BATCH * RECORD] __attribute__((aligned(64)));
  static double times[BATCHES];
  char bytes[BATCH];
  for (int i = 0; i < BATCHES; i++) {
    if (ours && !alone) signal_self(); /* wakes the reader, once for the batch */
    double spent = 0;
    for (int left = BATCH - 1; left > 0;) {
      int some = alone ? 1 : left;
      double begun = now_ns();
      for (int n = 0; n < some; n++) signal_self();
      spent += now_ns() - begun;
      left -= some;
      if (ours) drain(records, 0, BATCH);
      if (ours && read(wake, bytes, sizeof bytes) < 0 && errno != EAGAIN) perror("read");
    }
    times[i] = spent / (BATCH - 1);
  }
  sort(times, BATCHES);
  return times[BATCHES / 2];
}

int main(int count, char **words) {
  if (count < 2) return 2;
  void *library = dlopen(words[1], RTLD_NOW);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  int (*open)(unsigned, unsigned) = dlsym(library, "ps_open");
  int (*install)(int, int, void *, void *, unsigned, unsigned) = dlsym(library, "ps_install");
  drain = dlsym(library, "ps_drain");
  if (!open || !install || !drain) return fprintf(stderr, "%s lacks a function\n", words[1]), 1;
  wake = open(1024, 1);
  self = getpid();

  struct sigaction action = {.sa_sigaction = empty, .sa_flags = SA_SIGINFO | SA_RESTART}, before, none;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  memset(&none, 0, sizeof none);
  double times[4];
  per_signal(0, 0); /* warms up */
  times[0] = per_signal(0, 0);
  times[1] = per_signal(0, 1);
  if (install(SIGUSR1, SA_RESTART, &before, &none, 0, 0) < 0) return fprintf(stderr, "ps_install failed\n"), 1;
  times[2] = per_signal(1, 0);
  times[3] = per_signal(1, 1);
  printf("{\"empty\":%.2f,\"emptyAlone\":%.2f,\"ours\":%.2f,\"oursAlone\":%.2f}\n", times[0], times[1], times[2], times[3]);
}
