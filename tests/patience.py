"""How tests wait for other threads and programs, which tell nobody: long, and never for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

# Of a machine with other work to do; nothing that is waited for takes a hundredth of it.
PATIENCE_S = 120.0
_PAUSE_S = 0.005


def until(condition: Callable[[], object], what: object = "it never came") -> None:
    """Look until it is so; what was waited for (called, if it can be) if it never is."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(_PAUSE_S)


async def eventually(condition: Callable[[], object], what: object = "it never came") -> None:
    """`until` in an event loop, which goes on meanwhile."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise AssertionError(what() if callable(what) else what)
        await asyncio.sleep(_PAUSE_S)
