/* group MEMBERS: the leader of a process group, with MEMBERS members. Each takes one SIGUSR1 by sigwait(3) and prints
 * so. The leader prints "ready", and ends when all members have ended. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int members = argc > 1 ? atoi(argv[1]) : 2;
  setpgid(0, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < members; i++) {
    if (fork()) continue;
    int sig;
    sigwait(&set, &sig);
    dprintf(1, "member got %d\n", sig);
    _exit(0);
  }
  dprintf(1, "ready\n");
  while (wait(0) > 0) {}
  return 0;
}
