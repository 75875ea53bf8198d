/* noop.so: the cheapest calls that a runtime's foreign function interface can make. */
void bench_noop(void) {}

int bench_no(void) { return 0; }
