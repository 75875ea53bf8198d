/* Runs a command in a session of its own and reports how every process below it ends.
 *
 *   session LOG pty|pipe leader|job COMMAND [ARGUMENT ...]
 *
 * pty: on a new pseudo-terminal, whose output appears on standard output; pipe: on this program's own standard
 * output and error. leader: the command leads the session, as under script(1) or `docker run -t`; job: it is the
 * foreground job of a leader that waits for it, and that on SIGHUP passes SIGHUP on to it and ends, as bash does.
 *
 * LOG gets a line each, appended: "command PID"; "ended PID killed|exited NUMBER" for each process whose parent this
 * program is or has become (it is a subreaper); "gone" when no process is left. Orders, one a line on standard input:
 *   type HEX...        bytes typed at the terminal
 *   size ROWS COLUMNS  the terminal's new size, as a terminal emulator sets it
 *   close              the terminal is closed
 *   reap               SIGKILL to all that is left; so also at the end of standard input, and after LIMIT seconds */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 120 };

static int log_fd;

static void fail(const char *what) {
  perror(what);
  _exit(127);
}

static void say(const char *format, ...) {
  char line[128];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (write(log_fd, line, length) != length) fail("log");
}

static void say_end(pid_t pid, int status) {
  if (WIFSIGNALED(status)) say("ended %d killed %d\n", pid, WTERMSIG(status));
  else say("ended %d exited %d\n", pid, WEXITSTATUS(status));
}

static pid_t job;

static void hang_up(int signum) {
  (void)signum;
  kill(-job, SIGHUP);
  _exit(129);
}

static void run(char **command) {
  say("command %d\n", getpid());
  execvp(command[0], command);
  fail(command[0]);
}

/* What a shell with job control does for a job in the foreground. */
static void lead(char **command, int on_terminal) {
  signal(SIGTTOU, SIG_IGN);
  job = fork();
  if (job == 0) {
    setpgid(0, 0);
    if (on_terminal) tcsetpgrp(0, getpid());
    signal(SIGTTOU, SIG_DFL);
    run(command);
  }
  setpgid(job, job);
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  signal(SIGHUP, hang_up);
  int status;
  while (waitpid(job, &status, 0) < 0 && errno == EINTR) {}
  say_end(job, status);
  _exit(0);
}

static int children(pid_t *pids, int most) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  FILE *file = fopen(path, "r");
  int count = 0;
  while (file && count < most && fscanf(file, "%d", &pids[count]) == 1) count++;
  if (file) fclose(file);
  return count;
}

/* The children of those that are killed become this program's, and are next. */
static void kill_all(void) {
  pid_t pids[256];
  int count = children(pids, 256);
  for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
}

static int order(char *line, int terminal) {
  char *word = strtok(line, " ");
  if (!word) return terminal;
  if (!strcmp(word, "type")) {
    for (char *hex; (hex = strtok(NULL, " "));) {
      char byte = (char)strtol(hex, NULL, 16);
      if (write(terminal, &byte, 1) != 1) fail("type");
    }
  } else if (!strcmp(word, "size")) {
    struct winsize size = {.ws_row = atoi(strtok(NULL, " ")), .ws_col = atoi(strtok(NULL, " "))};
    if (ioctl(terminal, TIOCSWINSZ, &size)) fail("size");
  } else if (!strcmp(word, "close")) {
    close(terminal);
    return -1;
  } else {
    fprintf(stderr, "session: no such order: %s\n", word);
    _exit(2);
  }
  return terminal;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  log_fd = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_fd < 0) fail(argv[1]);
  int on_terminal = !strcmp(argv[2], "pty"), is_job = !strcmp(argv[3], "job");
  int terminal = -1;
  if (on_terminal) {
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal) || ioctl(terminal, TIOCSWINSZ, &size)) fail("pty");
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigaddset(&child, SIGALRM);
  sigprocmask(SIG_BLOCK, &child, NULL);
  int signals = signalfd(-1, &child, SFD_CLOEXEC);

  pid_t first = fork();
  if (first < 0) fail("fork");
  if (first == 0) {
    sigprocmask(SIG_UNBLOCK, &child, NULL);
    setsid();
    if (on_terminal) {
      int other = open(ptsname(terminal), O_RDWR); // the leader's first terminal becomes its controlling one
      if (other < 0) fail("pty");
      for (int fd = 0; fd < 3; fd++) dup2(other, fd);
      if (other > 2) close(other);
      close(terminal); // which a leader that starts a job would hold open
    } else {
      int nothing = open("/dev/null", O_RDONLY);
      dup2(nothing, 0);
      close(nothing);
    }
    if (is_job) lead(argv + 4, on_terminal);
    else run(argv + 4);
  }
  alarm(LIMIT);

  char line[1024];
  int length = 0, input = 0, killing = 0;
  for (;;) {
    struct pollfd from[] = {{.fd = signals, .events = POLLIN}, {.fd = input, .events = POLLIN},
                            {.fd = terminal, .events = POLLIN}};
    poll(from, 3, -1);
    if (from[2].revents) {
      char text[4096];
      ssize_t got = read(terminal, text, sizeof text);
      // EIO: nobody has the terminal open now, and nobody will.
      if (got > 0) { if (write(1, text, got) != got) fail("output"); }
      else if (errno != EAGAIN && errno != EINTR) { close(terminal); terminal = -1; }
      continue; // output first: it is all here before the end is reported
    }
    if (from[1].revents) {
      ssize_t got = read(0, line + length, sizeof line - 1 - length);
      if (got <= 0) killing = 1, input = -1;
      else length += got;
      line[length] = 0;
      for (char *end; (end = strchr(line, '\n'));) {
        *end = 0;
        if (!strcmp(line, "reap")) killing = 1;
        else terminal = order(line, terminal);
        memmove(line, end + 1, strlen(end + 1) + 1);
        length = strlen(line);
      }
    }
    if (from[0].revents) {
      struct signalfd_siginfo info;
      if (read(signals, &info, sizeof info) > 0 && info.ssi_signo == SIGALRM) {
        say("limit\n");
        killing = 1;
      }
      int status;
      pid_t pid;
      while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!is_job || pid != first) say_end(pid, status);
      if (pid < 0) {
        say("gone\n");
        return 0;
      }
    }
    if (killing) kill_all();
  }
}
