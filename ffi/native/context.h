/* context.h: where ucontext_t has what a handler may know of the code that it interrupted, in bytes from its
 * start. `deno task native:check` compares with the system's <ucontext.h>. */
#ifndef PS_CONTEXT_H
#define PS_CONTEXT_H

#if defined(__linux__)
#include <stdint.h>

enum {
#if defined(__x86_64__)
  PS_CONTEXT_MASK = 296,   /* uc_sigmask: what that code has blocked */
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

static inline uint64_t *ps_of_context(void *context, int at) { return (uint64_t *)((char *)context + at); }
#endif

#endif
