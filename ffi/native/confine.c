/* confine.c: a thread blocks our real-time signals, in its handler. threads.c asks it to, and says why.
 *
 * Calls: only the functions listed in safe_symbols.txt.
 * Shares: `ps`, through atomics, and the context to which the handler returns. */
#include "abi.h"

#if defined(__linux__)
/* Where ucontext_t has what the handler interrupted, in bytes from its start. `deno task native:check` compares with
 * the system's <ucontext.h>. */
enum {
#if defined(__x86_64__)
  PS_CONTEXT_MASK = 296,   /* uc_sigmask: the mask that the handler returns to */
  PS_CONTEXT_SP = 160,     /* rsp */
  PS_CONTEXT_RESULT = 144, /* rax: what its system call returns */
  PS_CONTEXT_FIFTH = 40,   /* r8: that call's fifth argument */
  PS_CONTEXT_SIXTH = 48,   /* r9: its sixth */
#else
  PS_CONTEXT_MASK = 40,
  PS_CONTEXT_SP = 432,     /* sp */
  PS_CONTEXT_RESULT = 184, /* x0 */
  PS_CONTEXT_FIFTH = 216,  /* x4 */
  PS_CONTEXT_SIXTH = 224,  /* x5 */
#endif
};

static uint64_t *of_context(void *context, int at) { return (uint64_t *)((char *)context + at); }

uint64_t ps_context_mask(void *context) { return *of_context(context, PS_CONTEXT_MASK); }

/* The calling thread, any but the main one, blocks our signals from the handler's return on.
 *
 * Bun's threads wait for events by epoll_pwait2(2) with an empty mask of the call's own (its HTTP client's, from the
 * first fetch() on, and Workers). The signal is blocked in the mask that the handler returns to then, and the call's
 * mask, its fifth argument, lies in the frame of the caller, which repeats the call after EINTR: our signals are added
 * there. It lasts until the thread has had an event. */
void ps_confine_here(int sig, void *context) {
  uint64_t confined = atomic_load(&ps.confined), *mask = of_context(context, PS_CONTEXT_MASK);
  if (syscall(SYS_gettid) == ps.main_thread) return;
  if (!(*mask & ps_bit(sig))) {
    *mask |= confined;
    return;
  }
  uint64_t argument = *of_context(context, PS_CONTEXT_FIFTH), stack = *of_context(context, PS_CONTEXT_SP);
  if ((int64_t)*of_context(context, PS_CONTEXT_RESULT) != -EINTR) return;
  if (argument - stack >= 4096 || argument % 8 || *of_context(context, PS_CONTEXT_SIXTH) != 8) return;
  uint64_t *of_call = (uint64_t *)argument;
  if (!(*of_call & ps_bit(sig))) *of_call |= confined;
}
#endif
