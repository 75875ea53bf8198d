/* harness.c: drives handler.c and calls.c from many threads, and counts exactly. Built with
 * ThreadSanitizer, and with AddressSanitizer and UndefinedBehaviorSanitizer, by deno task native:check.
 *
 * Half of all deliveries are real ones that a thread raises to itself: ThreadSanitizer puts signals from
 * elsewhere off, and makes one of several. The other half call the handler as the kernel would, with a
 * siginfo whose every word tells who sent it, so that a torn record shows. */
#include "../abi.h"
#include <stdio.h>
#include <string.h>

/* libc.h has its own types where <pthread.h> and <stdlib.h> would bring theirs. */
int pthread_create(unsigned long *thread, const void *attributes, void *(*start)(void *), void *argument);
int pthread_join(unsigned long thread, void **result);
int sched_yield(void);
int pipe2(int fds[2], int flags);
int poll(struct pollfd *fds, unsigned long count, int timeout_ms);
int fork(void);
int waitpid(int pid, int *status, int flags);
int dup2(int from, int to);
int setpgid(int pid, int group);

int ps_open(uint32_t records, uint32_t by_pipe);
int ps_drain(struct ps_record *out, uint32_t at, uint32_t room);
int ps_pending(void);
int ps_wait(double ms);
int ps_install(int sig, int flags, struct sigaction *previous, const struct sigaction *runtime, uint32_t chain,
            uint32_t check_siginfo);
void ps_wake_by(int sig, const struct sigaction *action);
void ps_hold(uint32_t low, uint32_t high);
void ps_unhold_one(int sig);
void ps_replay(const struct ps_record *record);
int ps_wakeup_fd(int fd);
uint32_t ps_wakeup_failed(void);
int ps_end_arm(uint32_t low, uint32_t high, double deadline_ms, uint32_t force, int timer_signal, const char *reset,
               uint32_t reset_size);
void ps_end_begin(void);
void ps_end_running(const char *name, uint32_t size);
int ps_end_extend(double ms);
void ps_end_disarm(void);
void ps_end_taken(void);
void ps_die(int sig);
void ps_stats(int sig, uint64_t out[4]);

enum { RECORDS = 100, THREADS = 4, EACH = 6000, SIGUSR1 = 10, SIGUSR2 = 12, REALTIME = 40, LAST = 50,
       STUCK_MS = 20000 };
static const int signals[] = {SIGUSR1, SIGUSR2, REALTIME, REALTIME + 1};
enum { SIGNALS = sizeof signals / sizeof *signals };

static int failures;
static void expect(int holds, const char *what) {
  if (holds) return;
  failures++;
  printf("FAIL %s\n", what);
  fflush(stdout);
}

/* ---- what is sent ---- */

static void stamp(siginfo_t *info, int sig, uint32_t thread, uint32_t number) {
  uint64_t words[sizeof *info / 8];
  for (size_t i = 0; i < sizeof *info / 8; i++) words[i] = (uint64_t)thread << 48 | (uint64_t)number << 16 | i;
  memcpy(info, words, sizeof *info);
  info->si_signo = sig;
  info->si_errno = 0;
  info->si_code = SI_QUEUE;
}

static void call_handler(int sig, siginfo_t *info) {
  uint64_t context[128] = {0};
  ps_handler(sig, info, context);
}

/* ---- what comes out ---- */

static uint64_t drained[PS_SIGNALS], released[PS_SIGNALS];
static uint32_t newest[THREADS + 1];

/* A stamped record is whole, and later than the one before it of the same thread. */
static void look_at(const struct ps_record *record) {
  siginfo_t info;
  memcpy(&info, record->info, PS_INFO_BYTES);
  drained[info.si_signo]++;
  expect(atomic_load(&record->ready) == 1 && (record->time_s || record->time_ns), "a record is ready and has its time");
  if (info.si_code != SI_QUEUE) {
    expect(info.si_code == SI_TKILL && info.si_pid == getpid(), "a raised signal says who raised it");
    return;
  }
  uint64_t words[PS_INFO_BYTES / 8];
  memcpy(words, record->info, PS_INFO_BYTES);
  int whole = 1;
  for (size_t i = 3; i < PS_INFO_BYTES / 8; i++) whole &= words[i] == words[2] - 2 + i;
  expect(whole, "no record is torn");
  uint32_t thread = (uint32_t)(words[2] >> 48), number = (uint32_t)(words[2] >> 16);
  expect(thread <= THREADS && number > newest[thread], "the records of one thread keep their order, each once");
  if (thread <= THREADS) newest[thread] = number;
}

static uint64_t sum(int which) {
  uint64_t total = 0, counters[4];
  for (int i = 0; i < SIGNALS; i++) {
    ps_stats(signals[i], counters);
    total += counters[which];
  }
  return total;
}

static void expect_counts(uint64_t each, const char *what) {
  for (int i = 0; i < SIGNALS; i++) {
    uint64_t counters[4];
    ps_stats(signals[i], counters);
    int exact = counters[0] == each && counters[0] == drained[signals[i]] + counters[1] + counters[2];
    expect(exact, what);
    if (!exact)
      printf("     signal %d: sent %llu, caught %llu, drained %llu, merged %llu, lost %llu\n", signals[i],
             (unsigned long long)each, (unsigned long long)counters[0], (unsigned long long)drained[signals[i]],
             (unsigned long long)counters[1], (unsigned long long)counters[2]);
  }
}

static void start_again(void) {
  struct ps_record rest[RECORDS];
  while (ps_drain(rest, 0, RECORDS)) {}
  memset(drained, 0, sizeof drained);
  memset(released, 0, sizeof released);
  memset(newest, 0, sizeof newest);
  for (int sig = 1; sig < PS_SIGNALS; sig++) {
    atomic_store(&ps.signals[sig].caught, 0);
    atomic_store(&ps.signals[sig].coalesced, 0);
    atomic_store(&ps.signals[sig].lost, 0);
  }
}

/* ---- handlers of others, as the library finds them ---- */

static _Atomic uint64_t chained[PS_SIGNALS];
static int wake_pipe[2];

static void foreign_handler(int sig, siginfo_t *info, void *context) {
  (void)info, (void)context;
  atomic_fetch_add(&chained[sig], 1);
}

static void wake_handler(int sig, siginfo_t *info, void *context) {
  (void)info, (void)context;
  if (sig == SIGURG && write(wake_pipe[1], "", 1) < 0 && errno != EAGAIN) expect(0, "the wake handler's pipe");
}

static void take(int sig, ps_action *foreign, uint32_t chain) {
  struct sigaction before = {.sa_handler = SIG_DFL}, none = {.sa_handler = SIG_DFL};
  if (foreign) before.sa_sigaction = foreign;
  expect(ps_install(sig, SA_RESTART, &before, &none, chain, 0) == 0, "ps_install");
}

/* ---- the flood ---- */

static _Atomic int running;

static void *send_all(void *argument) {
  uint32_t thread = (uint32_t)(uintptr_t)argument;
  for (uint32_t number = 1; number <= EACH; number++) {
    int sig = signals[number % SIGNALS];
    if ((number / SIGNALS) % 2) {
      raise(sig);
    } else {
      siginfo_t info;
      stamp(&info, sig, thread, number);
      call_handler(sig, &info);
    }
    if (number % 64 == 0) sched_yield();
  }
  atomic_fetch_sub(&running, 1);
  raise(LAST); /* the reader may have gone to wait just before it could see the end */
  return 0;
}

/* How the reader is woken. */
enum way { BY_WAIT, BY_LOOP, BY_HANDLER, BY_WAIT_WITH_HANDLER, WAYS };
static const char *const way_names[] = {"ps_wait", "the event loop", "the wake handler", "ps_wait beside a wake handler"};

static void empty(int fd) {
  char bytes[256];
  while (read(fd, bytes, sizeof bytes) == (long)sizeof bytes) {}
}

static int woken(enum way way) {
  if (way == BY_WAIT || way == BY_WAIT_WITH_HANDLER) {
    uint64_t began = ps_now_ns();
    return ps_wait(STUCK_MS) == 1 && ps_now_ns() - began < STUCK_MS * (uint64_t)1000000;
  }
  struct pollfd fd = {way == BY_HANDLER ? wake_pipe[0] : ps.wake_read, POLLIN, 0};
  int came = poll(&fd, 1, STUCK_MS);
  empty(fd.fd);
  return came > 0;
}

static void flood(unsigned long threads[THREADS]) {
  atomic_store(&running, THREADS);
  for (uintptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], 0, send_all, (void *)(i + 1));
}

static void join(unsigned long threads[THREADS]) {
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], 0);
}

static void wake(enum way way) {
  struct sigaction wake = {.sa_handler = SIG_DFL};
  if (way == BY_HANDLER || way == BY_WAIT_WITH_HANDLER) wake.sa_sigaction = wake_handler;
  ps_wake_by(SIGURG, &wake);
}

/* A wake-up that is pending when the channel changes is sent through the new one. */
static void check_change(enum way from, enum way to) {
  start_again();
  wake(from);
  empty(ps.wake_read);
  empty(wake_pipe[0]);
  raise(LAST);
  wake(to);
  expect(woken(to), "a pending record wakes through the new channel");
  struct ps_record out[1];
  expect(ps_drain(out, 0, 1) == 1, "one record");
}

static void check_ring(enum way way) {
  wake(way);
  start_again();
  unsigned long threads[THREADS];
  flood(threads);
  int stuck = 0;
  while (!stuck && (atomic_load(&running) || ps_pending())) {
    stuck = !woken(way);
    struct ps_record out[16];
    for (int n; (n = ps_drain(out, 0, 16)) > 0;)
      for (int i = 0; i < n; i++) look_at(&out[i]);
  }
  join(threads);
  struct ps_record out[16];
  for (int n; (n = ps_drain(out, 0, 16)) > 0;)
    for (int i = 0; i < n; i++) look_at(&out[i]);
  expect(!stuck, "no record waits with nobody woken");
  expect_counts((uint64_t)THREADS * EACH / SIGNALS, "every signal is caught, and is drained or counted as lost");
  expect(atomic_load(&ps.head_tail) == 0, "an emptied ring starts again at its first record");
  printf("ring, woken by %s: %llu caught, %llu lost\n", way_names[way], (unsigned long long)sum(0),
         (unsigned long long)sum(2));
}

/* A handler whose record is out already wakes the reader just as that begins to wait, between its two
 * first steps; the next record must still wake it. Linked with --wrap=read to fall exactly there. */
static int racing;
long __real_read(int fd, void *bytes, size_t size);
long __wrap_read(int fd, void *bytes, size_t size);
long __wrap_read(int fd, void *bytes, size_t size) {
  if (racing && fd == ps.wake_read) racing = 0, ps_wake_loop();
  return __real_read(fd, bytes, size);
}

static void *raise_later(void *argument) {
  poll(0, 0, 50);
  raise(REALTIME);
  return argument;
}

static void check_waiting(void) {
  start_again();
  unsigned long thread;
  racing = 1;
  uint64_t began = ps_now_ns();
  pthread_create(&thread, 0, raise_later, 0);
  expect(ps_wait(3000) == 1 && ps_now_ns() - began < 2000000000u, "a wake-up while ps_wait() begins loses no later one");
  pthread_join(thread, 0);
}

/* ---- a ring filled to the brim ---- */

static void check_full(void) {
  start_again();
  siginfo_t info;
  for (uint32_t number = 1; number <= RECORDS + 50; number++) {
    stamp(&info, REALTIME, 0, number);
    call_handler(REALTIME, &info);
  }
  uint64_t counters[4];
  ps_stats(REALTIME, counters);
  expect(counters[0] == RECORDS + 50 && counters[2] == 50, "what a full ring cannot keep is counted, to the signal");
  struct ps_record out[RECORDS + 50];
  expect(ps_drain(out, 0, 1) == 1, "one record is taken where there is room for one");
  look_at(&out[0]);
  stamp(&info, REALTIME, 0, RECORDS + 51);
  call_handler(REALTIME, &info);
  int n = ps_drain(out, 0, RECORDS + 50);
  expect(n == RECORDS, "the room of the record that left is used again");
  for (int i = 0; i < n; i++) look_at(&out[i]);
  expect(newest[0] == RECORDS + 51, "the newest one is the one that found room");
  expect(ps_drain(out, 0, RECORDS) == 0 && !ps_pending(), "then it is empty");
}

/* ---- holding, release, chained handlers and wake-up bytes ---- */

static struct ps_record kept[THREADS * EACH];
static int kept_count;

static void release_kept(void) {
  for (int i = 0; i < kept_count; i++) {
    int sig = *(int *)kept[i].info;
    if (sig < 32) ps_unhold_one(sig);
    released[sig]++;
    ps_replay(&kept[i]);
  }
  kept_count = 0;
}

static uint64_t bytes_by_signal[PS_SIGNALS];

static void read_bytes(int fd) {
  unsigned char bytes[4096];
  long n;
  while ((n = read(fd, bytes, sizeof bytes)) > 0)
    for (long i = 0; i < n; i++) bytes_by_signal[bytes[i] < PS_SIGNALS ? bytes[i] : 0]++;
}

static uint64_t held_seen[PS_SIGNALS];

static void keep_held(void) {
  struct ps_record out[16];
  for (int n; (n = ps_drain(out, 0, 16)) > 0;)
    for (int i = 0; i < n; i++) {
      look_at(&out[i]);
      if (!(out[i].flags & PS_HELD)) continue;
      int sig = *(int *)out[i].info;
      held_seen[sig]++;
      int others = 0;
      for (int j = 0; j < kept_count; j++) others += *(int *)kept[j].info == sig;
      expect(sig >= 32 || others == 0, "a held standard signal is pending once");
      kept[kept_count++] = out[i];
    }
}

static void check_holding(void) {
  wake(BY_WAIT);
  start_again();
  int bytes[2];
  expect(pipe2(bytes, O_NONBLOCK) == 0, "pipe2");
  expect(ps_wakeup_fd(bytes[1]) == -1, "there was no wake-up descriptor");
  for (int i = 0; i < SIGNALS; i++) {
    atomic_store(&chained[signals[i]], 0);
    take(signals[i], foreign_handler, PS_CHAIN_FOREIGN);
  }
  uint64_t all = 0;
  for (int i = 0; i < SIGNALS; i++) all |= ps_bit(signals[i]);

  unsigned long threads[THREADS];
  flood(threads);
  for (unsigned round = 0; atomic_load(&running) || ps_pending(); round++) {
    uint64_t held = round % 2 ? 0 : round % 4 ? all : all & ~ps_bit(SIGUSR1);
    ps_hold((uint32_t)held, (uint32_t)(held >> 32));
    ps_wait(atomic_load(&running) ? 5 : 0);
    keep_held();
    if (!held) release_kept();
    read_bytes(bytes[0]);
  }
  join(threads);
  ps_hold(0, 0);
  keep_held();
  release_kept();
  read_bytes(bytes[0]);

  expect_counts((uint64_t)THREADS * EACH / SIGNALS, "every signal is caught, and drained, merged or lost");
  for (int i = 0; i < SIGNALS; i++) {
    int sig = signals[i];
    expect(held_seen[sig] == released[sig], "what was held is released once");
    expect(bytes_by_signal[sig] + (i == 0 ? ps_wakeup_failed() : 0) == atomic_load(&chained[sig]),
           "each chained handler's run has its wake-up byte");
    expect(!(atomic_load(&ps.held_once) & ps_bit(sig)), "nothing is marked as held at the end");
  }
  uint64_t runs = 0, owed = sum(0) - sum(1), held_all = 0;
  for (int i = 0; i < SIGNALS; i++) runs += atomic_load(&chained[signals[i]]), held_all += held_seen[signals[i]];
  /* Lost while held: nobody can replay it. Everything else runs once. */
  expect(runs <= owed && runs + sum(2) >= owed, "chained handlers run once for each signal that is not merged or lost");
  printf("holding: %llu caught, %llu held, %llu merged, %llu lost, %llu chained\n", (unsigned long long)sum(0),
         (unsigned long long)held_all, (unsigned long long)sum(1), (unsigned long long)sum(2), (unsigned long long)runs);
  for (int i = 0; i < SIGNALS; i++) take(signals[i], 0, 0);
  expect(ps_wakeup_fd(-1) == bytes[1], "the wake-up descriptor comes back");
  close(bytes[0]);
  close(bytes[1]);
}

/* A descriptor that is full loses bytes, never signals, and counts them. */
static void check_full_bytes(void) {
  start_again();
  int bytes[2];
  expect(pipe2(bytes, O_NONBLOCK) == 0, "pipe2");
  int size = fcntl(bytes[1], 1032 /* F_GETPIPE_SZ */);
  ps_wakeup_fd(bytes[1]);
  for (int i = 0; i < size + 30; i++) call_handler(SIGUSR1, &(siginfo_t){.si_signo = SIGUSR1, .si_code = SI_TKILL});
  ps_wakeup_fd(-1);
  expect(ps_wakeup_failed() == 30, "bytes that did not fit are counted, to the byte");
  expect(ps_wakeup_failed() == 0, "and counted once");
  memset(bytes_by_signal, 0, sizeof bytes_by_signal);
  read_bytes(bytes[0]);
  expect(bytes_by_signal[SIGUSR1] == (uint64_t)size, "those that did are there");
  close(bytes[0]);
  close(bytes[1]);
}

/* ---- the graceful end, each case in a child ---- */

static void arm(double deadline_ms, uint32_t force) {
  static const int all[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
  uint64_t set = 0;
  for (int i = 0; i < 4; i++) take(all[i], 0, 0), set |= ps_bit(all[i]);
  if (ps_end_arm((uint32_t)set, 0, deadline_ms, force, SIGTERM, "", 0) < 0) _exit(99);
}

static void wait_for_ever(void) {
  for (;;) poll(0, 0, 1000);
}

static void sent(int sig, int code, int pid) {
  siginfo_t info = {.si_signo = sig, .si_code = code};
  info.si_pid = pid;
  call_handler(sig, &info);
}
static void press(int sig) { sent(sig, SI_KERNEL, 0); }
static void from(int pid, int sig) { sent(sig, SI_USER, pid); }
enum { STRANGER = 1 << 21 };
/* As if so much time had gone by since the first signal. */
static void later(uint64_t ms) { atomic_fetch_sub(&ps.end.first_ns, ms * 1000000u); }

static void second_kills(void) { arm(0, 1), from(STRANGER, SIGTERM), later(1000), from(STRANGER, SIGINT); }
static void parents_second_kills(void) { arm(0, 1), from(getppid(), SIGTERM), later(1000), from(getppid(), SIGTERM); }
static void queued_second_kills(void) { arm(0, 1), press(SIGINT), later(1000), sent(SIGTERM, SI_QUEUE, STRANGER); }
static void second_is_spared(void) { arm(0, 0), press(SIGINT), press(SIGINT), later(5000), from(STRANGER, SIGTERM); }
static void copies_are_spared(void) {
  arm(0, 1), from(getppid(), SIGINT), press(SIGINT), from(getppid(), SIGINT), from(STRANGER, SIGINT);
  later(900), from(STRANGER, SIGTERM), from(getppid(), SIGTERM);
}
static void hand_over_is_spared(void) { arm(0, 1), press(SIGINT), later(5000), from(getppid(), SIGTERM); }
static void hangup_is_spared(void) { arm(0, 1), press(SIGINT), later(5000), from(STRANGER, SIGHUP), press(SIGHUP); }
static void own_are_spared(void) { arm(0, 1), press(SIGINT), later(5000), raise(SIGTERM), killpg(0, SIGTERM); }
static void timers_are_spared(void) { arm(0, 1), press(SIGINT), later(5000), sent(SIGTERM, SI_TIMER, 0); }
static void two_presses(void) { arm(0, 1), press(SIGINT), from(getppid(), SIGINT), press(SIGINT); }
static void two_keys(void) { arm(0, 1), press(SIGINT), press(SIGQUIT); }
static void late_press(void) { arm(0, 1), from(STRANGER, SIGTERM), later(1000), press(SIGINT); }
static void forwarded_presses(void) {
  arm(0, 1), ps.end.keys_forwarded = 1;
  from(STRANGER, SIGINT), from(STRANGER, SIGINT), from(getppid(), SIGINT), later(250);
  from(getppid(), SIGINT), from(STRANGER, SIGTERM);
  press(SIGQUIT); /* the first press of a key that this terminal delivers itself */
  from(STRANGER, SIGINT);
}
static void disarmed(void) { arm(50, 1), ps_end_disarm(), press(SIGINT), press(SIGINT), poll(0, 0, 100); }
static void taken(void) { arm(50, 1), press(SIGINT), ps_end_taken(), press(SIGINT), ps_end_taken(), poll(0, 0, 100); }
static void taken_then_deadline(void) { arm(150, 1), press(SIGINT), ps_end_taken(), raise(SIGTERM), wait_for_ever(); }
static void deadline(void) { arm(150, 1), raise(SIGINT), wait_for_ever(); }
static void deadline_moved(void) { arm(100, 1), raise(SIGTERM), ps_end_extend(200), wait_for_ever(); }
static void not_begun(void) { arm(50, 1), poll(0, 0, 150); }
static void begun_by_program(void) { arm(150, 1), ps_end_begin(), wait_for_ever(); }
static void die(void) { arm(0, 1), ps_die(SIGTERM); }

static void held_end(void) {
  arm(0, 1);
  ps_hold((uint32_t)ps_bit(SIGTERM), 0);
  from(STRANGER, SIGTERM);
  later(1000);
  from(STRANGER, SIGTERM);
  struct ps_record out[4];
  int n = ps_drain(out, 0, 4);
  ps_hold(0, 0);
  if (n == 1) ps_replay(out);
}

static void held_deadline(void) {
  arm(150, 1);
  ps_hold((uint32_t)ps_bit(SIGTERM), 0);
  raise(SIGTERM);
  wait_for_ever();
}

/* What the deadline writes, read from a pipe in place of standard error. */
static void named(const char *expected, const char *first, const char *second) {
  int fds[2], status = 0, pid;
  char text[300] = {0};
  expect(pipe2(fds, 0) == 0, "pipe2");
  pid = fork();
  if (pid == 0) {
    ps.pid = getpid();
    dup2(fds[1], 2);
    arm(50, 1);
    raise(SIGTERM);
    if (first) ps_end_running(first, (uint32_t)strlen(first));
    if (second) ps_end_running(second, (uint32_t)strlen(second));
    wait_for_ever();
  }
  close(fds[1]);
  for (size_t at = 0; at < sizeof text - 1;) {
    long got = read(fds[0], text + at, sizeof text - 1 - at);
    if (got <= 0) break;
    at += (size_t)got;
  }
  close(fds[0]);
  waitpid(pid, &status, 0);
  if (strcmp(text, expected)) printf("     %s", text);
  expect(!strcmp(text, expected) && (status & 0x7f) == SIGTERM, expected);
}

static void *raise_term(void *argument) {
  raise(SIGTERM);
  return argument;
}
static void many_begin(void) {
  arm(0, 0);
  unsigned long threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], 0, raise_term, 0);
  join(threads);
  uint64_t counters[4];
  ps_stats(SIGTERM, counters);
  _exit(atomic_load(&ps.end.first) == SIGTERM && counters[0] == THREADS ? 0 : 1);
}

static void check_end(const char *name, void (*body)(void), int signal_expected, uint64_t least_ms) { /* a status as a negative number */
  uint64_t began = ps_now_ns();
  int pid = fork(), status = 0;
  if (pid == 0) {
    ps.pid = getpid();
    setpgid(0, 0);
    body();
    _exit(0);
  }
  waitpid(pid, &status, 0);
  int by = status & 0x7f ? status & 0x7f : -(status >> 8);
  uint64_t ms = (ps_now_ns() - began) / 1000000u;
  int right = by == signal_expected && ms >= least_ms;
  if (!right) printf("     %s: status %#x after %llu ms\n", name, (unsigned)status, (unsigned long long)ms);
  expect(right, name);
}

int main(void) {
  if (ps_open(RECORDS, 1) < 0) return 2;
  /* The children first: a process of one thread forks as it should under every sanitizer. */
  check_end("a second request after a second kills", second_kills, SIGINT, 0);
  check_end("so does the parent's second one of the same signal", parents_second_kills, SIGTERM, 0);
  check_end("so does one of sigqueue()", queued_second_kills, SIGTERM, 0);
  check_end("no second one kills without force", second_is_spared, 0, 0);
  check_end("copies of a request within a second are spared", copies_are_spared, 0, 0);
  check_end("a parent's hand-over by another signal is spared", hand_over_is_spared, 0, 0);
  check_end("SIGHUP is spared", hangup_is_spared, 0, 0);
  check_end("the process's own signals are spared", own_are_spared, 0, 0);
  check_end("signals of timers are spared", timers_are_spared, 0, 0);
  check_end("two keypresses kill at once", two_presses, SIGINT, 0);
  check_end("also of two keys", two_keys, SIGQUIT, 0);
  check_end("a keypress a second after a process's signal kills", late_press, SIGINT, 0);
  check_end("two keypresses kill that one process passes on", forwarded_presses, SIGINT, 0);
  check_end("a disarmed end neither kills nor has a deadline", disarmed, 0, 100);
  check_end("an end whose signal was taken has no deadline, and the next signal is the first", taken, 0, 100);
  check_end("and that one has the deadline", taken_then_deadline, SIGTERM, 150);
  check_end("the deadline kills by the first signal", deadline, SIGINT, 150);
  check_end("the deadline moves", deadline_moved, SIGTERM, 300);
  check_end("the deadline does not run before the first signal", not_begun, 0, 150);
  check_end("an end that the program began exits with 1 at the deadline", begun_by_program, -1, 150);
  check_end("ps_die", die, SIGTERM, 0);
  check_end("a second request that is held kills on release", held_end, SIGTERM, 0);
  check_end("a held first signal starts the deadline", held_deadline, SIGTERM, 150);
  check_end("of many first signals one is the first", many_begin, 0, 0);
  named("Shutdown: deadline exceeded before a deferred function ran\n", 0, 0);
  named("Shutdown: deadline exceeded while 'b' was running\n", "a", "b");
  named("Shutdown: deadline exceeded after the deferred functions had run\n", "a", "");

  expect(pipe2(wake_pipe, O_NONBLOCK) == 0, "pipe2");
  take(LAST, 0, 0);
  for (int i = 0; i < SIGNALS; i++) take(signals[i], 0, 0);
  for (int way = 0; way < WAYS; way++) check_ring((enum way)way);
  check_change(BY_LOOP, BY_HANDLER);
  check_change(BY_HANDLER, BY_LOOP);
  check_waiting();
  check_full();
  check_holding();
  check_full_bytes();
  printf(failures ? "%d expectations failed\n" : "ok\n", failures);
  return failures != 0;
}
