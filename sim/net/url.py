"""The one check of a URL, and where an ingest takes events."""

from __future__ import annotations

import base64
from urllib.parse import SplitResult, unquote, urlsplit

from badge.errors import InputError

EXAMPLE = "http://127.0.0.1:8080"


def split_url(place: str, url: str, example: str = EXAMPLE) -> SplitResult:
    """Take an http or https URL apart; InputError with its place and an example if it is none.

    `place` is the option or key that it was given as.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        good = good and url.isprintable() and " " not in parts.netloc and parts.port != 0
        (parts.hostname or "").encode("idna" if not _is_ip6(parts) else "ascii")
    except ValueError:  # UnicodeError is one
        good = False
    if not good:
        raise InputError(f"{place} {without_password(url)}: not a URL; write it like {example}")
    return parts


def endpoint(url: str, place: str = "--to") -> str:
    """Give `<url>/api/events`, or the URL itself if it names a path; InputError if it is none."""
    parts = split_url(place, url)
    return url.rstrip("/") + "/api/events" if parts.path in ("", "/") else url


def authorization(parts: SplitResult) -> dict[str, str]:
    """Give the header that carries the name and password of a URL; nothing if it has none."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def without_password(url: str) -> str:
    """Return the URL as it may be shown and kept: what stands before the @ is a secret."""
    scheme, slashes, rest = url.rpartition("://")
    authority = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    secret, at, _ = authority.rpartition("@")
    if not at:
        return url
    return f"{scheme}{slashes}***@{rest[len(secret) + 1 :]}"


def _is_ip6(parts: SplitResult) -> bool:
    return ":" in (parts.hostname or "")
