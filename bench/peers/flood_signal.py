"""Counts the calls of a handler for SIGRTMIN until SIGRTMIN+1 says that all were sent. Python's handlers are
told no value, and one call stands for all that came since the last: there is no order to check."""
import signal

got = 0
over = False


def handle(signum, frame):
    global got
    got += 1


def end(signum, frame):
    global over
    over = True


signal.signal(signal.SIGRTMIN, handle)
signal.signal(signal.SIGRTMIN + 1, end)
print("ready for a last one", flush=True)
while not over:
    signal.pause()
print("done", got, 0, flush=True)
