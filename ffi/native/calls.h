/* calls.h: what the functions that TypeScript calls have in common. They run on ordinary threads, never
 * in a handler, and return their value or -errno; nobody reads errno by a second call. Sets of signals
 * cross as two halves of a 64-bit word, bit n - 1 for signal n; times as doubles in milliseconds. */
#ifndef PS_CALLS_H
#define PS_CALLS_H

#include "abi.h"

#define EXPORT __attribute__((visibility("default")))

static inline int result(long value) { return value < 0 ? -errno : (int)value; }

static inline uint64_t word(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

static inline void to_sigset(sigset_t *set, uint64_t bits) {
#if defined(__linux__)
  *set = (sigset_t){{bits}};
#else
  *set = (sigset_t)bits;
#endif
}

static inline uint64_t from_sigset(const sigset_t *set) {
#if defined(__linux__)
  return set->bits[0];
#else
  return *set;
#endif
}

/* All but those that the C library keeps for itself, from 32 up: while they are blocked setuid() waits. */
static inline uint64_t every_signal(void) {
#if defined(__linux__)
  return ~((((uint64_t)1 << (__libc_current_sigrtmin() - 32)) - 1) << 31);
#else
  return ~(uint64_t)0;
#endif
}
#define EVERY_SIGNAL every_signal()

/* Sleeps, or waits for descriptors; ms < 0: for ever. */
static inline int poll_for(struct pollfd *fds, int count, double ms) {
#if defined(__linux__)
  struct timespec wait = {(long)(ms / 1e3), 0};
  wait.tv_nsec = (long)((ms - (double)wait.tv_sec * 1e3) * 1e6);
  return ppoll(fds, (unsigned long)count, ms < 0 ? 0 : &wait, 0);
#else
  return poll(fds, (unsigned)count, ms < 0 ? -1 : ms > 1e9 ? 1000000000 : (int)(ms + 0.999999));
#endif
}

/* ring.c */
EXPORT int ps_pending(void);

/* An empty ucontext_t for the chained handlers that JavaScript has called; larger than any part of one that a handler
 * reads. */
extern uint64_t ps_no_context[128] HIDDEN;

#endif
