"""What an HTTP request came to: an answer that is whole, or why there is none."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import Literal

HEAD_BYTES_MAX = 1 << 16
Cause = Literal["away", "unknown host", "certificate", "tls", "late", "cut", "not HTTP", "too long"]
_WORDS: dict[Cause, tuple[str, str]] = {
    "away": ("no connection", "is the server running?"),
    "unknown host": ("no such host", "is the name right?"),
    "certificate": ("a certificate that is not trusted", "is it valid, and for this name?"),
    "tls": ("no TLS there", "is it http:// rather than https://?"),
    "late": ("no answer in time", ""),
    "cut": ("a connection that broke before the whole answer", ""),
    "not HTTP": ("an answer that is not HTTP", "is it https:// rather than http://?"),
    "too long": ("an answer that is too long", ""),
}


@dataclass(slots=True)
class Answer:
    """A whole answer: names of headers in lower case, the body as it came, cut at a limit."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing that may be relied on has come: as text, what is wrong and the remedy."""

    cause: Cause

    @property
    def what(self) -> str:
        """What is wrong, as a few words."""
        return _WORDS[self.cause][0]

    @property
    def remedy(self) -> str:
        """What to look at, as a question; empty if nothing can be said."""
        return _WORDS[self.cause][1]

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}" if self.remedy else self.what


def no_connection(error: Exception) -> NoAnswer:
    """Say why there is no connection, from what the attempt to make one raised."""
    if isinstance(error, (socket.gaierror, UnicodeError)):  # a name that IDNA cannot write, too
        return NoAnswer("unknown host")
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoAnswer("certificate")
    if isinstance(error, ssl.SSLError):
        return NoAnswer("tls")
    return NoAnswer("late" if isinstance(error, TimeoutError) else "away")
