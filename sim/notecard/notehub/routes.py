"""Routes of the virtual Notehub: where events go, and the proxies that web.* requests name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import quote

from badge.errors import InputError

Transform = Callable[[dict[str, Any]], Any]
DO_NOT_ROUTE = "\0do-not-route"
_NAME_SAFE = "/?&=%:,;+@!$'()*~-._"


@dataclass(frozen=True, slots=True)
class EventRoute:
    """One HTTP route: each matching event becomes one POST.  `headers` never leave their repr."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    transform: Transform | None = None
    files: tuple[str, ...] = ()  # none: all files
    system_files: bool = False  # also those whose name begins with _
    timeout_s: float = 15.0

    def takes(self, file: str) -> bool:
        """Whether events of this notefile go here."""
        if file.startswith("_") and not self.system_files:
            return False
        return not self.files or file in self.files

    def body(self, event: dict[str, Any]) -> bytes | None:
        """The body to post for an event, or None if the transform says not to."""
        made = event if self.transform is None else self.transform(event)
        if made is None or made == DO_NOT_ROUTE:
            return None
        return json.dumps(made, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy route: requests that name its alias go to `url`, extended by their name."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address(self, name: str) -> str:
        """The URL of a request; `name` is a path and may have a query."""
        safe = quote(name, safe=_NAME_SAFE)
        if not safe or safe.startswith("?"):
            return self.url + safe
        return f"{self.url.rstrip('/')}/{safe.lstrip('/')}"


def jsonata_transform(expression: str, place: str) -> Transform:
    """Compile a JSONata expression with Notehub's $doNotRoute(); InputError if it is wrong."""
    try:
        jsonata = import_module("jsonata")
    except ImportError:
        raise InputError(f"{place}: JSONata needs the package jsonata-python; install it") from None
    try:
        compiled = jsonata.Jsonata(expression)
    except jsonata.JException as error:
        raise InputError(f"{place}: not a JSONata expression: {error}") from None
    compiled.register_lambda("doNotRoute", lambda: DO_NOT_ROUTE)

    def transform(event: dict[str, Any]) -> Any:
        try:
            return compiled.evaluate(event)
        except (jsonata.JException, ArithmeticError, RecursionError) as error:
            raise TransformError(f"JSONata: {error}") from None

    return transform


class TransformError(Exception):
    """A transform failed on one event, which is then not routed."""
