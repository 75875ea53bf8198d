/* programs.c: programs that follow one another in one process, and the end of each. */
#include "calls.h"

/* Puts back what stood where `state`'s handler stands. The runtime's own handler belongs where the
 * default action was: Deno, once it has installed that for a signal, never does so again. */
static void give_back(struct ps_state *state, ps_action *handler) {
  for (int sig = 1; sig < PS_SLOTS; sig++) {
    struct ps_slot *slot = &state->slots[sig];
    struct sigaction now, action = slot->before;
    if (sigaction(sig, 0, &now)) continue;
    int ours = now.sa_sigaction == handler;
    ps_action *runtime = atomic_load(&slot->runtime);
    if (!ours && !(runtime && now.sa_handler == SIG_DFL)) continue;
    if (runtime && (!ours || action.sa_handler == SIG_DFL))
      action = (struct sigaction){.sa_sigaction = runtime, .sa_flags = SA_SIGINFO | SA_RESTART};
    /* Ignoring it first discards the requests of ps_steer() that a thread has not seen yet: the action
     * that comes now would take them for signals. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (atomic_load(&state->requested) & ps_bit(sig)) sigaction(sig, &ignore, 0);
    sigaction(sig, &action, 0);
  }
}

#if defined(__linux__)
/* The state of another copy of this library, in an image that is laid out as this one; else 0. */
static struct ps_state *state_of(const struct dl_phdr_info *info, const char *own) {
  char *base = (char *)info->dlpi_addr;
  const struct elf_header *header = (const void *)own;
  const struct program_header *headers = (const void *)(header + 1);
  if (!base || base == own || info->dlpi_phnum != header->e_phnum) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    for (int word = 0; word < 7; word++)
      if (info->dlpi_phdr[i].words[word] != headers[i].words[word]) return 0;
  struct ps_state *other = (struct ps_state *)(base + ((const char *)&ps - own));
  return other->build == PS_BUILD ? other : 0;
}

/* A copy whose program has ended: as `deno run --watch` and `deno test` leave it. */
static int take_over(struct dl_phdr_info *info, size_t size, void *own) {
  (void)size;
  struct ps_state *other = state_of(info, own);
  if (!other || !atomic_exchange(&other->left, 0)) return 0;
  give_back(other, (ps_action *)((char *)other + ((char *)ps_handler - (char *)&ps)));
  atomic_store(&other->end.signals, 0);
  ps_end_delete_timer(&other->end);
  sigset_t steered; /* away from this thread, if it was another then */
  to_sigset(&steered, atomic_load(&other->steered));
  sigprocmask(SIG_UNBLOCK, &steered, 0);
  return 0;
}
#endif

static void end_at_exit(void *unused) {
  (void)unused;
  ps_end_at_exit();
}

/* Called as a program opens the library. */
void ps_take_over(void) {
#if defined(__linux__)
  Dl_info own;
  if (dladdr(&ps, &own)) dl_iterate_phdr(take_over, own.dli_fbase);
  if (__cxa_at_quick_exit) __cxa_at_quick_exit(end_at_exit, 0);
#endif
  __cxa_atexit(end_at_exit, 0, 0);
}

#if defined(__linux__)
/* A copy whose program has begun to end, and has not come to it. */
static int count_ending(struct dl_phdr_info *info, size_t size, void *count) {
  (void)size;
  Dl_info own;
  struct ps_state *other = dladdr(&ps, &own) ? state_of(info, own.dli_fbase) : 0;
  if (other && !atomic_load(&other->left) && atomic_load(&other->end.signals) && atomic_load(&other->end.begun_ns))
    *(int *)count += !atomic_load(&other->end.finished);
  return 0;
}
#endif

/* How many other programs of this process (workers of `deno serve --parallel`) are about to end. */
EXPORT int ps_end_others(void) {
  int count = 0;
#if defined(__linux__)
  dl_iterate_phdr(count_ending, &count);
#endif
  return count;
}

static void begin_ending(void *unused) {
  (void)unused;
  atomic_store(&ps.ending, 1);
}

/* Called as the program ends. Where that is no end of the process (`deno test` runs a file's program on
 * a thread of its own), all goes back now. Else, while the process is taken down, a signal that it raises
 * itself does what it does by default; those of others stay caught, and change nothing. What was
 * registered last is called first. */
EXPORT void ps_leave(void) {
  atomic_store(&ps.left, 1);
  if (!atomic_load(&ps.end.finished)) ps_end_delete_timer(&ps.end); /* the program was replaced in mid-end */
  if (ps.aside) {
    give_back(&ps, ps_handler);
    return;
  }
  __cxa_atexit(begin_ending, 0, 0);
#if defined(__linux__)
  if (__cxa_at_quick_exit) __cxa_at_quick_exit(begin_ending, 0);
#endif
}
