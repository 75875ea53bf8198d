/* receiver COUNT: the floor of a flood: a loop of sigwaitinfo(2). */
#define _GNU_SOURCE
#include "common.h"

int main(int count, char **words) {
  if (count < 2) return 2;
  int total = atoi(words[1]), got = 0, disordered = 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  puts("ready");
  fflush(stdout);
  while (got < total) {
    siginfo_t info;
    if (sigwaitinfo(&set, &info) < 0) continue;
    if (info.si_value.sival_int != got) disordered++;
    got++;
  }
  printf("done %d %d\n", got, disordered);
}
