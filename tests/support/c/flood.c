/* flood PID SECONDS ROUNDS GAP_US SIGNAL...: sends each signal in turn for SECONDS or until SIGTERM: real-time ones by
 * sigqueue(3) with a value that counts up from 0 for each signal, others by kill(2). After every ROUNDS rounds it rests
 * for GAP_US microseconds; 0 0: never. It waits while the receiver's queue is full. Prints how often each signal was
 * accepted. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MOST 16

static volatile sig_atomic_t over;

static void stop(int sig) {
  (void)sig;
  over = 1;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  int count = argc - 5, sigs[MOST], sent[MOST] = {0};
  if (count < 1 || count > MOST) return 2;
  pid_t pid = atoi(argv[1]);
  double end = now() + atof(argv[2]);
  int rounds = atoi(argv[3]), gap = atoi(argv[4]);
  for (int i = 0; i < count; i++) sigs[i] = atoi(argv[5 + i]);
  signal(SIGTERM, stop);
  for (int round = 1; !over && now() < end; round++) {
    for (int i = 0; i < count && !over; i++) {
      union sigval value = {.sival_int = sent[i]};
      if (!(sigs[i] < 32 ? kill(pid, sigs[i]) : sigqueue(pid, sigs[i], value))) sent[i]++;
      else if (errno == EAGAIN) usleep(100);
      else {
        perror(argv[5 + i]);
        return 1;
      }
    }
    if (rounds && round % rounds == 0) usleep((unsigned)gap);
  }
  for (int i = 0; i < count; i++) printf("%d%c", sent[i], i + 1 < count ? ' ' : '\n');
  return 0;
}
