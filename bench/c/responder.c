/* responder PID: the floor of a round trip: a C handler that answers. */
#include "common.h"

static pid_t peer;

static void answer(int sig) {
  (void)sig;
  kill(peer, SIGUSR2);
}

int main(int count, char **words) {
  if (count < 2) return 2;
  peer = atoi(words[1]);
  struct sigaction action = {.sa_handler = answer, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, 0);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
