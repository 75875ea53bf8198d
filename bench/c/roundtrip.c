/* roundtrip GAPxCOUNT,... COMMAND...: starts a program, which is told this process's number as its
 * last argument and prints "ready", and answers each SIGUSR1 with a SIGUSR2. Measured with the gaps
 * (microseconds of idleness before each trip) in turn; prints one JSON array. */
#define _GNU_SOURCE
#include "common.h"
#include <sys/wait.h>

enum { WARM_UP = 300 };

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

int main(int count, char **words) {
  if (count < 3) return 2;
  sigset_t answer;
  sigemptyset(&answer);
  sigaddset(&answer, SIGUSR2);
  sigprocmask(SIG_BLOCK, &answer, 0);
  char self[16];
  snprintf(self, sizeof self, "%d", (int)getpid());
  struct program program = start(count - 2, words + 2, self);
  expect(&program, "ready");
  usleep(800000); /* runtimes install handlers and start threads up to half a second after start */
  for (int i = 0; i < WARM_UP; i++) trip(program.pid, &answer);

  const char *comma = "";
  printf("[");
  for (char *part = strtok(words[1], ","); part; part = strtok(0, ",")) {
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
