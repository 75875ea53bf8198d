/* bare.so: the least that a C handler can do to wake an event loop: a byte for each signal through a pipe, or a call
 * of the runtime's own handler for another signal.
 *
 * told.so, with -DTELLS: the same with a record of each signal, for one thread, and without an answer to a full
 * ring. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#ifdef TELLS
enum { RECORDS = 1024 };

struct record {
  int32_t signum, code, pid, uid, seconds, nanoseconds;
};

static struct record ring[RECORDS];
static volatile uint32_t head, tail;

static void note(int sig, const siginfo_t *info) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  ring[head % RECORDS] = (struct record){
    sig, info->si_code, info->si_pid, (int32_t)info->si_uid, (int32_t)now.tv_sec, (int32_t)now.tv_nsec,
  };
  head++;
}

/* Copies out up to `room` records; returns how many. */
int bare_take(struct record *out, int room) {
  int taken = 0;
  for (; taken < room && tail != head; taken++) out[taken] = ring[tail++ % RECORDS];
  return taken;
}
#else
static void note(int sig, const siginfo_t *info) { (void)sig, (void)info; }
#endif

static int fds[2];
static int wake_signal;
static void (*runtime_handler)(int);

static void by_byte(int sig, siginfo_t *info, void *context) {
  (void)context;
  note(sig, info);
  if (write(fds[1], "", 1)) return; /* full: the loop will wake */
}

static void by_handler(int sig, siginfo_t *info, void *context) {
  (void)context;
  note(sig, info);
  runtime_handler(wake_signal);
}

static int install(int sig, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_RESTART | SA_SIGINFO};
  return sigaction(sig, &action, 0);
}

/* The descriptor to watch. */
int bare_byte(int sig) { return pipe2(fds, O_NONBLOCK) || install(sig, by_byte) ? -1 : fds[0]; }

/* The runtime listens to `other`. */
int bare_by_handler(int sig, int other) {
  struct sigaction action;
  if (sigaction(other, 0, &action)) return -1;
  wake_signal = other;
  runtime_handler = action.sa_handler;
  return install(sig, by_handler);
}

int bare_kill(int pid, int sig) { return kill(pid, sig); }
