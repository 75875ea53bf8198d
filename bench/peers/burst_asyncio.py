"""Counts SIGUSR2 through asyncio while its event loop is blocked, and after."""
import asyncio
import signal
import time

count = 0


def add():
    global count
    count += 1


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, add)
    print("busy", flush=True)
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        pass
    await asyncio.sleep(0.5)
    print("count", count, flush=True)


asyncio.run(main())
