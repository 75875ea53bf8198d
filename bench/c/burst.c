/* burst COUNT GAP COMMAND...: starts a program that prints "busy" when it blocks its event loop, and sends it COUNT
 * SIGUSR2, at least GAP microseconds apart; with GAP 0 each after the kernel has delivered the last, so that none
 * coalesces. The program prints "count N"; prints N as JSON. */
#define _GNU_SOURCE
#include "common.h"
#include <sys/wait.h>

/* Whether SIGUSR2 is pending for the process or its main thread. */
static int is_pending(pid_t pid) {
  char path[64], line[256];
  unsigned long long pending = 0, set;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *status = fopen(path, "r");
  if (!status) return 0;
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "SigPnd: %llx", &set) == 1 || sscanf(line, "ShdPnd: %llx", &set) == 1) pending |= set;
  fclose(status);
  return pending >> (SIGUSR2 - 1) & 1;
}

int main(int count, char **words) {
  if (count < 4) return 2;
  struct program program = start(count - 3, words + 3, 0);
  expect(&program, "busy");
  double gap = atof(words[2]);
  usleep(5000);
  double begun = now_us();
  for (int i = 0; i < atoi(words[1]); i++) {
    kill(program.pid, SIGUSR2);
    if (gap) {
      usleep(gap); /* not spinning: the program may have to share this core */
    } else {
      while (is_pending(program.pid) && now_us() - begun < 5e6) sched_yield();
    }
  }
  double sent = now_us() - begun;
  int got = -1;
  sscanf(expect(&program, "count"), "count %d", &got);
  kill(program.pid, SIGKILL);
  waitpid(program.pid, 0, 0);
  printf("{\"got\":%d,\"ms\":%.1f}\n", got, sent / 1e3);
}
