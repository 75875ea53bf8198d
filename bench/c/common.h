/* common.h: the clock, sorting, and a program at the other end of a pipe. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static inline double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static inline double now_us(void) { return now_ns() / 1e3; }

static inline int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline void sort(double *values, int count) { qsort(values, count, sizeof *values, ascending); }

struct program {
  pid_t pid;
  FILE *output;
};

/* Starts a program with one more argument and an empty signal mask. */
static inline struct program start(int count, char **words, char *last) {
  int ends[2];
  if (pipe(ends)) exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* should this process end early */
    char **arguments = calloc(count + 2, sizeof *arguments);
    memcpy(arguments, words, count * sizeof *arguments);
    arguments[count] = last;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execvp(arguments[0], arguments);
    _exit(127);
  }
  close(ends[1]);
  return (struct program){pid, fdopen(ends[0], "r")};
}

/* Reads lines until one begins with `word`, and returns that; exits if there is none. */
static inline const char *expect(struct program *program, const char *word) {
  static char line[4096];
  while (fgets(line, sizeof line, program->output))
    if (!strncmp(line, word, strlen(word))) return line;
  fprintf(stderr, "the program ended without saying \"%s\"\n", word);
  exit(1);
}
#endif
