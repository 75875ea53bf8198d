/* receiver.c ADDRESS: a service manager's socket. Prints each datagram as a line, its newlines as "|", until it is
 * killed; first "ready". An address that begins with "@" is an abstract one. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int count, char **words) {
  if (count != 2) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(words[1]));
  if (*words[1] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (bind(fd, (struct sockaddr *)&address, length)) {
    perror("bind");
    return 1;
  }
  puts("ready");
  for (;;) {
    char text[8192];
    fflush(stdout);
    ssize_t size = recv(fd, text, sizeof text - 1, 0);
    if (size < 0) return 1;
    text[size] = 0;
    for (char *c = text; *c; c++) if (*c == '\n') *c = '|';
    puts(text);
  }
}
