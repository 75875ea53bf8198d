"""Counts SIGUSR2 through Python's signal module while the program spins."""
import signal
import time

count = 0


def add(signum, frame):
    global count
    count += 1


signal.signal(signal.SIGUSR2, add)
print("busy", flush=True)
end = time.monotonic() + 0.6
while time.monotonic() < end:
    pass
print("count", count, flush=True)
