"""What was said between a check and a backend, and how a person says it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError

SHOWN_BYTES = 600
KEY_VARIABLE = "$KEY"


@dataclass(slots=True)
class HttpExchange:
    """One request and its answer; `status` None: no whole answer came, for the reason `text`.

    `closed`: the server ended the connection behind it (known of raw bytes alone).  The values of
    `key_headers` are shown to nobody.
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
        body = shown(self.body.decode("utf-8", "backslashreplace"))
        return f"{self.method} {self.url} ({names})" + (f"\n{body}" if body else "")

    def answer_text(self) -> str:
        """The answer for people."""
        if self.status is None:
            return self.text
        return f"{self.status} {shown(self.text)}"

    def curl(self) -> str:
        """A line for a shell that asks the same again; the key is a variable in it."""
        words = ["curl", "-i", "-X", self.method, self.url]
        hidden = {name.lower() for name in self.key_headers}
        for name, value in self.headers.items():
            if name.lower() not in hidden:
                words += ["-H", f"{name}: {value}"]
        line = shlex.join(words)
        for name in self.headers:
            if name.lower() in hidden:
                line += f' -H "{name}: {KEY_VARIABLE}"'
        if not self.body:
            return line
        text = self.body.decode("utf-8", "replace")
        if len(text) > 4000 or not text.isprintable():
            return f"{line} --data-binary @BODY  # {len(self.body)} bytes, not shown"
        return f"{line} --data-binary {shlex.quote(text)}"


def shown(text: str) -> str:
    """A text of any length, cut to what fits a screen."""
    if len(text) <= SHOWN_BYTES:
        return text
    return f"{text[:SHOWN_BYTES]}… ({len(text)} characters)"
