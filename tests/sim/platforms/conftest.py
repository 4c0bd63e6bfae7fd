from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette

from sim.platforms import listen


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], str]]:
    """Start apps on loopback; each call gives the address of one."""
    running = []

    def start(app: Starlette) -> str:
        server, sock = listen.server_of(app), listen.bind("127.0.0.1", 0)
        port = sock.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{port}/hook"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()
