/* calls: nanoseconds a call of the C functions that ours stand for, in a loop; one JSON object. */
#include "common.h"
#include <sys/time.h>

static void nothing(int sig) { (void)sig; }

#define MEASURE(name, count, call)                                    \
  do {                                                                \
    for (int i = 0; i < (count) / 10; i++) call;                      \
    double begun = now_ns();                                          \
    for (int i = 0; i < (count); i++) call;                           \
    printf("%s\"%s\":%.3f", comma, name, (now_ns() - begun) / (count)); \
    comma = ",";                                                      \
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
  MEASURE("kill(pid, 0)", 300000, kill(pid, 0));
  MEASURE("alarm(0)", 300000, alarm(0));
  MEASURE("setitimer", 300000, setitimer(ITIMER_REAL, &none, &before));
  MEASURE("sigprocmask", 300000, sigprocmask(SIG_BLOCK, &empty, &old));
  MEASURE("getsignal", 300000, sigaction(SIGUSR1, 0, &action));
  MEASURE("raise", 100000, raise(SIGUSR1));
  printf("}\n");
}
