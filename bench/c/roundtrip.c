/* roundtrip CORES GAPxCOUNT,... COMMAND...: starts a program, which is told this process's number as its
 * last argument and prints "ready", and answers each SIGUSR1 with a SIGUSR2. Measured with the gaps
 * (microseconds of idleness before each trip) in turn; prints one JSON array.
 *
 * CORES: 1, both run on one; 2, each on one of its own; 0, where the kernel puts them. */
#define _GNU_SOURCE
#include "common.h"
#include <sys/wait.h>

enum { WARM_UP = 40000 }; /* until the engines have compiled what a trip runs */

static double trip(pid_t pid, const sigset_t *answer) {
  struct timespec limit = {5, 0};
  double begun = now_us();
  kill(pid, SIGUSR1);
  if (sigtimedwait(answer, 0, &limit) < 0) {
    fprintf(stderr, "no answer within 5 s\n");
    kill(pid, SIGKILL);
    exit(1);
  }
  return now_us() - begun;
}

/* From here on this process, and what it starts. */
static void run_on(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set)) perror("sched_setaffinity");
}

int main(int count, char **words) {
  if (count < 4) return 2;
  int cores = atoi(words[1]);
  sigset_t answer;
  sigemptyset(&answer);
  sigaddset(&answer, SIGUSR2);
  sigprocmask(SIG_BLOCK, &answer, 0);
  char self[16];
  snprintf(self, sizeof self, "%d", (int)getpid());
  if (cores) run_on(cores - 1);
  struct program program = start(count - 3, words + 3, self);
  if (cores) run_on(0);
  expect(&program, "ready");
  usleep(800000); /* runtimes install handlers and start threads up to half a second after start */
  for (int i = 0; i < WARM_UP; i++) trip(program.pid, &answer);

  const char *comma = "";
  printf("[");
  for (char *part = strtok(words[2], ","); part; part = strtok(0, ",")) {
    int gap, trips;
    if (sscanf(part, "%dx%d", &gap, &trips) != 2) return 2;
    double *times = malloc(trips * sizeof *times);
    for (int i = 0; i < trips; i++) {
      if (gap) usleep(gap);
      times[i] = trip(program.pid, &answer);
    }
    sort(times, trips);
    printf("%s{\"gap\":%d,\"median\":%.3f,\"p99\":%.3f}", comma, gap, times[trips / 2], times[trips * 99 / 100]);
    comma = ",";
    free(times);
  }
  printf("]\n");
  kill(program.pid, SIGKILL);
  waitpid(program.pid, 0, 0);
}
