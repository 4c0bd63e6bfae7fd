"""What a command tells OpenTelemetry, if anybody listens: spans, durations, counts.

`TELEMETRY` is off unless a command was given an address, and costs a look at a flag then; no line
of OpenTelemetry is loaded.  Names and units follow its semantic conventions where they have any.
What is told are numbers, names and places: no key, no body, no position and no worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from badge.errors import InputError
from badge.extras import lacking, require
from badge.host.log import said
from badge.host.telemetry.span import UNHEARD, Attributes, Kind, Reading, WatchedSpan

if TYPE_CHECKING:
    from badge.host.telemetry.export import Export

ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
Handed = tuple[str, str | None, dict[str, str]] | None  # command, address, parent
LIBRARY = "opentelemetry.exporter.otlp.proto.http"
PROTOCOL = "http/protobuf"


class Telemetry:
    """The one telemetry of this process."""

    def __init__(self) -> None:
        self._export: Export | None = None

    @property
    def on(self) -> bool:
        """Whether anybody listens."""
        return self._export is not None

    @contextmanager
    def of_command(
        self, command: str, address: str | None, say: Callable[[str], None] = said
    ) -> Iterator[None]:
        """Send what the block tells to `address`, or where OTEL_EXPORTER_OTLP_ENDPOINT says.

        Without either nothing is on.  InputError for an address that is none, or a library that
        is missing; where the environment alone asks for it, that is said, and nothing is sent.
        What was not taken is said at the end.
        """
        if not wanted(address, os.environ):
            yield
            return
        try:
            export = _opened(command, address)
        except InputError as error:
            if address is not None:
                raise
            say(str(error))
            yield
            return
        with self._through(export, say):
            yield

    def handed_on(self) -> Handed:
        """Return what another process of this command needs to tell its part; None if off."""
        return None if self._export is None else self._export.handed_on()

    @contextmanager
    def joined(self, handed: Handed) -> Iterator[None]:
        """Be that other process: its spans are children of the one that was open there."""
        if handed is None:
            yield
            return
        command, address, parent = handed
        export = _opened(command, address)
        with self._through(export, said), export.within(parent):
            yield

    @contextmanager
    def _through(self, export: Export, say: Callable[[str], None]) -> Iterator[None]:
        self._export = export
        try:
            yield
        finally:
            self._export = None
            if trouble := export.close():
                say(trouble)

    @contextmanager
    def span(self, name: str, attributes: Attributes | None = None) -> Iterator[WatchedSpan]:
        """Tell how long a block takes; spans begun within it are its children."""
        if self._export is None:
            yield UNHEARD
            return
        span = self._export.begin(name, "internal", attributes or {}, {})
        try:
            with span.current():
                yield span
        except BaseException as error:
            span.failed(type(error).__name__)
            raise
        finally:
            span.end()

    def begin(
        self,
        name: str,
        kind: Kind,
        attributes: Attributes,
        headers: Mapping[str, str] | None = None,
    ) -> WatchedSpan:
        """Begin a span that `end` ends; `headers` of a request may name its parent elsewhere."""
        if self._export is None:
            return UNHEARD
        return self._export.begin(name, kind, attributes, headers or {})

    def durations(self, name: str, told: str) -> Callable[[float, Attributes], None]:
        """Return where durations go, in seconds: a histogram."""
        if self._export is None:
            return _unheard
        return self._export.durations(name, told)

    def counter(self, name: str, unit: str, told: str, read: Callable[[], Reading]) -> None:
        """Let a count that only grows be read whenever metrics are sent."""
        if self._export is not None:
            self._export.observe("counter", name, unit, told, read)

    def level(self, name: str, unit: str, told: str, read: Callable[[], Reading]) -> None:
        """Let a count that grows and shrinks be read whenever metrics are sent."""
        if self._export is not None:
            self._export.observe("level", name, unit, told, read)

    def gauge(self, name: str, unit: str, told: str, read: Callable[[], Reading]) -> None:
        """Let a value be read whenever metrics are sent."""
        if self._export is not None:
            self._export.observe("gauge", name, unit, told, read)


def wanted(address: str | None, environment: Mapping[str, str]) -> bool:
    """Tell whether telemetry is asked for, by an option or by the standard variables."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return address is not None or any(environment.get(name) for name in ENDPOINTS)


def _opened(command: str, address: str | None) -> Export:
    try:
        require(LIBRARY, what="--telemetry")
    except ModuleNotFoundError as error:  # a package above it is missing, too
        raise InputError(lacking(error.name or LIBRARY, "--telemetry")) from None
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL)
    if protocol != PROTOCOL:
        raise InputError(f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}: only {PROTOCOL} is spoken")
    from badge.host.telemetry.export import Export

    return Export(command, address)


def _unheard(seconds: float, attributes: Attributes) -> None:
    """Nobody listens."""


TELEMETRY = Telemetry()
"""The one telemetry of this process."""
