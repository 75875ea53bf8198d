/* calls: nanoseconds a call of the C functions behind ours, in a loop, the best of many short runs, as JSON. */
#include "common.h"
#include <sys/time.h>

static void nothing(int sig) { (void)sig; }

enum { RUNS = 50, CALLS = 300000 / RUNS };

#define MEASURE(name, call)                                  \
  do {                                                       \
    double best = 1e9;                                       \
    for (int run = 0; run < RUNS; run++) {                   \
      double begun = now_ns();                               \
      for (int i = 0; i < CALLS; i++) call;                  \
      double ns = (now_ns() - begun) / CALLS;                \
      if (ns < best) best = ns;                              \
    }                                                        \
    printf("%s\"%s\":%.3f", comma, name, best);              \
    comma = ",";                                             \
  } while (0)

int main(void) {
  const char *comma = "";
  pid_t pid = getpid();
  struct itimerval none = {{0, 0}, {0, 0}}, before;
  struct sigaction action;
  sigset_t empty, old;
  sigemptyset(&empty);
  signal(SIGUSR1, nothing);
  printf("{");
  MEASURE("kill(pid, 0)", kill(pid, 0));
  MEASURE("alarm(0)", alarm(0));
  MEASURE("setitimer", setitimer(ITIMER_REAL, &none, &before));
  MEASURE("sigprocmask", sigprocmask(SIG_BLOCK, &empty, &old));
  MEASURE("getsignal", sigaction(SIGUSR1, 0, &action));
  MEASURE("raise", raise(SIGUSR1));
  printf("}\n");
}
