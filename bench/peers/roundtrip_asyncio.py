"""Answers each SIGUSR1 through asyncio's event loop."""
import asyncio
import os
import signal
import sys

peer = int(sys.argv[1])


async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, lambda: os.kill(peer, signal.SIGUSR2))
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
