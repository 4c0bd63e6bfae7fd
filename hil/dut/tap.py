"""A tap on the line to an ingest: everything that was sent is kept, also what was refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from badge.contract.validation import decode, unwrap
from badge.errors import InputError
from sim.net.answer import NoAnswer
from sim.net.client import Client

BODY_BYTES_MAX = 1 << 20  # 500 events are some 125 kB
_TIMEOUT_S = 120.0  # a hung ingest; a busy computer must not look like one
_POLL_S = 0.05  # between two looks whether it is to end
_PASSED_ON = ("Content-Type", "X-Actual-Api-Key")
_PASSED_BACK = ("Content-Type", "Retry-After")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A device that hangs up before the answer is no news."""


class Tap:
    """Passes POSTs on to `target` and its answers back; `sent` has all bodies that came.

    While `cut` is true the line is cut: nothing is passed on or answered, `lost` counts.
    """

    def __init__(self, target: str, port: int = 0) -> None:
        self.sent: list[bytes] = []
        self.answers: list[int] = []
        self.cut = False
        self.lost = 0
        self._target = target
        self._client = Client(timeout_s=_TIMEOUT_S)
        tap = self

        # No ASGI server (sim/net/server) can end a connection without an answer, as a cut does.
        class Passing(BaseHTTPRequestHandler):
            timeout = _TIMEOUT_S

            def do_POST(self) -> None:
                """Pass it on."""
                tap._pass_on(self)

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        try:
            self._server = _Server(("127.0.0.1", port), Passing)
        except OSError as error:
            raise InputError(f"port {port}: {error.strerror or error}; give another") from None
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/events"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), daemon=True
        )
        self._thread.start()

    def _pass_on(self, request: BaseHTTPRequestHandler) -> None:
        length = request.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            request.send_error(413)
            return
        body = request.rfile.read(int(length))
        if self.cut:
            self.lost += 1
            request.close_connection = True
            return
        self.sent.append(body)
        headers = {n: request.headers[n] for n in _PASSED_ON if n in request.headers}
        answer = self._client.request("POST", self._target, body, headers)
        if isinstance(answer, NoAnswer):
            request.send_error(502)
            return
        self.answers.append(answer.status)
        request.send_response(answer.status)
        for name in _PASSED_BACK:
            if (value := answer.headers.get(name.lower())) is not None:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        request.wfile.write(answer.body)

    def events(self, first: int = 0, end: int | None = None) -> list[Any]:
        """Return every event of these POSTs, in the order of arrival; junk stays out."""
        found: list[Any] = []
        for body in self.sent[first:end]:
            try:
                found += unwrap(decode(body))
            except InputError:
                continue
        return found

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
        self._client.close()


@contextmanager
def tapped(target: str, port: int = 0) -> Iterator[Tap]:
    """Put a tap before an ingest's URL; InputError if the port is taken."""
    tap = Tap(target, port)
    try:
        yield tap
    finally:
        tap.close()
