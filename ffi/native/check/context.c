/* context.c: compiled by deno task native:check with the offsets of threads.c before it, against the headers of each
 * C library and processor. */
#define _GNU_SOURCE
#include <stddef.h>
#include <ucontext.h>

#if defined(__x86_64__)
#define REGISTER(x86_64, aarch64) offsetof(ucontext_t, uc_mcontext.gregs[x86_64])
#else
#define REGISTER(x86_64, aarch64) offsetof(ucontext_t, uc_mcontext.aarch64)
#endif
_Static_assert(offsetof(ucontext_t, uc_sigmask) == PS_CONTEXT_MASK, "uc_sigmask");
_Static_assert(REGISTER(REG_RSP, sp) == PS_CONTEXT_SP, "the stack pointer");
_Static_assert(REGISTER(REG_RAX, regs[0]) == PS_CONTEXT_RESULT, "a system call's result");
_Static_assert(REGISTER(REG_R8, regs[4]) == PS_CONTEXT_FIFTH, "its fifth argument");
_Static_assert(REGISTER(REG_R9, regs[5]) == PS_CONTEXT_SIXTH, "its sixth argument");
