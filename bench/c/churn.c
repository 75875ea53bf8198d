/* churn.so: a process whose threads come and go, one of them in vfork(2) again and again, while another process sends
 * it signals. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *live_shortly(void *unused) {
  (void)unused;
  usleep(200);
  return 0;
}

static void *come_and_go(void *unused) {
  (void)unused;
  for (;;) {
    pthread_t thread;
    if (!pthread_create(&thread, 0, live_shortly, 0)) pthread_join(thread, 0);
  }
  return 0;
}

static void *wait_in_vfork(void *unused) {
  (void)unused;
  for (;;) {
    pid_t child = vfork();
    if (!child) {
      usleep(100000);
      _exit(0);
    }
    waitpid(child, 0, 0);
  }
  return 0;
}

/* Sends this process `sig` so often, and starts the threads. */
int churn_start(int sig, int every_us) {
  pid_t parent = getpid();
  if (!fork()) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int value = 0; !sigqueue(parent, sig, (union sigval){.sival_int = value}); value++) usleep(every_us);
    _exit(0);
  }
  pthread_t thread;
  return pthread_create(&thread, 0, come_and_go, 0) || pthread_create(&thread, 0, wait_in_vfork, 0);
}
