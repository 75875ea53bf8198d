/* bare.so: the least by which a C handler can wake an event loop: a byte for each signal through a pipe, or a call
 * of the runtime's own handler for another signal. No record, no flag: what ours does more is ours. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int fds[2];
static int carrier;
static void (*runtime_handler)(int);

static void by_byte(int sig) {
  (void)sig;
  if (write(fds[1], "", 1)) return; /* full: bytes enough are there */
}

static void by_carrier(int sig) {
  (void)sig;
  runtime_handler(carrier);
}

static int install(int sig, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  return sigaction(sig, &action, 0);
}

/* The descriptor to watch. */
int bare_byte(int sig) { return pipe2(fds, O_NONBLOCK) || install(sig, by_byte) ? -1 : fds[0]; }

/* The runtime listens to `other`. */
int bare_carrier(int sig, int other) {
  struct sigaction action;
  if (sigaction(other, 0, &action)) return -1;
  carrier = other;
  runtime_handler = action.sa_handler;
  return install(sig, by_carrier);
}

int bare_kill(int pid, int sig) { return kill(pid, sig); }
