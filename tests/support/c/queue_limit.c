/* queue_limit LIMIT SIGNAL SIGNAL: blocks the two signals and SIGUSR1, with RLIMIT_SIGPENDING of LIMIT, and as another
 * user where it may, since that limit is counted by user. Prints "ready"; after a line on standard input it takes all of
 * them and prints "SIGNAL CODE PID VALUE" for each. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  rlim_t limit = atoi(argv[1]);
  struct rlimit room = {limit, limit};
  setrlimit(RLIMIT_SIGPENDING, &room);
  if (getuid() == 0 && setuid(54321)) return 1;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, atoi(argv[2]));
  sigaddset(&set, atoi(argv[3]));
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  dprintf(1, "ready\n");
  char line[8];
  if (read(0, line, sizeof line) < 1) return 1;
  struct timespec now = {0, 0};
  siginfo_t info;
  while (sigtimedwait(&set, &info, &now) > 0)
    printf("%d %d %d %d\n", info.si_signo, info.si_code, info.si_pid, info.si_value.sival_int);
  return 0;
}
