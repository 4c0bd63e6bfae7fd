"""Routes of the virtual Notehub: where events go, and the proxies that web.* requests name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from badge.errors import InputError
from sim.notecard.codec.arguments import RequestError

Transform = Callable[[dict[str, Any]], Any]
DO_NOT_ROUTE = "\0do-not-route"
STEPS_MAX = 100_000  # of one transform: some seconds, so that an endless one ends
_NAME_SAFE = "/?&=%:,;+@!$'()*~-._"


class TransformError(Exception):
    """A transform failed on one event, which is then not routed."""


@dataclass(frozen=True, slots=True)
class EventRoute:
    """One HTTP route: each matching event becomes one POST.  `headers` never leave their repr."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    transform: Transform | None = None
    files: tuple[str, ...] = ()  # none: all files
    system_files: bool = False  # also those whose name begins with _
    timeout_s: float = 15.0

    @property
    def uid(self) -> str:
        """A name for the API: the same for the same address."""
        return f"route:{uuid5(NAMESPACE_URL, self.shown_url)}"

    @property
    def shown_url(self) -> str:
        """The address without what may be secret in it: no user, no query."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit((parts.scheme, host + port, parts.path, "", ""))

    def takes(self, file: str) -> bool:
        """Whether events of this notefile go here."""
        if file.startswith("_") and not self.system_files:
            return False
        return not self.files or file in self.files

    def body(self, event: dict[str, Any]) -> bytes | None:
        """The body to post for an event, or None if the transform says not to; TransformError."""
        made = event if self.transform is None else self.transform(event)
        if made is None or made == DO_NOT_ROUTE:
            return None
        try:
            return json.dumps(made, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise TransformError(f"the result is no JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy route: requests that name its alias go to `url`, extended by their name."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address(self, name: str) -> str:
        """The URL of a request; `name` is a path and may have a query.

        RequestError for a path that would leave the route, and with it carry its headers away.
        """
        safe = quote(name, safe=_NAME_SAFE)
        path = unquote(unquote(safe.partition("?")[0]))
        if ".." in path.replace("\\", "/").split("/"):
            raise RequestError(f"name: {name[:100]} leaves the route {{web-payload}}")
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
    except Exception as error:  # its parser raises KeyError and others beside its own JException
        raise InputError(f"{place}: not a JSONata expression: {error}") from None
    compiled.register_lambda("doNotRoute", lambda: DO_NOT_ROUTE)
    steps = [0]

    def step(*_: object) -> None:
        steps[0] += 1
        if steps[0] > STEPS_MAX:
            raise TransformError(f"JSONata: more than {STEPS_MAX} steps")

    compiled.environment.set_evaluate_entry_callback(step)

    def transform(event: dict[str, Any]) -> Any:
        steps[0] = 0
        try:
            return compiled.evaluate(event)
        except TransformError:
            raise
        except Exception as error:  # an evaluator raises whatever an expression makes it trip over
            raise TransformError(f"JSONata: {error}") from None

    return transform
