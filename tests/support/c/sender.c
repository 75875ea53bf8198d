/* sender PID TIMES GAP_US SIGNAL[=VALUE]...: sends each signal in turn, TIMES times, by kill(2) or, where a value is
 * given, by sigqueue(3) with VALUE + the number of the round. It waits while the receiver's queue is full. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  pid_t pid = atoi(argv[1]);
  int times = atoi(argv[2]), gap = atoi(argv[3]);
  for (int round = 0; round < times; round++) {
    for (int i = 4; i < argc; i++) {
      char *value = strchr(argv[i], '=');
      union sigval number = {.sival_int = value ? atoi(value + 1) + round : 0};
      while (value ? sigqueue(pid, atoi(argv[i]), number) : kill(pid, atoi(argv[i]))) {
        if (errno != EAGAIN) {
          perror(argv[i]);
          return 1;
        }
        usleep(100);
      }
      if (gap) usleep(gap);
    }
  }
  return 0;
}
