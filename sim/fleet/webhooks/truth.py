"""The truth about the platforms' events: what belongs to what, and how many each is to get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic_core import to_json

from badge.host.files import named, named_file
from sim.fleet.output.parquet import write_table
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.event import moment
from sim.platforms.kit.simulation import Made
from sim.world.place import Times

FILE = "platforms"
HIDDEN = "(secret)"
COLUMNS = {
    **dict.fromkeys(("platform", "event_type", "key", "timestamp_utc", "cause"), "text"),
    **dict.fromkeys(("device_id", "worker_id"), "text"),
    **dict.fromkeys(("first_sequence", "last_sequence", "latest_sequence"), "int"),
    **dict.fromkeys(("lat", "lon"), "float"),
    "hotspot": "text",
    "mm": "int",
    **dict.fromkeys(("cell_id", "outcome", "response"), "text"),
    **dict.fromkeys(("posted", "accepted"), "bool"),
}


@dataclass(slots=True)
class EventTruth:
    """An event of a platform, and whether it was posted, and accepted."""

    platform: str
    made: Made
    posted: bool = False
    accepted: bool = False


class WebhookTruth:
    """Keeps every event that was made and every delivery, and writes both down.

    `folder` gets `<platform>.ndjson`, one body a line, and `<platform>.headers.ndjson`, what goes
    with the line of the same number; values in `hidden` are secrets.
    """

    def __init__(self, folder: Path, hidden: Iterable[str] = ()) -> None:
        self._folder = folder
        self._hidden = frozenset(hidden)
        self._lines: dict[tuple[str, str], EventTruth] = {}
        self.posts: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._files: dict[str, BinaryIO] = {}

    def note(self, platform: str, made: Iterable[Made]) -> None:
        """Take in new events."""
        for one in made:
            self._lines[platform, one.key] = EventTruth(platform, _light(one))

    def knows(self, platform: str, key: str) -> bool:
        """Say whether an event is known."""
        return (platform, key) in self._lines

    def post(self, platform: str, delivery: Delivery, utc_ms: int) -> None:
        """A delivery leaves."""
        self.posts[platform] += 1
        for key in delivery.keys:
            self._lines[platform, key].posted = True
        headers = {
            name: HIDDEN if value in self._hidden else value for name, value in delivery.headers
        }
        more = {"at": _iso(utc_ms), "attempt": delivery.attempt, "headers": headers}
        self._append(f"{platform}.ndjson", delivery.body)
        self._append(f"{platform}.headers.ndjson", to_json(more))

    def answer(self, platform: str, delivery: Delivery, *, accepted: bool) -> None:
        """The receiver has answered, or not."""
        self.failed[platform] += not accepted
        for key in delivery.keys:
            self._lines[platform, key].accepted |= accepted

    def _append(self, name: str, line: bytes) -> None:
        path = self._folder / name
        try:
            if name not in self._files:
                self._folder.mkdir(exist_ok=True)
                self._files[name] = path.open("wb")
            self._files[name].write(line + b"\n")
        except OSError as error:
            raise named(error, path) from None

    def close(self) -> None:
        """Close the files of what was posted."""
        for name, file in self._files.items():
            try:
                file.close()
            except OSError as error:
                raise named(error, self._folder / name) from None
        self._files.clear()

    def counts(self, platforms: Iterable[str]) -> dict[str, Any]:
        """Give what each platform's receiver is to have got: distinct events, and by type."""
        return {name: self._counts(name) for name in platforms}

    def _counts(self, platform: str) -> dict[str, Any]:
        lines = [one for one in self._lines.values() if one.platform == platform]
        by_type = Counter(one.made.type for one in lines if one.posted)
        return {
            "events": by_type.total(),
            "posts": self.posts[platform],
            "not_posted": len(lines) - by_type.total(),
            "by_type": dict(sorted(by_type.items())),
        }

    def accepted(self, platform: str) -> int:
        """Count the distinct events that the receiver has accepted."""
        return sum(one.accepted for one in self._lines.values() if one.platform == platform)

    def write(
        self,
        truth: Path,
        start_unix_ms: int,
        numbers: Mapping[str, Times],
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Write truth/platforms.ndjson, and as Parquet where pyarrow is.

        `numbers` holds, by badge, (ms of the run, sequence number) of its own events, in order.
        """
        rows = [_row(one, start_unix_ms, numbers) for one in self._lines.values()]
        with named_file(truth / f"{FILE}.ndjson") as file:
            file.writelines(to_json(row) + b"\n" for row in rows)
        write_table(truth / f"{FILE}.parquet", rows, COLUMNS, facts)


def _light(made: Made) -> Made:
    """Leave out a batch's body: it is in the event itself."""
    cause = made.cause
    if cause is None or not cause.facts.get("body"):
        return made
    facts = {name: fact for name, fact in cause.facts.items() if name != "body"}
    return replace(made, cause=replace(cause, facts=facts))


def _row(line: EventTruth, start_unix_ms: int, numbers: Mapping[str, Times]) -> dict[str, Any]:
    made, cause = line.made, line.made.cause
    facts = {} if cause is None else cause.facts
    return {
        "platform": line.platform,
        "event_type": made.type,
        "key": made.key,
        "timestamp_utc": _iso(made.utc_ms),
        "cause": None if cause is None else cause.name,
        "device_id": (cause and cause.device_id) or None,
        "worker_id": cause and cause.worker_id,
        "first_sequence": cause and cause.first,
        "last_sequence": cause and cause.last,
        "latest_sequence": _latest(made, start_unix_ms, numbers),
        "lat": facts.get("lat"),
        "lon": facts.get("lon"),
        "hotspot": facts.get("hotspot"),
        "mm": made.facts.get("mm"),
        "cell_id": made.facts.get("cell_id"),
        "outcome": made.facts.get("outcome"),
        "response": made.facts.get("response"),
        "posted": line.posted,
        "accepted": line.accepted,
    }


def _latest(made: Made, start_unix_ms: int, numbers: Mapping[str, Times]) -> int | None:
    """Give the badge's last own event up to the moment of this one."""
    own = numbers.get(made.cause.device_id) if made.cause else None
    if own is None:
        return None
    at = int(np.searchsorted(own[:, 0], made.utc_ms - start_unix_ms, side="right")) - 1
    return None if at < 0 else int(own[at, 1])


def _iso(utc_ms: int) -> str:
    return f"{moment(utc_ms):%Y-%m-%dT%H:%M:%S}.{utc_ms % 1000:03d}Z"
