"""What was said between a check and a backend, and how a person says it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from badge.words import counted
from sim.conformance.kit import again
from sim.net.url import without_password

SHOWN_BYTES = 600


@dataclass(slots=True)
class HttpExchange:
    """One request and its answer; `status` None: no whole answer came, for the reason `text`.

    `raw`: the body is all that was sent, head and all.  `closed`: the server ended the connection
    behind it (known of raw bytes alone).  The values of `key_headers` are shown to nobody, nor are
    the `secrets`, wherever they stand.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    key_headers: tuple[str, ...]
    status: int | None = None
    text: str = ""
    answer_headers: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    seconds: float = 0.0
    raw: bool = False
    secrets: Collection[str] = field(default=(), repr=False)

    @property
    def json(self) -> Any:
        """The answer's body as JSON; None where it is none."""
        try:
            return parse(self.text.encode())
        except (InputError, UnicodeEncodeError):
            return None

    def request_text(self) -> str:
        """The request for people: its key is left out, its body cut."""
        names = ", ".join(name for name in self.headers if name.lower() != "content-length")
        body = shown(again.hidden(self.body.decode("utf-8", "backslashreplace"), self.secrets))
        where = without_password(self.url)
        head = f"to {where}, as it stands:" if self.raw else f"{self.method} {where} ({names})"
        return head + (f"\n{body}" if body else "")

    def answer_text(self) -> str:
        """The answer for people."""
        text = again.hidden(self.text, self.secrets)
        return text if self.status is None else f"{self.status} {shown(text)}"

    def again(self) -> str:
        """A line for a shell that asks the same again; a key is a variable in it."""
        if self.raw:
            return again.raw(self.url, self.body, self.secrets)
        hidden = {name.lower() for name in self.key_headers}
        return again.curl(self.method, self.url, self.headers, self.body, hidden, self.secrets)


def shown(text: str) -> str:
    """A text of any length, cut to what fits a screen."""
    if len(text) <= SHOWN_BYTES:
        return text
    return f"{text[:SHOWN_BYTES]}… ({counted(len(text), 'character')})"
