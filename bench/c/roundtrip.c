/* roundtrip CORES GAPxTRIPSxTURNS,... -- COMMAND... [-- COMMAND...]: starts the programs, each of which gets this
 * process's pid as its last argument, prints "ready", and answers each SIGUSR1 with a SIGUSR2. They are asked in turn,
 * so that a disturbance affects all, with one gap (microseconds of idleness before each trip) after the other. Prints
 * an array for each program, as JSON.
 *
 * CORES: 1, all share a core; 2, this process has one and the others another; 0, where the kernel puts them. */
#define _GNU_SOURCE
#include "trip.h"
#include <sys/wait.h>

enum {
  COMMANDS = 16,
  PARTS = 4,
  WARM_UP = 40000 /* until the engines have compiled the code of a trip */
};

/* Binds this process and its future children to a core. */
static void run_on(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set)) perror("sched_setaffinity");
}

struct part {
  int gap, trips, turns;
  double *times[COMMANDS];
};

static void run_part(struct part *part, struct program *programs, int size) {
  int trips = part->trips;
  for (int i = 0; i < size; i++) part->times[i] = malloc((size_t)trips * part->turns * sizeof(double));
  for (int turn = 0; turn < part->turns; turn++)
    for (int i = 0; i < size; i++) {
      int which = (i + turn) % size;
      double *times = part->times[which] + turn * trips;
      /* A tenth more is not counted: since its last turn the others have filled the caches. */
      for (int j = -1 - trips / 10; j < trips; j++) {
        if (part->gap) usleep(part->gap);
        double time = trip(programs[which].pid);
        if (j >= 0) times[j] = time;
      }
    }
}

int main(int count, char **words) {
  struct part parts[PARTS];
  struct program programs[COMMANDS];
  int size = 0, part_count = 0, cores = atoi(words[1]);
  for (char *part = strtok(words[2], ","); part && part_count < PARTS; part = strtok(0, ",")) {
    struct part *next = &parts[part_count++];
    if (sscanf(part, "%dx%dx%d", &next->gap, &next->trips, &next->turns) != 3) return 2;
  }
  await_answers();
  char self[16];
  snprintf(self, sizeof self, "%d", (int)getpid());
  if (cores) run_on(cores - 1);
  for (int i = 3, end; i < count && size < COMMANDS; i = end) {
    for (end = i + 1; end < count && strcmp(words[end], "--"); end++) {}
    programs[size] = start(end - i - 1, words + i + 1, self);
    expect(&programs[size++], "ready");
  }
  if (cores) run_on(0);
  usleep(800000); /* runtimes install handlers and start threads up to half a second after start */
  for (int i = 0; i < size; i++)
    for (int j = 0; j < WARM_UP; j++) trip(programs[i].pid);
  for (int k = 0; k < part_count; k++) run_part(&parts[k], programs, size);

  for (int i = 0; i < size; i++) {
    printf(i ? ",[" : "[[");
    for (int k = 0; k < part_count; k++) {
      int all = parts[k].trips * parts[k].turns;
      double *times = parts[k].times[i];
      sort(times, all);
      printf("%s{\"gap\":%d,\"median\":%.3f,\"p99\":%.3f}", k ? "," : "", parts[k].gap, times[all / 2],
             times[all * 99 / 100]);
    }
    printf("]");
    kill(programs[i].pid, SIGKILL);
    waitpid(programs[i].pid, 0, 0);
  }
  printf("]\n");
}
