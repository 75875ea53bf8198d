/* proc.h: reading /proc, for threads.c and services.c. Nothing here runs in a handler. */
#ifndef PS_PROC_H
#define PS_PROC_H

#include "calls.h"

#if defined(__linux__)
/* Writes directory, number and name one after the other to `path`, which is large enough. */
HIDDEN void ps_proc_path(char *path, const char *directory, int number, const char *name);

/* The decimal number that `text` begins with, after blanks. */
HIDDEN int ps_number_at(const char *text);

/* Reads a file up to `size` - 1 bytes and ends them with a zero: their count, or -errno. */
HIDDEN int ps_read_text(const char *path, char *out, size_t size);

/* Calls `each` for every entry of a directory whose name is a number, until it returns other than 0, which is
 * returned. -errno if the directory cannot be opened. */
HIDDEN int ps_for_each_number(const char *directory, int (*each)(int number, void *argument), void *argument);
#endif

#endif
