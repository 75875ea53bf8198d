/* ticker.so, and ticker posix|setitimer SECONDS: a POSIX interval timer of 1 ms, which counts its overruns, and a C
 * handler for it. In the middle of the run the signal is blocked for 100 ms. */
#define _GNU_SOURCE
#include "common.h"
#include <sys/time.h>

static double started_ms;

double ticker_now_ms(void) { return now_ns() / 1e6; }

/* Starts a timer that sends `sig` each millisecond, the first one millisecond after the time returned;
 * with `posix` 0, setitimer(2)'s. */
double ticker_start(int sig, int posix) {
  double now = ticker_now_ms();
  if (posix) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer)) return -1;
    long ns = (long)(now * 1e6);
    ns -= ns % 1000000;
    started_ms = ns / 1e6;
    struct itimerspec each = {{0, 1000000}, {(ns + 1000000) / 1000000000, (ns + 1000000) % 1000000000}};
    if (timer_settime(timer, TIMER_ABSTIME, &each, 0)) return -1;
  } else {
    struct itimerval each = {{0, 1000}, {0, 1000}};
    started_ms = ticker_now_ms();
    setitimer(ITIMER_REAL, &each, 0);
  }
  return started_ms;
}

#ifdef PROGRAM
static double at[200000];
static long told[200000]; /* ticks and overruns up to each delivery */
static volatile int ticks;
static volatile long overruns;

static void tick(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  if (ticks == 200000) return;
  at[ticks] = ticker_now_ms();
  if (info->si_code == SI_TIMER) overruns += info->si_overrun;
  told[ticks] = ticks + 1 + overruns;
  ticks++;
}

static void wait_until(double ms) {
  for (double left; (left = ms - ticker_now_ms()) > 0;) {
    struct timespec rest = {(time_t)(left / 1e3), (long)(left * 1e6) % 1000000000};
    nanosleep(&rest, 0);
  }
}

int main(int count, char **words) {
  if (count < 3) return 2;
  int posix = !strcmp(words[1], "posix"), sig = posix ? SIGRTMIN : SIGALRM;
  double seconds = atof(words[2]);
  struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(sig, &action, 0);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, sig);
  double begun = ticker_start(sig, posix);
  wait_until(begun + seconds * 500);
  sigprocmask(SIG_BLOCK, &set, &old);
  wait_until(begun + seconds * 500 + 100);
  sigprocmask(SIG_SETMASK, &old, 0);
  wait_until(begun + seconds * 1000);
  sigprocmask(SIG_BLOCK, &set, 0);
  static double late[200000];
  int lates = 0;
  for (int i = 0; i < ticks; i++) {
    double since = at[i] - begun;
    if (since > seconds * 500 - 5 && since < seconds * 500 + 110) continue; /* blocked then */
    late[lates++] = 1000 * (since - (long)since);
  }
  sort(late, lates);
  long missing = 1000000;
  for (int i = ticks - 50; i < ticks; i++) /* the least: a late handler sees more expiries than deliveries */
    if ((long)(at[i] - begun) - told[i] < missing) missing = (long)(at[i] - begun) - told[i];
  printf("{\"delivered\":%d,\"overrun\":%ld,\"merged\":0,\"missing\":%ld,\"late\":%.3f,\"late99\":%.3f}\n", ticks,
         overruns, missing, late[lates / 2], late[lates * 99 / 100]);
}
#endif
