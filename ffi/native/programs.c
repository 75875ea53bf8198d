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
/* Another copy of this library, whose program has ended: as `deno run --watch` and `deno test` leave it. */
static int take_over(struct dl_phdr_info *info, size_t size, void *own) {
  (void)size;
  char *base = (char *)info->dlpi_addr;
  const struct elf_header *header = own;
  const struct program_header *headers = (const void *)(header + 1);
  if (!base || base == own || info->dlpi_phnum != header->e_phnum) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    for (int word = 0; word < 7; word++)
      if (info->dlpi_phdr[i].words[word] != headers[i].words[word]) return 0;
  struct ps_state *other = (struct ps_state *)(base + ((char *)&ps - (char *)own));
  if (other->build != PS_BUILD || !atomic_exchange(&other->left, 0)) return 0;
  give_back(other, (ps_action *)(base + ((char *)ps_handler - (char *)own)));
  sigset_t steered; /* away from this thread, if it was another then */
  to_sigset(&steered, atomic_load(&other->steered));
  sigprocmask(SIG_UNBLOCK, &steered, 0);
  return 0;
}
#endif

/* Called as a program opens the library. */
void ps_take_over(void) {
#if defined(__linux__)
  Dl_info own;
  if (dladdr(&ps, &own)) dl_iterate_phdr(take_over, own.dli_fbase);
#endif
}

static void begin_ending(void *unused) {
  (void)unused;
  atomic_store(&ps.ending, 1);
}

#if defined(__linux__)
static void begin_quick_ending(void) { begin_ending(0); }
#endif

/* Called as the program ends. Where that is no end of the process (`deno test` runs a file's program on
 * a thread of its own), all goes back now. Else, while the process is taken down, a signal that it raises
 * itself does what it does by default; those of others stay caught, and change nothing. What was
 * registered last is called first. */
EXPORT void ps_leave(void) {
  atomic_store(&ps.left, 1);
  if (ps.aside) {
    give_back(&ps, ps_handler);
    return;
  }
  __cxa_atexit(begin_ending, 0, 0);
#if defined(__linux__)
  if (__cxa_at_quick_exit) __cxa_at_quick_exit(begin_ending, 0);
  else if (at_quick_exit) at_quick_exit(begin_quick_ending);
#endif
}
