"""What a check says to a server, over HTTP or in raw bytes, and what it hears."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from time import monotonic

from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.raw import Connection
from sim.net.answer import NoAnswer
from sim.net.client import Client


class NotAsPromisedError(Exception):
    """A server answered otherwise than its contract says; the text says what was expected."""


class NotLookedAtError(Exception):
    """A check cannot be made against this server; the text says why."""


class Talk:
    """All that one check says and hears is kept, for its report.

    Neither what `secret_headers` hold nor any of the `secrets`, which may grow, is shown.
    """

    def __init__(
        self,
        client: Client,
        patience_s: float,
        secret_headers: Sequence[str],
        secrets: Collection[str],
    ) -> None:
        self.exchanges: list[HttpExchange] = []
        self.patience_s = patience_s
        self._client = client
        self._secret, self._secrets = tuple(secret_headers), secrets

    def ask_url(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> HttpExchange:
        """Any request; its exchange is kept."""
        said = HttpExchange(method, url, headers, body, self._secret, secrets=self._secrets)
        self.exchanges.append(said)
        begun_s = monotonic()
        answer = self._client.request(method, url, body, headers, timeout_s=self.patience_s)
        said.seconds = monotonic() - begun_s
        if isinstance(answer, NoAnswer):
            said.text = str(answer)
        else:
            said.status, said.answer_headers = answer.status, answer.headers
            said.text = answer.body.decode("utf-8", "backslashreplace")
        return said

    def raw_url(
        self,
        url: str,
        pieces: Sequence[bytes],
        *,
        pause_s: float = 0.0,
        then_leave: bool = False,
        then_end: bool = False,
        wait_s: float | None = None,
    ) -> HttpExchange:
        """Bytes on a connection of their own, piece by piece; `then_leave` does not read,
        `then_end` says that nothing more comes.

        OSError if there is no connection; an answer is waited for `wait_s`, or patiently.
        """
        whole = b"".join(pieces)
        said = HttpExchange("POST", url, {}, whole, (), raw=True, secrets=self._secrets)
        self.exchanges.append(said)
        with Connection(url, wait_s or self.patience_s + 5) as connection:
            connection.send(pieces, pause_s)
            if then_leave:
                return said
            if then_end:
                connection.end()
            answer = connection.answer()
        said.status, said.answer_headers = answer.status, answer.headers
        said.text = answer.text or ("the connection was closed" if answer.closed else "no answer")
        said.closed = answer.closed
        return said

    def expect_that(self, truth: bool, expected: str) -> None:
        """What was said last is as promised; `expected` is what should have been."""
        if not truth:
            raise NotAsPromisedError(expected)
