/* trip.h: a SIGUSR1 to a program that answers it with a SIGUSR2. */
#ifndef BENCH_TRIP_H
#define BENCH_TRIP_H
#include "common.h"

static sigset_t answer;

static void await_answers(void) {
  sigemptyset(&answer);
  sigaddset(&answer, SIGUSR2);
  sigprocmask(SIG_BLOCK, &answer, 0);
}

/* Microseconds. */
static double trip(pid_t pid) {
  struct timespec limit = {5, 0};
  double begun = now_us();
  kill(pid, SIGUSR1);
  if (sigtimedwait(&answer, 0, &limit) < 0) {
    fprintf(stderr, "no answer within 5 s\n");
    exit(1);
  }
  return now_us() - begun;
}

#endif
