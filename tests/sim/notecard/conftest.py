"""A notecard on a desk: ask it, wait, look at what it said."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from threading import Thread

import pytest

from sim.notecard.model.outputs import Message, Output, Traced
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.realtime import RealtimeNotecard
from tests.quiet_server import QuietServer
from tests.sim.notecard.rig import FAST


class Desk:
    """Speaks to one notecard by a clock of its own, one transaction each 10 ms."""

    def __init__(self, **parts):
        self.notecard = VirtualNotecard(**parts)
        self.now_ms = 0
        self.seen: list[Output] = []

    def send(self, data: bytes) -> bytes:
        self.now_ms += 10
        return self._take(self.notecard.receive(data, self.now_ms))

    def wait(self, seconds: float) -> bytes:
        self.now_ms += round(seconds * 1000)
        return self._take(self.notecard.advance(self.now_ms))

    def ask(self, name: str, /, **members):
        """The reply to one request, decoded."""
        return json.loads(self.send(json.dumps({"req": name} | members).encode() + b"\n"))

    def online(self) -> None:
        """Set it up and wait until it is connected and has synced."""
        self.ask("hub.set", product="com.example:badge", mode="continuous")
        self.wait(10)
        assert self.ask("hub.status")["connected"]

    def answer(self, answer) -> bytes:
        return self._take(self.notecard.answered(answer, self.now_ms))

    def _take(self, outputs: list[Output]) -> bytes:
        self.seen += outputs
        return b"".join(output.data for output in outputs if isinstance(output, Message))

    def told(self, kind: str) -> list[str]:
        return [one.text for one in self.seen if isinstance(one, Traced) and one.kind == kind]

    def outputs(self, kind: type) -> list:
        return [one for one in self.seen if isinstance(one, kind)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def make_desk():
    return Desk


class Sink:
    """A loopback web server that answers everything alike and remembers what it was sent."""

    def __init__(self, body: bytes, status: int, statuses: list[int]) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Answering(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.headers.append(dict(self.headers))
                outer.requests.append((self.command, self.path, self.rfile.read(length)))
                self.send_response(statuses.pop(0) if statuses else status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # http.server's names

            def log_message(self, *args) -> None:
                pass

        self._server = QuietServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def web_server():
    sinks = []

    def start(body: bytes = b"", status: int = 200, statuses: list[int] | None = None) -> Sink:
        sinks.append(Sink(body, status, statuses or []))
        return sinks[-1]

    yield start
    for sink in sinks:
        sink.close()


@pytest.fixture
def live():
    """Starts cards in real time, with everything fast, and ends them."""
    cards = []

    def start(**parts) -> RealtimeNotecard:
        warp, state_path = parts.pop("warp", 1.0), parts.pop("state_path", None)
        notecard = VirtualNotecard(timing=FAST, **parts)
        cards.append(RealtimeNotecard(notecard, warp=warp, state_path=state_path))
        cards[-1].run_clock()
        return cards[-1]

    yield start
    for card in cards:
        card.close()
