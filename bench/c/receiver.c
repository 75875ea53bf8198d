/* receiver sigwaitinfo|handler COUNT: the floors of a flood: a loop of sigwaitinfo(2), and a handler, for which the
 * kernel prepares a frame each time. */
#define _GNU_SOURCE
#include "common.h"

static volatile sig_atomic_t got, disordered;

static void receive(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  if (info->si_value.sival_int != got) disordered++;
  got++;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  int total = atoi(words[2]), handles = !strcmp(words[1], "handler");
  struct sigaction action = {.sa_sigaction = receive, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigset_t set, none;
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  if (handles) sigaction(SIGRTMIN, &action, 0);
  puts("ready");
  fflush(stdout);
  while (got < total) {
    siginfo_t info;
    if (handles) sigsuspend(&none);
    else if (sigwaitinfo(&set, &info) > 0) receive(SIGRTMIN, &info, 0);
  }
  printf("done %d %d\n", (int)got, (int)disordered);
}
