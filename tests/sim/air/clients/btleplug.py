import asyncio
import os
import sys

import bleak_py


async def main():
    found = 0
    async for _ in await bleak_py.discover(timeout=2):
        found += 1
    print(found)


asyncio.run(main())
sys.stdout.flush()
os._exit(0)  # its Rust threads may abort the process while Python winds up
