"""The events of a picture one by one, as every format needs them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from badge.errors import InputError
from sim.view.model.picture import Picture
from sim.world.site import Plane

Degrees = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An event; places in degrees, None what it does not tell; `device` its place in the list."""

    row: int
    t_ms: float
    device: int
    device_id: str
    worker: str
    number: int | None
    kind: str
    said: Degrees | None
    true: Degrees | None
    accuracy_m: float | None
    tag_mac: str | None
    value: float | None
    fate: str
    lag_s: float | None


def rows_of_picture(picture: Picture) -> Iterator[ExportRow]:
    """Yield the events in order of time."""
    document, events = picture.document, picture.tables["events"]
    plane = Plane(*document["origin"]) if document["origin"] else None
    names: tuple[str, ...] = (
        "t_ms",
        "number",
        "x_m",
        "y_m",
        "true_x_m",
        "true_y_m",
        "accuracy_m",
        "value",
    )
    names += ("lag_s", "device", "tag", "kind", "fate")
    columns = (events[name].tolist() for name in names)
    for row, values in enumerate(zip(*columns, strict=True)):
        t_ms, number, x_m, y_m, true_x_m, true_y_m, accuracy_m, value, *rest = values
        lag_s, device, tag, kind, fate = rest
        badge = document["devices"][device]
        yield ExportRow(
            row,
            t_ms,
            device,
            badge["id"],
            badge["worker"],
            None if math.isnan(number) else int(number),
            document["kinds"][kind],
            _degrees(plane, x_m, y_m),
            _degrees(plane, true_x_m, true_y_m),
            _known(accuracy_m),
            None if tag < 0 else document["tags"][tag]["mac"],
            _known(value),
            document["fates"][fate],
            _known(lag_s),
        )


def _degrees(plane: Plane | None, x_m: float, y_m: float) -> Degrees | None:
    if plane is None or math.isnan(x_m) or math.isnan(y_m):
        return None
    return plane.to_latlon(x_m, y_m)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def utc_of(t_ms: float) -> str:
    """Write a moment as ISO 8601."""
    moment = datetime.fromtimestamp(t_ms / 1000.0, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def need_utc(picture: Picture, what: str) -> None:
    """Refuse a format whose moments are UTC where nobody knew it; InputError."""
    if not picture.document["utc"]:
        raise InputError(f"{what} tells moments in UTC, and this badge never learnt it; use csv")
