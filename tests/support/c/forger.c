/* forger PID SIGNAL CODE CLAIMED_PID CLAIMED_UID VALUE: rt_sigqueueinfo(2) with a siginfo made up from the arguments.
 * Prints errno, 0 for none. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 7) return 2;
  siginfo_t info = {.si_signo = atoi(argv[2]), .si_code = (int)strtol(argv[3], 0, 0)};
  info.si_pid = atoi(argv[4]);
  info.si_uid = (unsigned)atoi(argv[5]);
  info.si_value.sival_int = atoi(argv[6]);
  printf("%d\n", syscall(SYS_rt_sigqueueinfo, atoi(argv[1]), info.si_signo, &info) ? errno : 0);
  return 0;
}
