"""A badge on wires as spans and metrics: uploads, events, the queue, the battery, the link."""

from __future__ import annotations

from collections.abc import Callable

from badge.effects import Upload
from badge.host.observers import Counts
from badge.host.telemetry.span import Attributes, Reading
from badge.host.telemetry.watch import TELEMETRY
from badge.inputs import UploadAnswer
from badge.storage.journal import FlashJournal
from hil.card.sensors import CardView
from hil.clock import Clock
from hil.ports import Uplink

_FAILED = 400


class WatchedUplink:
    """An uplink whose uploads are told: how long each took, and its answer."""

    def __init__(self, uplink: Uplink, way: str, clock: Clock) -> None:
        self._uplink, self._way, self._clock = uplink, way, clock
        self._took = TELEMETRY.durations("badge.upload.duration", "Duration of uploads.")

    @property
    def trouble(self) -> str | None:
        """What went wrong last."""
        return self._uplink.trouble

    @trouble.setter
    def trouble(self, what: str | None) -> None:
        self._uplink.trouble = what

    async def send(self, upload: Upload) -> UploadAnswer:
        """Send a batch."""
        told: dict[str, str | int] = {"badge.uplink": self._way}
        span = TELEMETRY.begin("upload", "client", {**told, "badge.body.size": len(upload.body)})
        begun_ns = self._clock.monotonic_ns()
        try:
            answer = await self._uplink.send(upload)
            if answer.status is None:
                told["error.type"] = "no_answer"
            else:
                told["http.response.status_code"] = answer.status
                if answer.status >= _FAILED:
                    told["error.type"] = str(answer.status)
            self._took((self._clock.monotonic_ns() - begun_ns) / 1e9, told)
            if error := told.get("error.type"):
                span.failed(str(error))
            return answer
        finally:
            span.tell(told)
            span.end()


def watched_uplink(way: str, clock: Clock) -> Callable[[Uplink], Uplink]:
    """Return what is put before an uplink; nothing if nobody listens."""
    if not TELEMETRY.on:
        return lambda uplink: uplink
    return lambda uplink: WatchedUplink(uplink, way, clock)


def watch_badge(counts: Counts, store: FlashJournal, view: CardView) -> None:
    """Let the figures of a badge be read whenever metrics are sent."""
    TELEMETRY.counter(
        "badge.events", "{event}", "Events logged.", lambda: _by("badge.event.type", counts.events)
    )
    TELEMETRY.counter(
        "badge.notices",
        "{notice}",
        "Notices, by their subject.",
        lambda: _by("badge.notice.about", counts.notices),
    )
    TELEMETRY.gauge(
        "badge.queue.events",
        "{event}",
        "Events that wait for an upload.",
        lambda: [(len(store.queue.entries), {})],
    )
    TELEMETRY.gauge(
        "badge.battery.voltage",
        "V",
        "Voltage of the battery.",
        lambda: [] if view.volts is None else [(view.volts, {})],
    )
    TELEMETRY.gauge(
        "badge.link.connected",
        "1",
        "1 while the Notecard is connected.",
        lambda: [(int(view.connected), {})],
    )


def _by(attribute: str, counted: dict[str, int]) -> Reading:
    told: list[tuple[float, Attributes]] = []
    for name, count in list(counted.items()):
        told.append((count, {attribute: name}))
    return told
