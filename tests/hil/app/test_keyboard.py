from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty

from hil.app.keyboard import listen_to_keys


def test_single_keys_are_heard_and_the_terminal_is_as_before(monkeypatch):
    far, near = os.openpty()
    tty.setraw(near)
    before = termios.tcgetattr(near)
    heard = []

    async def story():
        with os.fdopen(os.dup(near)) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            all_there = asyncio.Event()

            def on_key(key):
                heard.append(key)
                if len(heard) == 3:
                    all_there.set()

            with listen_to_keys(on_key) as listening:
                assert listening
                os.write(far, b"au\xffq")
                await all_there.wait()

    asyncio.run(asyncio.wait_for(story(), 60))
    assert heard == ["a", "u", "q"]
    assert termios.tcgetattr(near) == before
    os.close(far)
    os.close(near)


def test_without_a_terminal_nothing_is_read(monkeypatch, tmp_path):
    (tmp_path / "in").write_bytes(b"q")
    with (tmp_path / "in").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with listen_to_keys(lambda key: None) as listening:
            assert not listening
        assert stdin.read() == "q"
