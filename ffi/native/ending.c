/* ending.c: the part of the graceful end that works even if JavaScript never runs again: the deadline, the forced
 * end and the terminal's modes. shutdown() arms it.
 *
 * Calls: only the functions listed in safe_symbols.txt; ps_ending_saw() and ps_die_by() run in the handler.
 * Shares: `ps.end`, through atomics. JavaScript's thread writes what shutdown() asked for before it sets `signals`,
 *         without which a handler reads nothing else. */
#include "calls.h"

int ps_is_in_foreground(int fd) { return fd >= 0 && tcgetpgrp(fd) == getpgrp(); }

/* Writes at once or not at all: a pipe that nobody reads, or a stopped terminal, must not delay the end. POLLOUT
 * promises PIPE_BUF bytes, 512 or more. */
static void write_at_once(int fd, const char *bytes, size_t size) {
  struct pollfd out = {fd, POLLOUT, 0};
  if (size && poll(&out, 1, 0) == 1 && (out.revents & POLLOUT)) (void)!write(fd, bytes, size);
}

/* Only in the foreground: the modes of a terminal belong to the job that has it. */
static void restore_terminal(void) {
  struct ps_end *end = &ps.end;
  if (!ps_is_in_foreground(end->terminal)) return;
  if (end->has_modes) tcsetattr(end->terminal, TCSANOW, &end->modes); /* every signal is blocked, SIGTTOU too */
  write_at_once(end->terminal, end->reset, end->reset_size);
}

RARE static void change_mask(int how, uint64_t signals) {
  sigset_t set;
  to_sigset(&set, signals);
  pthread_sigmask(how, &set, 0);
}

/* Terminates the process by `sig`, so that its parent sees it. No signal terminates process 1, so it exits instead; so
 * does the process if the default action of `sig` is not to terminate. */
void ps_die_by(int sig) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  change_mask(SIG_BLOCK, EVERY_SIGNAL);
  restore_terminal();
  if (sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU && sig != SIGSTOP) {
    sigaction(sig, &action, 0);
    raise(sig);
    change_mask(SIG_UNBLOCK, ps_bit(sig));
  }
  _exit(128 + sig);
}

static size_t copy_text(char *to, const char *text) {
  size_t size = 0;
  while (text[size]) to[size] = text[size], size++;
  return size;
}

/* Writes to standard error which deferred function was running. */
static void report_deadline(void) {
  struct ps_end *end = &ps.end;
  static char line[PS_NAME_BYTES + 80]; /* the process terminates next */
  uint32_t running = atomic_load(&end->running);
  if (running == PS_LEFT) return;
  size_t size = copy_text(line, "Shutdown: deadline exceeded ");
  if (running >= PS_RUNNING) {
    size += copy_text(line + size, "while '");
    size += copy_text(line + size, end->names[running - PS_RUNNING]);
    size += copy_text(line + size, "' was running\n");
  } else {
    size += copy_text(line + size, running == PS_NONE_RAN ? "before a deferred function ran\n"
                                                          : "after the deferred functions had run\n");
  }
  write_at_once(2, line, size);
}

/* The deadline has expired. An end that no signal began exits with status 1. */
void ps_end_at_deadline(void) {
  struct ps_end *end = &ps.end;
  change_mask(SIG_BLOCK, EVERY_SIGNAL);
  report_deadline();
  int first = (int)atomic_load(&end->first);
  int dies_by = (int)atomic_load(&end->dies_by);
  if (dies_by) ps_die_by(dies_by);
  if (first && !atomic_load(&end->by_program)) ps_die_by(first);
  restore_terminal();
  _exit(1);
}

uint64_t ps_deadline_left(void) {
  uint64_t allowed = atomic_load(&ps.end.deadline_ns), used = ps_now_ns() - atomic_load(&ps.end.begun_ns);
  return allowed > used ? allowed - used : 1;
}

/* (Re)starts the deadline: the timer of shutdown.c, or on macOS the thread that waits there. */
int ps_start_deadline(void) {
  struct ps_end *end = &ps.end;
  if (!atomic_load(&end->deadline_ns)) return 0;
#if defined(__linux__)
  uint64_t ns = ps_deadline_left();
  struct itimerspec at = {.it_value = {(long)(ns / 1000000000u), (long)(ns % 1000000000u)}};
  return syscall(SYS_timer_settime, atomic_load(&end->timer), 0, &at, 0) ? -errno : 0;
#else
  return write(atomic_load(&end->timer), "", 1) < 0 ? -errno : 0;
#endif
}

/* Sets the deadline to `ns` from now. */
void ps_end_limit(uint64_t ns) {
  atomic_store(&ps.end.deadline_ns, ps_now_ns() - atomic_load(&ps.end.begun_ns) + ns);
  ps_start_deadline();
}

void ps_begin_end(uint64_t now) {
  uint64_t not_yet = 0;
  if (atomic_compare_exchange_strong(&ps.end.begun_ns, &not_yet, now)) ps_start_deadline();
}

/* ---- whether a signal forces the end ---- */

/* XNU sets si_code to 0 for every signal that kill(2) or a terminal sent; a terminal has no pid. */
static int is_from_kernel(const siginfo_t *info) {
#if defined(__linux__)
  return info->si_code == SI_KERNEL;
#else
  return info->si_pid == 0;
#endif
}

static int is_keypress(int sig, const siginfo_t *info) {
  return info && (sig == SIGINT || sig == SIGQUIT) && is_from_kernel(info);
}

static int is_from_process(const siginfo_t *info) {
#if defined(__linux__)
  return info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
#else
  return info->si_pid != 0;
#endif
}

#define COPIES_NS 1000000000 /* copies of one request arrive within this: 124 ms at most were measured */

/* One request reaches a program several times: from the terminal, from its parent (`deno task` passes a keypress on
 * twice), from a grandparent (dumb-init) and from helper processes (concurrently). And a supervisor that ends with its
 * child hands over when its own work is done, after any time: its SIGTERM after the terminal's SIGINT, or after the
 * SIGTERM that a service manager sent to both. None of these is a second request: only the parent's own second one
 * forces the end. A process outside this one's PID namespace has pid 0, and so has the parent of process 1. */
static int is_second_request(int sig, const siginfo_t *info, uint64_t now) {
  struct ps_end *end = &ps.end;
  int from_process = info && is_from_process(info);
  int from_parent = from_process && info->si_pid && info->si_pid == getppid();
  int parent_asked = from_parent && atomic_exchange(&end->parent_asked, 1);
  if ((int64_t)(now - atomic_load(&end->first_ns)) < COPIES_NS || sig == SIGHUP) return 0;
  if (!info || is_keypress(sig, info)) return 1;
  if (!from_process || info->si_pid == getpid()) return 0;
  return !from_parent || (parent_asked && sig == (int)atomic_load(&end->first));
}

#define PRESSES_NS 250000000 /* two copies by one process were 8 ms apart at most */

/* dumb-init starts the program in a session of its own, so that its terminal is not the controlling one. A keypress
 * arrives only by dumb-init's kill(2): another signal of the same process is another keypress. */
static int is_forwarded_press(int sig, const siginfo_t *info, uint64_t now) {
  struct ps_end *end = &ps.end;
  if (!end->keys_forwarded || sig != SIGINT || !info || !is_from_process(info)) return 0;
  if (atomic_load(&end->first) != SIGINT || (int)atomic_load(&end->first_pid) != info->si_pid) return 0;
  return (int64_t)(now - atomic_load(&end->first_ns)) >= PRESSES_NS;
}

/* The handler has caught `sig`. While its signal is held the first one begins the end all the same, and a second
 * one forces it at the release. A terminal delivers a keypress once to a process: two are two presses. */
void ps_ending_saw(int sig, const siginfo_t *info, int held) {
  struct ps_end *end = &ps.end;
  uint64_t signals = atomic_load(&end->signals);
#if defined(__linux__)
  if (signals && info && info->si_code == SI_TIMER && info->si_value.sival_ptr == end) ps_end_at_deadline();
#endif
  if (!(signals & ps_bit(sig))) return;
  uint64_t now = ps_now_ns(), not_yet = 0;
  int pressed_again = is_keypress(sig, info) && atomic_exchange(&end->pressed, 1);
  if (atomic_compare_exchange_strong(&end->first_ns, &not_yet, now)) {
    if (info && is_from_process(info)) {
      atomic_store(&end->first_pid, info->si_pid);
      if (info->si_pid == getppid()) atomic_store(&end->parent_asked, 1);
    }
    atomic_store(&end->first, (uint32_t)sig);
    ps_begin_end(now);
  } else if (atomic_load(&end->force) &&
             (pressed_again || is_second_request(sig, info, now) || is_forwarded_press(sig, info, now))) {
    if (!held) ps_die_by(sig);
    atomic_store(&end->forced, (uint32_t)sig);
  }
}

/* A held signal has been released. */
void ps_ending_released(void) {
  int forced = (int)atomic_load(&ps.end.forced);
  if (forced) ps_die_by(forced);
}

/* The runtime has run its exit hooks. */
void ps_end_at_exit(void) {
  struct ps_end *end = &ps.end;
  if (!atomic_load(&end->begun_ns) || !atomic_load(&end->signals) || getpid() != end->pid) return;
  int sig = (int)atomic_load(&end->dies_by);
  change_mask(SIG_BLOCK, EVERY_SIGNAL);
  if (sig) ps_die_by(sig);
  restore_terminal();
}
