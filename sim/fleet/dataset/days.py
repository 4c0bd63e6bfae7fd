"""The rows of some badges, one badge after the other, sorted by table and day of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.host.files import append_lines
from sim.fleet.output.parts import BadgeResult
from sim.scenario.language.times import SiteClock

NO_DAY = "none"  # of a badge that never learnt the time
HELD_BYTES_MAX = 32 << 20  # then what is held goes to files of this machine
# A quote within a text of JSON has a backslash before it, so this is a row's own time or nothing.
_MINUTE = re.compile(rb'"timestamp_utc":"(.{16})')
_MINUTE_LENGTH = len("2026-03-16T07:10")
Place = tuple[str, str]
"""A table and a day."""


class DayRows:
    """Collects lines by table and day; what is too much for memory lies in a folder.

    An event is of the day that its timestamp says, on the site's clock; one without a timestamp
    is of the day of the row before it, or of the first one after.
    """

    def __init__(
        self, folder: Path, clock: SiteClock, held_bytes_max: int = HELD_BYTES_MAX
    ) -> None:
        self._folder, self._clock, self._most = folder, clock, held_bytes_max
        self._days: dict[bytes, str] = {}
        self._held: dict[Place, list[bytes]] = {}
        self._held_bytes = 0
        self.rows: dict[Place, int] = {}

    def add(self, result: BadgeResult) -> None:
        """Take in a badge whose rows are held."""
        truths, events = (b"".join(result.lines.get(name, ())) for name in (".truth", ".events"))
        days = {self._day_of(minute) for minute in set(_MINUTE.findall(truths))}
        if len(days) > 1:
            self._add_by_row(truths, events)
        else:
            day = days.pop() if days else NO_DAY
            self._keep("truth/events", day, truths, truths.count(b"\n"))
            self._keep("events", day, events, events.count(b"\n"))
        for name, table in result.tables.items():
            for day, lines in self._tabled(table).items():
                self._keep(f"truth/{name}", day, b"".join(lines), len(lines))

    def lines(self, place: Place) -> Iterator[bytes]:
        """Give the lines of a table's day, in the order in which they came."""
        path = self._path(place)
        if path.exists():
            with path.open("rb") as file:
                yield from file
        for block in self._held.get(place, ()):
            yield from BytesIO(block)

    def clear(self) -> None:
        """Forget all."""
        for place in self.rows:
            self._path(place).unlink(missing_ok=True)
        self.rows.clear()
        self._held.clear()
        self._held_bytes = 0

    def _path(self, place: Place) -> Path:
        table, day = place
        return self._folder / f"{table.replace('/', '-')}-{day}"

    def _keep(self, table: str, day: str, block: bytes, rows: int) -> None:
        if not rows:
            return
        place = table, day
        self._held.setdefault(place, []).append(block)
        self._held_bytes += len(block)
        self.rows[place] = self.rows.get(place, 0) + rows
        if self._held_bytes > self._most:
            for one, blocks in self._held.items():
                append_lines(self._path(one), blocks)
            self._held.clear()
            self._held_bytes = 0

    def _add_by_row(self, truths: bytes, events: bytes) -> None:
        by_day: dict[str, list[bytes]] = {}
        own: dict[str, list[bytes]] = {}
        logged = BytesIO(events)
        for day, row, is_stamped in self._dated(BytesIO(truths)):
            by_day.setdefault(day, []).append(row)
            if is_stamped:
                own.setdefault(day, []).append(next(logged))
        for table, found in (("truth/events", by_day), ("events", own)):
            for day, lines in found.items():
                self._keep(table, day, b"".join(lines), len(lines))

    def _dated(self, rows: Iterable[bytes]) -> Iterator[tuple[str, bytes, bool]]:
        """Give of each row its day, itself, and whether it has a time of its own."""
        waiting: list[bytes] = []
        day: str | None = None
        for row in rows:
            stamp = _MINUTE.search(row, 0, 400)
            if stamp is not None:
                day = self._day_of(stamp[1])
                yield from ((day, one, False) for one in waiting)
                waiting.clear()
            if day is None:
                waiting.append(row)
            else:
                yield day, row, stamp is not None
        yield from ((NO_DAY, one, False) for one in waiting)

    def _day_of(self, minute: bytes) -> str:
        """Give the site's date of a minute of UTC."""
        day = self._days.get(minute)
        if day is None:
            moment = datetime.fromisoformat(minute.decode()).replace(tzinfo=UTC)
            unix_ms = int(moment.timestamp()) * 1000
            day = self._days[minute] = self._clock.date_at(unix_ms).isoformat()
        return day

    def _tabled(self, table: list[dict[str, Any]]) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for row in table:
            day = self._day_of(row["start"][:_MINUTE_LENGTH].encode())
            found.setdefault(day, []).append(to_json(row) + b"\n")
        return found
