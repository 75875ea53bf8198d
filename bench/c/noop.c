/* noop.so: the cheapest call that a runtime's foreign function interface can make. */
void bench_noop(void) {}
