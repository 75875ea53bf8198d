"""Answers each SIGUSR1 through Python's signal module."""
import os
import signal
import sys
import time

peer = int(sys.argv[1])
signal.signal(signal.SIGUSR1, lambda signum, frame: os.kill(peer, signal.SIGUSR2))
print("ready", flush=True)
while True:
    time.sleep(0.5)  # not pause(): a signal that comes just before it would leave it waiting for ever
