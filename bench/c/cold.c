/* cold GAP TRIPS COMMAND...: starts the program, which gets this process's pid as its last argument and prints
 * "ready"; prints the median and the 99th percentile of its first TRIPS answers, in microseconds, as JSON. GAP:
 * microseconds between two trips. Both processes run on one core. */
#define _GNU_SOURCE
#include "trip.h"
#include <sys/wait.h>

enum { MOST = 4096 };

int main(int count, char **words) {
  if (count < 4) return 2;
  int gap = atoi(words[1]), trips = atoi(words[2]);
  if (trips < 1 || trips > MOST) return 2;
  double times[MOST];
  char self[16];
  snprintf(self, sizeof self, "%d", (int)getpid());
  await_answers();
  cpu_set_t core;
  CPU_ZERO(&core);
  CPU_SET(0, &core);
  if (sched_setaffinity(0, sizeof core, &core)) perror("sched_setaffinity");
  struct program program = start(count - 3, words + 3, self);
  expect(&program, "ready");
  for (int i = 0; i < trips; i++) {
    if (gap) usleep(gap);
    times[i] = trip(program.pid);
  }
  kill(program.pid, SIGKILL);
  waitpid(program.pid, 0, 0);
  sort(times, trips);
  printf("{\"median\":%.3f,\"p99\":%.3f}\n", times[trips / 2], times[trips * 99 / 100]);
}
