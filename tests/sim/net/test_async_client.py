"""A client's connection tells apart what was answered, what was cut off, and nobody there."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress

import pytest

from sim.crashtest.server import free_port
from sim.fire.wire import Reply, Wire

ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nRetry-After: 5\r\n\r\n{}"


async def spoken(answer, requests=1):
    """Return what each request gets from a server that says `answer` to every one."""
    heard, served = [], []

    async def serve(reader, writer):
        served.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError), closing(writer):
            while True:
                heard.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2))
                writer.write(answer)
                if answer != ANSWER:
                    return

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    wire = Wire(port)
    replies = [await wire.post("/api/events", b"[]", "ak_x") for _ in range(requests)]
    wire.close()
    server.close()
    await asyncio.gather(*served)
    return replies, heard


def test_two_requests_share_a_connection_and_carry_key_and_body():
    replies, heard = asyncio.run(spoken(ANSWER, 2))
    headers = {"content-length": "2", "retry-after": "5"}
    assert replies == [Reply(202, headers, b"{}")] * 2
    assert heard[0].startswith(b"POST /api/events HTTP/1.1\r\n")
    assert b"X-Actual-Api-Key: ak_x\r\n" in heard[0]


@pytest.mark.parametrize("answer", [b"", ANSWER[:30], ANSWER[:-1], b"nonsense\r\n\r\n"])
def test_an_answer_that_is_not_whole_is_none(answer):
    replies, heard = asyncio.run(spoken(answer, 2))
    assert replies == ["cut", "cut"]
    assert len(heard) == 2


def test_nobody_there_is_refused():
    assert asyncio.run(Wire(free_port()).post("/", b"", "")) == "refused"
