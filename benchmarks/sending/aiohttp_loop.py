"""A bare loop of aiohttp: python -m benchmarks.sending.aiohttp_loop URL FILE CONNECTIONS SECONDS.

Each of so many tasks posts the file and reads the answer; prints requests and CPU seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import aiohttp
import uvloop

HEADERS = {"Content-Type": "application/json", "X-Actual-Api-Key": "ak_1"}


async def main(url: str, body: bytes, connections: int, seconds: float) -> int:
    """Post until the time is over; give how often."""
    end_s = time.perf_counter() + seconds
    done = 0
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

        async def post() -> None:
            nonlocal done
            while time.perf_counter() < end_s:
                async with session.post(url, data=body) as answer:
                    await answer.read()
                    assert answer.status == 202
                done += 1

        await asyncio.gather(*(post() for _ in range(connections)))
    return done


if __name__ == "__main__":
    url, file, connections, seconds = sys.argv[1:]
    content = Path(file).read_bytes()
    begun_s = time.process_time()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        count = runner.run(main(url, content, int(connections), float(seconds)))
    print(count, time.process_time() - begun_s)
