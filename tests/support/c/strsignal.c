/* strsignal: what strsignal(3) says of each signal, a line each. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  for (int sig = 1; sig < 65; sig++) puts(strsignal(sig));
  return 0;
}
