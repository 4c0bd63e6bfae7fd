from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from sim.conformance.kit.raw import Connection
from sim.net.server import LOOPBACK, held_port, listening


@contextmanager
def saying(*pieces: bytes):
    """A server that says these bytes to the first who comes, and hangs up."""
    with listening(LOOPBACK, 0) as listener:

        def serve() -> None:
            made, _ = listener.accept()
            with made:
                made.recv(65_536)
                for piece in pieces:
                    made.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}/api/events"
        thread.join(10)


def answer(*pieces: bytes):
    with saying(*pieces) as url, Connection(url, 10) as connection:
        connection.send([b"POST / HTTP/1.1\r\n\r\n"])
        return connection.answer()


def test_an_answer_is_whole_however_it_comes():
    whole = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}"
    for pieces in ([whole], [whole[i : i + 1] for i in range(len(whole))]):
        said = answer(*pieces)
        assert (said.status, said.text, said.headers["x-a"]) == (202, "{}", "b")


@pytest.mark.parametrize("pieces", [[], [b"not HTTP at all"], [b"HTTP/1.1 202 A\r\nContent-Le"]])
def test_what_is_none_has_no_status(pieces):
    said = answer(*pieces)
    assert said.status is None
    assert said.closed


def test_nobody_there_is_an_os_error():
    with (
        held_port() as port,
        pytest.raises(OSError, match="refused"),
        Connection(f"http://{LOOPBACK}:{port}/", 1),
    ):
        pass
