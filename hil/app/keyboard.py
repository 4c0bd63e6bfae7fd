"""Single keys from the terminal while the event loop runs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def listen_to_keys(on_key: Callable[[str], None]) -> Iterator[bool]:
    """Call `on_key` for each key until the block ends; False if stdin is no terminal."""
    if not sys.stdin.isatty():
        yield False
        return
    try:
        import termios
        import tty
    except ImportError:  # Windows: `badge assign` and `unassign` do what the keys would
        yield False
        return

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    loop = asyncio.get_running_loop()
    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, _read, descriptor, on_key, loop)
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read(descriptor: int, on_key: Callable[[str], None], loop: asyncio.AbstractEventLoop) -> None:
    data = os.read(descriptor, 16)
    if not data:  # the terminal has gone
        loop.remove_reader(descriptor)
    for key in data.decode("ascii", "ignore"):
        on_key(key)
