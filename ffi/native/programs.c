/* programs.c: the start and end of a program, and programs that follow one another in one process. */
#include "calls.h"

/* Restores the actions that `state`'s handler replaced. The runtime's own handler belongs where the default action was:
 * Deno, once it has installed that for a signal, never does so again. */
static void restore_actions(struct ps_state *state, ps_action *handler) {
  for (int sig = 1; sig < PS_SIGNALS; sig++) {
    struct ps_signal *signal = &state->signals[sig];
    struct sigaction now, action = signal->previous;
    if (sigaction(sig, 0, &now)) continue;
    int ours = now.sa_sigaction == handler;
    ps_action *runtime = atomic_load(&signal->runtime);
    if (!ours && !(runtime && now.sa_handler == SIG_DFL)) continue;
    if (runtime && (!ours || action.sa_handler == SIG_DFL))
      action = (struct sigaction){.sa_sigaction = runtime, .sa_flags = SA_SIGINFO | SA_RESTART};
    /* SIG_IGN first discards requests of threads.c that are still pending: the restored action would run for them. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (atomic_load(&state->requested) & ps_bit(sig)) sigaction(sig, &ignore, 0);
    sigaction(sig, &action, 0);
  }
}

/* ---- other copies of this library ---- */

/* The state of a copy whose image begins at `base`. */
static struct ps_state *state_at(const char *base, const char *own) {
  struct ps_state *other = (struct ps_state *)(base + ((const char *)&ps - own));
  return other->build == PS_BUILD ? other : 0;
}

#if defined(__linux__)
struct visit {
  void (*each)(struct ps_state *other, int *count);
  int *count;
  const char *own;
};

static int visit(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  const struct visit *visit = argument;
  const char *base = (const char *)info->dlpi_addr;
  const struct elf_header *header = (const void *)visit->own;
  const struct program_header *headers = (const void *)(header + 1);
  if (!base || base == visit->own || info->dlpi_phnum != header->e_phnum) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    for (int word = 0; word < 7; word++)
      if (info->dlpi_phdr[i].words[word] != headers[i].words[word]) return 0;
  struct ps_state *other = state_at(base, visit->own);
  if (other) visit->each(other, visit->count);
  return 0;
}
#else
/* Whether two images have the same load commands: the UUID of the build is among them, an address is not. */
static int is_copy(const struct mach_header *image, const struct mach_header *own) {
  if (!image || image == own || image->sizeofcmds != own->sizeofcmds) return 0;
  const uint32_t *words = (const uint32_t *)image, *of_own = (const uint32_t *)own;
  for (size_t i = 0; i < (sizeof *own + own->sizeofcmds) / sizeof *words; i++)
    if (words[i] != of_own[i]) return 0;
  return 1;
}
#endif

static void for_each_copy(void (*each)(struct ps_state *other, int *count), int *count) {
  Dl_info own;
  if (!dladdr(&ps, &own)) return;
#if defined(__linux__)
  dl_iterate_phdr(visit, &(struct visit){each, count, own.dli_fbase});
#else
  for (uint32_t i = 0; i < _dyld_image_count(); i++) {
    const struct mach_header *image = _dyld_get_image_header(i);
    struct ps_state *other = is_copy(image, own.dli_fbase) ? state_at((const char *)image, own.dli_fbase) : 0;
    if (other) each(other, count);
  }
#endif
}

/* A copy whose program has ended: as `deno run --watch` and `deno test` leave it. */
static void take_over(struct ps_state *other, int *unused) {
  (void)unused;
  if (!atomic_exchange(&other->left, 0)) return;
  restore_actions(other, (ps_action *)((char *)other + ((char *)ps_handler - (char *)&ps)));
  atomic_store(&other->end.signals, 0);
  ps_end_delete_timer(&other->end);
#if defined(__linux__)
  sigset_t confined; /* this thread may have been asked then */
  to_sigset(&confined, atomic_load(&other->confined));
  pthread_sigmask(SIG_UNBLOCK, &confined, 0);
#endif
}

/* A copy whose program has begun to end and has not finished. */
static void count_ending(struct ps_state *other, int *count) {
  if (!atomic_load(&other->left) && atomic_load(&other->end.signals) && atomic_load(&other->end.begun_ns))
    *count += !atomic_load(&other->end.finished);
}

/* How many other programs of this process (workers of `deno serve --parallel`) are about to end. */
EXPORT int ps_end_others(void) {
  int count = 0;
  for_each_copy(count_ending, &count);
  return count;
}

/* ---- the start ---- */

/* This library stays when the runtime closes it, as Deno does at the end of a program or of a Worker: the handler may
 * still be installed. On Linux it is linked with -z nodelete. */
static int pin(void) {
#if defined(__linux__)
  return 1;
#else
  Dl_info own;
  return dladdr(&ps, &own) && dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

/* A byte through a pipe takes half the time of one through a socket, but not every event loop watches pipes.
 * The read end stays open, so that no write raises SIGPIPE. */
static int wake_pair(int fds[2], uint32_t is_pipe) {
#if defined(__linux__)
  if (is_pipe) return pipe2(fds, O_CLOEXEC | O_NONBLOCK);
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
#else
  if (is_pipe ? pipe(fds) : socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    fcntl(fds[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
#endif
}

/* Identifies the sources of this object. */
EXPORT uint32_t ps_build(void) { return PS_BUILD; }

/* The runtimes ignore SIGPIPE by themselves, and Bun and Node SIGXFSZ: inheritance cannot be detected. */
static uint64_t ignored_now(void) {
  uint64_t ignored = 0;
  struct sigaction action;
  for (int sig = 1; sig < 32; sig++)
    if (!sigaction(sig, 0, &action) && action.sa_handler == SIG_IGN) ignored |= ps_bit(sig);
  return ignored & ~(ps_bit(SIGPIPE) | ps_bit(SIGXFSZ));
}

/* Registers a function for exit() and quick_exit(). glibc has one name for the latter, musl another. */
static void at_exit(void (*run)(void *), void (*run_quickly)(void)) {
  __cxa_atexit(run, 0, 0);
#if defined(__linux__)
  if (__cxa_at_quick_exit) __cxa_at_quick_exit(run, 0);
  else if (at_quick_exit) at_quick_exit(run_quickly);
#else
  (void)run_quickly;
#endif
}

static void end_at_exit(void *unused) {
  (void)unused;
  ps_end_at_exit();
}
static void end_at_quick_exit(void) { ps_end_at_exit(); }

/* The ring, the wake-up pair and the facts about the process: all live as long as the process. */
static int set_up(uint32_t records, uint32_t by_pipe) {
  uint32_t size = 1;
  while (size < records) size *= 2;
  int fds[2];
  if (!pin()) return -ENOSYS;
  if (wake_pair(fds, by_pipe)) return -errno;
  void *ring = mmap(0, (size_t)size * sizeof(struct ps_record), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (ring == (void *)-1) {
    int error = errno;
    close(fds[0]);
    close(fds[1]);
    return -error;
  }
  ps.mask = size - 1;
  ps.limit = records;
  ps.wake_read = fds[0];
  ps.wake_write = fds[1];
  atomic_store(&ps.wakeup_fd, -1);
  atomic_store(&ps.end.timer, -1);
#if defined(__linux__)
  ps.main_thread = (int)syscall(SYS_gettid);
  ps.js_off_main = ps.main_thread != getpid();
#else
  ps.js_off_main = !pthread_main_np();
#endif
  for_each_copy(take_over, 0);
  at_exit(end_at_exit, end_at_quick_exit);
  ps.ignored = ignored_now();
  ps.pid = getpid();
  ps.build = PS_BUILD;
  ps.ring = ring;
  return 0;
}

/* Returns a descriptor of the pair's read end, for one program to watch and perhaps to close: others may
 * follow it in this process, and ps_wait() reads there too. */
EXPORT int ps_open(uint32_t records, uint32_t by_pipe) {
  int error = ps.ring ? 0 : set_up(records, by_pipe), spare[2];
  if (error) return error;
  atomic_store(&ps.unfinished, 0); /* a program that ended here may have left it */
  int fd = fcntl(ps.wake_read, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (wake_pair(spare, by_pipe)) { /* without two more Deno aborts at its first listener */
    error = errno;
    close(fd);
    return -error;
  }
  close(spare[0]);
  close(spare[1]);
  return fd;
}

/* Whether the program runs beside the process's main thread, as in `deno test`. */
EXPORT int ps_is_beside_main(void) { return ps.js_off_main; }

/* ---- the end ---- */

static void begin_ending(void *unused) {
  (void)unused;
  atomic_store(&ps.ending, 1);
}
static void begin_quick_ending(void) { begin_ending(0); }

/* Called as the program ends. If the process goes on (`deno test` runs a file's program on a thread of its own), every
 * action is restored now. Otherwise a signal that the process raises during its exit takes the default action; signals
 * of others stay caught and change nothing. Exit functions run in reverse order of registration. */
EXPORT void ps_leave(void) {
  atomic_store(&ps.left, 1);
  if (!atomic_load(&ps.end.finished)) ps_end_delete_timer(&ps.end); /* the program was replaced during its end */
  if (ps.js_off_main) {
    restore_actions(&ps, ps_handler);
    return;
  }
  at_exit(begin_ending, begin_quick_ending);
}
