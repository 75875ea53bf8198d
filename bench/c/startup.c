/* startup ROUNDS -- COMMAND... [-- COMMAND...]: runs the commands in turn, from fork to wait; prints for each run the
 * milliseconds, the processor time and the peak of resident memory (KiB), as JSON. */
#define _GNU_SOURCE
#include "common.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <fcntl.h>

enum { COMMANDS = 32, RUNS = 1000 };

static double milliseconds(struct timeval time) { return time.tv_sec * 1e3 + time.tv_usec / 1e3; }

static void print(const char *key, const double *values, int count) {
  printf("\"%s\":[", key);
  for (int i = 0; i < count; i++) printf("%s%.3f", i ? "," : "", values[i]);
  printf("],");
}

int main(int count, char **words) {
  static double ms[COMMANDS][RUNS], cpu[COMMANDS][RUNS];
  static long kib[COMMANDS][RUNS];
  char **commands[COMMANDS];
  int rounds = atoi(words[1]), size = 0;
  if (rounds > RUNS) return 2;
  for (int i = 2; i < count; i++) {
    if (strcmp(words[i], "--")) continue;
    if (size == COMMANDS) return 2;
    words[i] = 0; /* ends the command before */
    commands[size++] = words + i + 1;
  }
  for (int round = -2; round < rounds; round++) { /* the first two fill caches */
    for (int i = 0; i < size; i++) {
      int which = (i + round + 2) % size;
      struct rusage usage;
      int status;
      double begun = now_us();
      pid_t pid = fork();
      if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        execvp(commands[which][0], commands[which]);
        _exit(127);
      }
      wait4(pid, &status, 0, &usage);
      if (status) {
        fprintf(stderr, "%s ended with status %d\n", commands[which][0], status);
        return 1;
      }
      if (round < 0) continue;
      ms[which][round] = (now_us() - begun) / 1e3;
      cpu[which][round] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
      kib[which][round] = usage.ru_maxrss;
    }
  }
  printf("[");
  for (int i = 0; i < size; i++) {
    printf("%s{", i ? "," : "");
    print("ms", ms[i], rounds);
    print("cpu", cpu[i], rounds);
    printf("\"kib\":[");
    for (int k = 0; k < rounds; k++) printf("%s%ld", k ? "," : "", kib[i][k]);
    printf("]}");
  }
  printf("]\n");
}
