"""The page served in this process, on loopback, under a port and a token that nobody guesses."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sim.net.server import LOOPBACK, Served, listening, serving
from sim.view.app import Watched, create_app
from sim.view.page import body_of
from sim.view.sources.opened import Opened


class Still:
    """A picture that is finished."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._body: bytes | None = None

    def whole(self) -> bytes:
        """Give the picture."""
        if self._body is None:
            self._body = body_of(self._opened)
        return self._body

    def news(self, epoch: int, rows: int) -> None:
        """Nothing comes any more."""

    def about(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""
        return self._opened.details(at)


@contextmanager
def launch_view(watched: Watched, port: int = 0) -> Iterator[tuple[str, Served]]:
    """Serve it until the block ends; gives the address to open."""
    token = secrets.token_urlsafe(24)
    with (
        listening(LOOPBACK, port) as listener,
        serving(create_app(watched, token), listener) as served,
    ):
        yield f"{served.url}/{token}/", served
