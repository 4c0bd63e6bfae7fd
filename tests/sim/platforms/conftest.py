from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette

from sim.net.server import LOOPBACK, listening, serving


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], str]]:
    """Start apps on loopback; each call gives the address of one."""
    with ExitStack() as stack:

        def start(app: Starlette) -> str:
            listener = stack.enter_context(listening(LOOPBACK, 0))
            return f"{stack.enter_context(serving(app, listener)).url}/hook"

        yield start
