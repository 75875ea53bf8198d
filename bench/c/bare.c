/* bare.so: the least by which a C handler can wake an event loop: a byte for each signal, through a pipe or,
 * where the event loop watches no pipe, a socket. No record, no flag: what ours does more is ours. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[2];

static void handle(int sig) {
  (void)sig;
  if (write(fds[1], "", 1)) return; /* full: bytes enough are there */
}

/* The descriptor to watch. */
int bare_open(int sig, int by_pipe) {
  if (by_pipe ? pipe2(fds, O_NONBLOCK) : socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)) return -1;
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  return sigaction(sig, &action, 0) ? -1 : fds[0];
}

int bare_kill(int pid, int sig) { return kill(pid, sig); }
