"""Counts SIGRTMIN in a loop of sigwaitinfo. Python's handlers are not told the value and run once for
several signals, and its struct_siginfo has no value either, so that there is no order to check."""
import signal
import sys

total = int(sys.argv[1])
signals = {signal.SIGRTMIN}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
got = 0
while got < total:
    signal.sigwaitinfo(signals)
    got += 1
print("done", got, 0, flush=True)
