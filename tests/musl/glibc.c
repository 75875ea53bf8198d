/* glibc.c: what Debian's libstdc++.a and libgcc_eh.a, built for glibc, need and musl does not define. */

typedef unsigned pthread_key_t;

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *));
int __pthread_key_create(pthread_key_t *key, void (*destroy)(void *));

/* glibc's second name for it: gthr-posix.h refers to that one. */
int __pthread_key_create(pthread_key_t *key, void (*destroy)(void *)) { return pthread_key_create(key, destroy); }

/* Never single-threaded: reference counts are always changed atomically, <ext/atomicity.h>. */
char __libc_single_threaded = 0;

/* "Not found": the unwinder then asks dl_iterate_phdr(3), which musl has. */
int _dl_find_object(void *address, void *result) {
  (void)address, (void)result;
  return -1;
}
