/* raiser.c: a thread in the program under test that raises one signal as fast as it can until it is stopped. A raised
 * signal is delivered before raise(3) returns, so none coalesces. */
#include <pthread.h>
#include <signal.h>

static pthread_t thread;
static int raised;
static volatile int over;

static void *raise_for_long(void *signal) {
  while (!over) {
    raise((int)(long)signal);
    raised++;
  }
  return 0;
}

int raiser_start(int sig) {
  over = raised = 0;
  return pthread_create(&thread, 0, raise_for_long, (void *)(long)sig);
}

/* Stops the thread. @returns how often it raised */
int raiser_stop(void) {
  over = 1;
  pthread_join(thread, 0);
  return raised;
}
