/* reporter [read]: tells as JSON what a program finds that was started by another: its mask, its
 * dispositions, pending signals, timer, alarm and descriptors. With `read` it waits then for input. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static void list(const char *name, int (*has)(int)) {
  printf("\"%s\":[", name);
  const char *comma = "";
  for (int sig = 1; sig < 65; sig++) {
    if ((sig > 31 && sig < SIGRTMIN) || has(sig) != 1) continue;
    printf("%s%d", comma, sig);
    comma = ",";
  }
  printf("],");
}

static sigset_t set;
static int in_set(int sig) { return sigismember(&set, sig); }

static struct sigaction action;
static int ignored(int sig) { return !sigaction(sig, 0, &action) && action.sa_handler == SIG_IGN; }
static int caught(int sig) {
  return !sigaction(sig, 0, &action) && action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL;
}

int main(int argc, char **argv) {
  (void)argv;
  printf("{");
  sigprocmask(SIG_SETMASK, 0, &set);
  list("blocked", in_set);
  sigpending(&set);
  list("pending", in_set);
  list("ignored", ignored);
  list("caught", caught);
  struct itimerval timer;
  getitimer(ITIMER_REAL, &timer);
  printf("\"timer\":%ld,\"alarm\":%u,\"descriptors\":[", (long)timer.it_value.tv_sec, alarm(0));
  DIR *directory = opendir("/proc/self/fd");
  const char *comma = "";
  for (struct dirent *entry; (entry = readdir(directory));) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
    printf("%s%d", comma, fd);
    comma = ",";
  }
  printf("]}\n");
  fflush(stdout);
  char c;
  return argc > 1 && read(0, &c, 1) < 0;
}
