/* sleeper: a program with default dispositions in a process group of its own, which is not orphaned, so that stop
 * signals stop it; without core files. Prints "ready" and waits. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  setpgid(0, 0);
  for (int sig = 1; sig < 65; sig++) signal(sig, SIG_DFL);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
