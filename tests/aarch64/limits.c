/* limits.c: what the emulator does otherwise than a kernel, measured with nothing of this project in the
 * program. It prints a name and a number for each; run.ts runs it on this machine's kernel and in the
 * emulator, and the two must differ, or cannot_show.ts claims a limit that is none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long long value) { printf("%s %lld\n", name, value); }

static unsigned long long status(const char *key) {
  char line[256];
  unsigned long long value = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, key, strlen(key))) value = strtoull(line + strlen(key) + 1, 0, 16);
  fclose(file);
  return value;
}

static int entries(const char *path) {
  int count = 0;
  DIR *directory = opendir(path);
  while (readdir(directory)) count++;
  closedir(directory);
  return count - 2;
}

static volatile sig_atomic_t calls;
static siginfo_t last;
static void handler(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  calls++;
  last = *info;
}

static void handle(int sig, int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
  sigaction(sig, &action, 0);
  calls = 0;
}

/* The calls of the handler for a child that stops, goes on and ends. */
static int child_signals(int flags) {
  handle(SIGCHLD, flags);
  int state, child = fork();
  if (!child) {
    raise(SIGSTOP);
    _exit(0);
  }
  waitpid(child, &state, WUNTRACED);
  kill(child, SIGCONT);
  while (waitpid(child, &state, WCONTINUED) < 0 && errno == EINTR) {}
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
  return calls;
}

static void *raise_for_ever(void *unused) {
  while (!raise(SIGUSR1)) {}
  return unused;
}

/* Whether a process dies whose handler comes and goes against a thread that raises the signal. The moment
 * is short, so it is tried until one does. */
static int change_kills(void) {
  int state = 0;
  for (int tries = 0; tries < 40 && !WIFSIGNALED(state); tries++) {
    int child = fork();
    if (!child) {
      close(2); /* the emulator says there that it dies */
      setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
      signal(SIGUSR1, SIG_IGN);
      pthread_t thread;
      pthread_create(&thread, 0, raise_for_ever, 0);
      for (int i = 0; i < 20000; i++) {
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        if (i % 2) action.sa_handler = SIG_IGN;
        sigaction(SIGUSR1, &action, 0);
      }
      _exit(0);
    }
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
  }
  return WIFSIGNALED(state);
}

/* Whether a program can start itself anew. */
static int starts(const char *self) {
  int state, child = fork();
  if (!child) {
    execl(self, self, "0", (char *)0);
    _exit(127);
  }
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
  return state == 0;
}

int main(int count, char **words) {
  if (count > 1 && !strcmp(words[1], "maps")) return open("/proc/self/maps", O_RDONLY) < 0;
  if (count > 1) return raise(atoi(words[1]));
  signal(SIGUSR2, SIG_IGN);
  say("caught", __builtin_popcountll(status("SigCgt:"))); /* signals that this program handles: none */
  say("threads", entries("/proc/self/task"));             /* of this program: one */

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  raise(SIGRTMIN);
  say("pending", __builtin_ffsll((long long)status("SigPnd:"))); /* the place of its bit there */

  int highest = SIGRTMAX;
  signal(SIGRTMAX, SIG_IGN), signal(SIGRTMAX - 1, SIG_IGN), signal(SIGRTMAX - 2, SIG_IGN);
  while (sigqueue(getpid(), highest, (union sigval){0})) highest--;
  say("highest", highest);

  say("stopped", child_signals(SA_NOCLDSTOP));
  handle(SIGCHLD, SA_NOCLDWAIT);
  int child = fork();
  if (!child) _exit(3);
  int state;
  int left;
  while ((left = waitpid(child, &state, 0)) < 0 && errno == EINTR) {}
  say("reaped", left < 0 && errno == ECHILD);
  signal(SIGCHLD, SIG_DFL);

  say("exec", starts(words[0]));
  say("change", change_kills());

  char *argument[] = {"nowhere", 0};
  pid_t spawned = 0;
  say("spawn", posix_spawn(&spawned, "/nowhere", 0, 0, argument, argument));
  if (spawned > 0) waitpid(spawned, &state, 0);

  int ends[2], far = 57; /* no number that lies about */
  handle(SIGIO, 0);
  if (pipe(ends) || dup2(ends[0], far) != far) return 1;
  fcntl(far, F_SETSIG, SIGIO);
  fcntl(far, F_SETOWN, getpid());
  fcntl(far, F_SETFL, O_ASYNC | O_NONBLOCK);
  if (write(ends[1], "", 1) != 1) return 1;
  while (!calls) poll(0, 0, 1);
  say("descriptor", last.si_fd == far);

  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};
  mqd_t queue = mq_open("/limits", O_CREAT | O_RDWR, 0600, &attributes);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  handle(SIGUSR1, 0);
  say("queue", queue != (mqd_t)-1 && mq_notify(queue, &event) == 0 && mq_send(queue, "", 1, 0) == 0 &&
                   (calls || poll(0, 0, 100)) && calls == 1 && last.si_code == SI_MESGQ);
  mq_unlink("/limits");
  return 0;
}
