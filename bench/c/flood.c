/* flood COUNT COMMAND...: starts a program that gets COUNT as its last argument and prints "ready"; queues COUNT
 * numbered SIGRTMIN as fast as the kernel takes them, and then a SIGRTMIN+1 if the program is "ready for a last one".
 * The program prints "done GOT DISORDERED". Prints the rate from the first send to that line, as JSON. */
#define _GNU_SOURCE
#include "common.h"
#include <poll.h>
#include <sys/wait.h>

int main(int count, char **words) {
  if (count < 3) return 2;
  int total = atoi(words[1]);
  struct program program = start(count - 2, words + 2, words[1]);
  int last = strstr(expect(&program, "ready"), "last") != 0;
  usleep(800000);
  double begun = now_ns();
  long full = 0;
  for (int i = 0; i < total; i++) {
    union sigval value = {.sival_int = i};
    while (sigqueue(program.pid, SIGRTMIN, value)) {
      if (errno != EAGAIN) {
        perror("sigqueue");
        return 1;
      }
      full++;
      sched_yield();
    }
  }
  double sent = now_ns();
  if (last) sigqueue(program.pid, SIGRTMIN + 1, (union sigval){0});
  struct pollfd done = {.fd = fileno(program.output), .events = POLLIN};
  if (poll(&done, 1, 20000) != 1) fprintf(stderr, "not done within 20 s\n"), kill(program.pid, SIGKILL);
  int got = 0, disordered = 0;
  sscanf(expect(&program, "done"), "done %d %d", &got, &disordered);
  double ended = now_ns();
  waitpid(program.pid, 0, 0);
  printf("{\"rate\":%.0f,\"sendRate\":%.0f,\"got\":%d,\"disordered\":%d,\"full\":%ld}\n", got / ((ended - begun) / 1e9),
         total / ((sent - begun) / 1e9), got, disordered, full);
}
