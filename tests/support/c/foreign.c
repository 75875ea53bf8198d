/* foreign.c: another library in the program under test, with a handler of its own, and with processes that it makes by
 * fork() alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int calls;
static int sender;
static int code;
static int answers = -1; /* the write end of the pipe that foreign_send() waits on */

/* One signal has arrived. */
int foreign_answer(void) { return write(answers, "", 1) == 1; }

static void handler(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
  sender = info->si_pid;
  code = info->si_code;
  if (answers >= 0) foreign_answer(); /* last: the sender of the last one ends by it */
}

/* Installs the handler with the flags given, and signals 1 to 32 of `mask` in its mask. */
int foreign_install(int sig, int flags, unsigned mask) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
  memcpy(&action.sa_mask, &mask, sizeof mask);
  return sigaction(sig, &action, 0);
}

int foreign_calls(void) { return __atomic_load_n(&calls, __ATOMIC_SEQ_CST); }

int foreign_sender(void) { return sender; }

int foreign_code(void) { return code; }

/* The action as the kernel has it, without the C library's restorer: handler, flags, mask. */
int foreign_action(int sig, unsigned long long out[3]) {
  struct {
    unsigned long long handler, flags;
    unsigned long long restorer; /* on x86_64 and on aarch64 */
    unsigned long long mask;
  } action;
  long failed = syscall(SYS_rt_sigaction, sig, (void *)0, &action, sizeof action.mask);
  out[0] = action.handler;
  out[1] = action.flags & ~0x04000000ull; /* SA_RESTORER */
  out[2] = action.mask;
  return (int)failed;
}

/* Installs the present handler again through signal(3), as Bun does: without its flags and mask. */
int foreign_reinstall(int sig) {
  struct sigaction present;
  if (sigaction(sig, 0, &present)) return -1;
  return signal(sig, present.sa_handler) == SIG_ERR ? -1 : 0;
}

int foreign_kill(int sig) { return kill(getpid(), sig); }

/* Queues a signal to the calling thread, as if a process of user `uid` had sent it. */
int foreign_queue(int sig, unsigned uid) {
  siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};
  info.si_pid = getpid();
  info.si_uid = uid;
  return (int)syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), sig, &info);
}

#define PATIENCE_MS 5000 /* so long a sender waits for an answer */
#define UNANSWERED 5     /* so often */

/* What a sender has done. */
static struct {
  volatile int answered, ended;
} *sender_of;

/* Starts another process, which sends `sig` so often, each when the one before has been answered: the kernel and the
 * runtime coalesce none. */
int foreign_send(int sig, int times) {
  int fds[2], parent = getpid(), failed = 0;
  sender_of = mmap(0, sizeof *sender_of, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (sender_of == MAP_FAILED || pipe(fds)) return -1;
  answers = fds[1];
  sigset_t every, old;
  sigfillset(&every);
  pthread_sigmask(SIG_BLOCK, &every, &old);
  int child = fork();
  if (child) {
    pthread_sigmask(SIG_SETMASK, &old, 0);
    return child;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  unsigned random = 1;
  for (int i = 0; i < times && failed < UNANSWERED; i++) {
    char answer;
    struct pollfd fd = {fds[0], POLLIN, 0};
    random = random * 1103515245 + 12345; /* at any moment of what the receiver does meanwhile */
    for (volatile unsigned spin = random >> 16; spin; spin--) {}
    if (kill(parent, sig)) break;
    if (poll(&fd, 1, PATIENCE_MS) == 1 && read(fds[0], &answer, 1) == 1) sender_of->answered++;
    else failed++;
  }
  sender_of->ended = 1;
  _exit(0);
}

int foreign_answered(void) { return sender_of->answered; }

int foreign_has_sent(void) { return sender_of->ended; }

/* One end of a new socket pair, which never blocks. */
int foreign_socket(void) {
  int fds[2];
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) ? -1 : fds[0];
}

static int forked;

/* Makes a child by fork() and signals it. @returns its wait status: it exits with the number of its calls of the handler
 * above, unless the signal kills it */
int foreign_fork(int sig) {
  int fds[2], status, before = calls;
  if (pipe(fds)) return -1;
  forked = fork();
  if (forked < 0) return -1;
  if (!forked) {
    char byte;
    while (read(fds[0], &byte, 1) < 0 && errno == EINTR) {} /* it returns when the signal has been handled */
    _exit(calls - before);
  }
  kill(forked, sig);
  if (write(fds[1], "", 1) != 1) return -1;
  while (waitpid(forked, &status, 0) < 0 && errno == EINTR) {}
  close(fds[0]);
  close(fds[1]);
  return status;
}

/* The last one's pid. */
int foreign_forked(void) { return forked; }

static volatile int threads_end;

static void *live_shortly(void *unused) {
  (void)unused;
  usleep(200);
  return 0;
}

static void *start_threads(void *unused) {
  (void)unused;
  while (!threads_end) {
    pthread_t one, two;
    if (pthread_create(&one, 0, live_shortly, 0)) continue;
    if (!pthread_create(&two, 0, live_shortly, 0)) pthread_join(two, 0);
    pthread_join(one, 0);
  }
  return 0;
}

/* Threads come and go from now on, as a runtime's helpers do, until foreign_end_threads(). */
int foreign_threads(void) {
  pthread_t thread;
  return pthread_create(&thread, 0, start_threads, 0);
}

int foreign_end_threads(void) { return threads_end = 1; }
