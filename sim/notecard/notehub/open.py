"""From the words of a command to a Notehub with its routes, proxies and headers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from badge.errors import InputError
from badge.host.documents import read_text
from sim.net.url import split_url
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy, jsonata_transform

URL = "http://127.0.0.1:8000/api"


def hub_of(
    to: str | None, jsonata: Path | None, files: str, proxies: Sequence[str], headers: Sequence[str]
) -> Hub:
    """A Notehub as the options say; InputError names the one that is wrong."""
    by_alias = _headers(headers)
    return Hub(_routes(to, jsonata, files, by_alias.get("hub", {})), _proxies(proxies, by_alias))


def _routes(
    to: str | None, jsonata: Path | None, files: str, headers: dict[str, str]
) -> list[EventRoute]:
    if to is None:
        if jsonata is not None:
            raise InputError("--jsonata transforms what --hub-to posts; give both")
        return []
    split_url("--hub-to", to, URL)
    transform = None
    if jsonata is not None:
        transform = jsonata_transform(read_text(jsonata), str(jsonata))
    named = tuple(name.strip() for name in files.split(",") if name.strip())
    return [EventRoute(to, headers, transform, named)]


def _proxies(words: Sequence[str], headers: dict[str, dict[str, str]]) -> dict[str, Proxy]:
    proxies = {}
    for word in words:
        alias, equals, url = word.partition("=")
        if not alias or not equals:
            raise InputError(f"--route {word!r}: ALIAS=URL expected")
        split_url(f"--route {alias}", url, URL)
        proxies[alias] = Proxy(url, headers.get(alias, {}))
    unknown = [alias for alias in headers if alias not in proxies and alias != "hub"]
    if unknown:
        raise InputError(f"--header {unknown[0]}=…: there is no --route of that alias")
    return proxies


def _headers(words: Sequence[str]) -> dict[str, dict[str, str]]:
    """Headers by alias.  The messages name the header, never its value."""
    found: dict[str, dict[str, str]] = {}
    for word in words:
        alias, equals, header = word.partition("=")
        name, colon, value = header.partition(":")
        if not (alias and equals and name and colon):
            raise InputError("--header: ALIAS=NAME:VALUE expected")
        value = value.strip()
        if value.startswith("$"):
            if value[1:] not in os.environ:
                raise InputError(f"--header {alias}={name}: {value} is not set in the environment")
            value = os.environ[value[1:]]
        found.setdefault(alias, {})[name.strip()] = value
    return found
