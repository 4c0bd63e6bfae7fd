"""Lines of a pipe, however they are cut, bounded, and left at once."""

from __future__ import annotations

import asyncio
import os
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.cli.mcp.lines import lines
from badge.errors import InputError


async def taken(number: int, bytes_max: int = 1000) -> list[str]:
    return [line async for line in lines(number, bytes_max)]


def through_a_pipe(content: bytes, cut: int, bytes_max: int = 1000) -> list[str]:
    coming, going = os.pipe()

    def write() -> None:
        with os.fdopen(going, "wb", buffering=0) as file:
            for start in range(0, len(content), cut):
                file.write(content[start : start + cut])

    writer = Thread(target=write)
    writer.start()
    try:
        return asyncio.run(taken(coming, bytes_max))
    finally:
        writer.join()
        os.close(coming)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"))), st.integers(1, 9))
def test_lines_come_out_as_they_went_in_however_they_are_cut(texts, cut):
    content = "".join(f"{text}\n" for text in texts).encode()
    assert through_a_pipe(content, cut) == texts


def test_a_last_line_needs_no_end_and_foreign_bytes_end_nothing():
    assert through_a_pipe(b"a\n\xff\nb", 2) == ["a", "\N{REPLACEMENT CHARACTER}", "b"]


def test_a_line_without_end_is_refused_before_it_is_whole():
    with pytest.raises(InputError, match="MCP client"):
        through_a_pipe(b"x" * 5000, 100, bytes_max=1000)


def test_whoever_waits_for_a_line_can_be_told_to_stop():
    coming, going = os.pipe()

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(taken(coming), 0.01)

    asyncio.run(wait())  # returns: no thread is waited for
    os.close(going)
