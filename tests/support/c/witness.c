/* witness CAUSE: the siginfo_t that a C program gets. Causes the signal, or waits for it after "ready", and prints as
 * JSON the members that sigaction(2) lists for the cause. `burn` only uses the processor for 0.3 seconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t seen;
static siginfo_t got;

static void handler(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  if (!seen) got = *info;
  seen = 1;
}

static void catch(int sig) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigfillset(&action.sa_mask);
  if (sigaction(sig, &action, 0)) exit(3);
}

/* Blocked outside sigsuspend(2), so that it is not delivered before. */
static void wait_for(void) {
  sigset_t none;
  sigemptyset(&none);
  while (!seen) sigsuspend(&none);
}

static void *spin(void *unused) {
  (void)unused;
  for (;;) {}
  return 0;
}

static pid_t child(const char *how) {
  pid_t pid = fork();
  if (pid) return pid;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  signal(SIGTERM, SIG_DFL);
  if (!strcmp(how, "exited")) _exit(7);
  if (!strcmp(how, "times")) {
    while (clock() < CLOCKS_PER_SEC / 2) {}
    _exit(0);
  }
  for (;;) pause();
}

enum { SENDER, VALUE, CHILD, POLL, TIMER };

static void print(int members) {
  printf("{\"signum\":%d,\"errno\":%d,\"code\":%d", got.si_signo, got.si_errno, got.si_code);
  if (members == SENDER || members == VALUE || members == CHILD)
    printf(",\"pid\":%d,\"uid\":%d", got.si_pid, got.si_uid);
  if (members == VALUE) printf(",\"value\":%d", got.si_value.sival_int);
  if (members == CHILD) {
    double ticks = (double)sysconf(_SC_CLK_TCK);
    printf(",\"status\":%d,\"utime\":%g,\"stime\":%g", got.si_status, (double)got.si_utime / ticks,
           (double)got.si_stime / ticks);
  }
  if (members == POLL) printf(",\"band\":%ld,\"fd\":%d", got.si_band, got.si_fd);
  if (members == TIMER)
    printf(",\"timerId\":%d,\"overrun\":%d,\"value\":%d", got.si_timerid, got.si_overrun, got.si_value.sival_int);
  printf(",\"self\":%d}\n", getpid());
}

int main(int argc, char **argv) {
  const char *cause = argc > 1 ? argv[1] : "";
  if (!strcmp(cause, "burn")) {
    while (clock() < CLOCKS_PER_SEC / 2) {}
    return 0;
  }
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, 0);
  const int signals[] = {SIGUSR1, SIGALRM, SIGVTALRM, SIGPROF, SIGCHLD, SIGIO, SIGINT, SIGSEGV, SIGRTMIN, SIGRTMIN + 1};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) catch(signals[i]);
  int members = SENDER;

  if (!strcmp(cause, "outside") || !strcmp(cause, "outside-value")) {
    members = !strcmp(cause, "outside") ? SENDER : VALUE;
    puts("ready");
    fflush(stdout);
  } else if (!strcmp(cause, "raise")) {
    raise(SIGUSR1);
  } else if (!strcmp(cause, "thread")) {
    pthread_kill(pthread_self(), SIGRTMIN);
  } else if (!strcmp(cause, "kill")) {
    kill(getpid(), SIGSEGV);
  } else if (!strcmp(cause, "queue")) {
    members = VALUE;
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = -5});
  } else if (!strcmp(cause, "alarm")) {
    alarm(1);
  } else if (!strcmp(cause, "real") || !strcmp(cause, "virtual") || !strcmp(cause, "prof")) {
    int which = !strcmp(cause, "real") ? ITIMER_REAL : !strcmp(cause, "virtual") ? ITIMER_VIRTUAL : ITIMER_PROF;
    pthread_t thread;
    if (which != ITIMER_REAL) pthread_create(&thread, 0, spin, 0);
    setitimer(which, &(struct itimerval){{0, 0}, {0, 50000}}, 0);
  } else if (!strcmp(cause, "timer")) {
    members = TIMER;
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    event.sigev_value.sival_int = 4711;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 20000000}}, 0);
  } else if (!strcmp(cause, "message")) {
    members = VALUE;
    char name[64];
    snprintf(name, sizeof name, "/posix-signal-%d", getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, 0);
    mq_unlink(name);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    event.sigev_value.sival_int = 99;
    if (mq_notify(queue, &event)) return 77; /* no message queues here */
    mq_send(queue, "x", 1, 0);
  } else if (!strncmp(cause, "poll", 4)) {
    members = POLL;
    int sig = !strcmp(cause, "poll-sigio") ? SIGIO : !strcmp(cause, "poll-realtime") ? SIGRTMIN + 1 : 0;
    if (!strcmp(cause, "poll-child")) sig = SIGCHLD;
    if (!sig) members = SENDER;
    fcntl(0, F_SETOWN, getpid());
    if (sig) fcntl(0, F_SETSIG, sig);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_ASYNC);
    puts("ready");
    fflush(stdout);
  } else {
    members = CHILD;
    pid_t pid = child(cause);
    if (!strcmp(cause, "killed")) kill(pid, SIGTERM);
    if (!strcmp(cause, "stopped")) kill(pid, SIGSTOP);
    if (!strcmp(cause, "continued")) {
      kill(pid, SIGSTOP);
      wait_for();
      seen = 0;
      kill(pid, SIGCONT);
    }
    wait_for();
    kill(pid, SIGKILL);
  }
  wait_for();
  print(members);
  return 0;
}
