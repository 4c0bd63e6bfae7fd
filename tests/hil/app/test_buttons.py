"""The buttons' socket: one line in, one line out, for this user alone."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager

import pytest

from badge.errors import InputError
from hil.app.buttons import LINE_BYTES_MAX, press_button, serve_buttons, socket_path


@asynccontextmanager
async def served(tmp_path):
    path = socket_path(tmp_path / "badge.flash")

    def press(request):
        if request.get("do") != "assign":
            raise InputError("assign is expected")
        return f"the shift of {request['worker_id']} has begun"

    async with serve_buttons(path, press):
        yield path


def test_a_press_is_answered_in_words_or_refused(tmp_path):
    async def story():
        async with served(tmp_path) as path:
            assert os.stat(path).st_mode & 0o777 == 0o600
            said = await asyncio.to_thread(press_button, path, {"do": "assign", "worker_id": "W"})
            assert said == "the shift of W has begun"
            with pytest.raises(InputError, match="assign is expected"):
                await asyncio.to_thread(press_button, path, {})
        assert not path.exists()

    asyncio.run(story())


def test_the_socket_of_a_badge_that_was_killed_is_taken_over(tmp_path):
    path = socket_path(tmp_path / "badge.flash")
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))

    async def story():
        async with served(tmp_path):
            await asyncio.to_thread(press_button, path, {"do": "assign", "worker_id": "W"})

    asyncio.run(story())


@pytest.mark.parametrize("line", [b"[1]\n", b"{\n", b"[" * 3000 + b"\n", b"x" * LINE_BYTES_MAX * 2])
def test_strange_lines_end_nothing(tmp_path, line):
    async def story():
        async with served(tmp_path) as path:
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(line)
            writer.write_eof()
            answer = await reader.read()
            assert answer == b"" or b'"ok": false' in answer
            writer.close()
            assert await asyncio.to_thread(press_button, path, {"do": "assign", "worker_id": "W"})

    asyncio.run(story())


def test_a_badge_that_hangs_is_told_from_one_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("hil.app.buttons.TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(tmp_path / "s"))
        hung.listen()
        with pytest.raises(InputError, match=r"the badge there has not answered for 0\.1 s"):
            press_button(tmp_path / "s", {})


def test_nobody_there_and_a_path_that_is_too_long_are_said(tmp_path):
    with pytest.raises(InputError, match="no badge listens there"):
        press_button(tmp_path / "none", {})

    async def story():
        async with serve_buttons(tmp_path / ("x" * 200), lambda request: ""):
            raise AssertionError

    with pytest.raises(InputError, match="use a shorter path"):
        asyncio.run(story())
