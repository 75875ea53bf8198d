/* counter: the floor of a burst: a C handler that counts while the program spins. */
#include "common.h"

static volatile sig_atomic_t received;

static void add(int sig) {
  (void)sig;
  received++;
}

int main(void) {
  signal(SIGUSR2, add);
  puts("busy");
  fflush(stdout);
  for (double end = now_us() + 600000; now_us() < end;) {}
  printf("count %d\n", (int)received);
}
