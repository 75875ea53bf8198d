/* terminal COMMAND...: runs a command on a pseudo-terminal of its own, types what it reads, prints what the
 * command prints, and ends as that does. As script(1), whose options differ from system to system. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif

static int copy(int from, int to) {
  char bytes[4096];
  ssize_t size = read(from, bytes, sizeof bytes), done = 0, written;
  while (done < size && (written = write(to, bytes + done, (size_t)(size - done))) > 0) done += written;
  return size > 0 && done == size;
}

int main(int argc, char **argv) {
  int terminal, status;
  pid_t pid = argc > 1 ? forkpty(&terminal, 0, 0, 0) : -1;
  if (pid < 0) return perror("terminal"), 2;
  if (pid == 0) {
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(127);
  }
  int typing = 1;
  for (;;) {
    fd_set fds; /* the poll(2) of macOS takes no terminal */
    FD_ZERO(&fds);
    FD_SET(terminal, &fds);
    if (typing) FD_SET(STDIN_FILENO, &fds);
    if (select(terminal + 1, &fds, 0, 0, 0) < 0) return perror("select"), 2;
    if (FD_ISSET(terminal, &fds) && !copy(terminal, STDOUT_FILENO)) break; /* the last that had it open has ended */
    if (FD_ISSET(STDIN_FILENO, &fds)) typing = copy(STDIN_FILENO, terminal);
  }
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  return WEXITSTATUS(status);
}
