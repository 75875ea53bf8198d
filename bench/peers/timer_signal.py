"""What arrives of setitimer's 1 ms ticks in Python; blocked for 100 ms in the middle of the run."""
import json
import signal
import sys
import time

seconds = float(sys.argv[2])
arrived = []
signal.signal(signal.SIGALRM, lambda signum, frame: arrived.append(time.monotonic()))


def wait(until):
    while (left := begun + until - time.monotonic()) > 0:
        time.sleep(left)


begun = time.monotonic()
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
wait(seconds / 2)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
wait(seconds / 2 + 0.1)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
wait(seconds)
signal.setitimer(signal.ITIMER_REAL, 0)
since = [1000 * (at - begun) for at in arrived]
late = sorted(1000 * (s % 1) for s in since if s < seconds * 500 - 5 or s > seconds * 500 + 110)
told = len(since)
missing = min(int(at) - (told - i) for i, at in enumerate(reversed(since[-50:])))
print(json.dumps({
    "delivered": told, "overrun": 0, "merged": 0, "missing": missing,
    "late": late[len(late) // 2], "late99": late[len(late) * 99 // 100],
}))
