"""What can happen on a site that a platform learns of, and one thing that did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "boot",  # a badge has started: reason, firmware
    "off",  # its battery is empty
    "offer",  # the roll-out reached it, and it takes the release: version, before
    "link",  # the cellular network came or went: up
    "upload",  # a batch arrived in the cloud: firmware, certificate, body (None: not asked for)
    "heard",  # a hotspot heard it: hotspot, lat, lon, rssi_dbm, lasts
    "placed",  # the positioning engine places it: hotspot, lat, lon, moving
    "entered",  # its worker's phone entered a cell: cell, lat, lon, origin
    "arrived",  # the worker put it on
    "left",  # the worker hung it up
    "deregistered",  # it was taken out of the Blecon network
    "configured",  # somebody changed a resource of the Blecon network: change, resource
    "rolled",  # the webhook's secret is rolled: ttl_s
    "api_key",  # somebody made an API key: name
    "mark",  # nothing: everything before it has been told
]


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened: to a badge, or to the site (`device_id` empty).

    `of` names the cause that this one follows from, if it does.  `first` and `last` are the
    numbers of the badge's own events that tell the same, None if none does.  `index` is the
    badge's, -1 the site's, and `place` the cause's among its own: they order equal times.
    """

    utc_ms: int
    kind: Kind
    device_id: str = ""
    worker_id: str | None = None
    number: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    of: str | None = None
    index: int = -1
    place: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        """Give what causes are sorted by."""
        return self.utc_ms, self.index, self.place

    @property
    def name(self) -> str:
        """Name it, uniquely in a run; what follows from another cause has that one's name."""
        return self.of or f"{self.device_id or 'site'}/{self.kind}/{self.number}"
