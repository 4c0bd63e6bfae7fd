"""Receive GroupLink's webhook in a bare function, for any server or cloud function.

Run:   python receive_plain.py
Try:   badge send grouplink EVENT_IN --to http://127.0.0.1:8787/
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from badge.errors import InputError
from sim.platforms import Seen, grouplink

BODY_MAX_BYTES = 1 << 16
seen = Seen()


def receive(headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Status and text for one POST; new entries are printed."""
    if not grouplink.verify(headers, body):  # give it ["X-Api-Key: ..."] once you agreed on one
        return 401, "not authentic"
    try:
        events = grouplink.parse(body)
    except InputError as error:
        return 400, str(error)
    for event in grouplink.deduplicate(events, seen):
        print(event.event["mm"], "entered", event.event["cell_id"])
    return 200, "ok"


class Endpoint(BaseHTTPRequestHandler):
    """The function behind the standard library's server."""

    timeout = 10

    def do_POST(self) -> None:
        """Read at most BODY_MAX_BYTES, call the function, answer."""
        length = self.headers.get("content-length", "")
        size = min(int(length), BODY_MAX_BYTES) if length.isdecimal() else 0
        with suppress(ConnectionError):  # who has hung up comes again
            status, text = receive(dict(self.headers.items()), self.rfile.read(size))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())


if __name__ == "__main__":
    # A thread each: one client that hangs must not keep the others waiting.
    ThreadingHTTPServer(("127.0.0.1", 8787), Endpoint).serve_forever()
