"""The URLs that a run is given."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from badge.errors import InputError


def split_url(option: str, url: str, example: str) -> SplitResult:
    """Take an http or https URL apart; InputError with the option and an example if it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise InputError(f"{option} {url}: not a URL; write it like {example}")
    return parts
