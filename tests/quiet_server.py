"""An HTTP server for tests whose clients come and go as they like."""

from __future__ import annotations

from http.server import ThreadingHTTPServer


class QuietServer(ThreadingHTTPServer):
    """A client that hangs up is no news: no word of it may land in what another test captures."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing; what matters is what the client was told."""
