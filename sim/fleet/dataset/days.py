"""The rows of a part, badge after badge, sorted into a file for each day of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.host.files import append_lines
from sim.fleet.output.parts import BadgeResult
from sim.scenario.language.times import SiteClock

NO_DAY = "none"  # of a badge that never learnt the time
_STAMP = b'"timestamp_utc":"'
_MINUTE = len("2026-03-16T07:10")


class DayFiles:
    """Collects lines by table and day in a folder of this machine.

    An event is of the day that its timestamp says, on the site's clock; one without a timestamp
    is of the day of the row before it, or of the first one after.
    """

    def __init__(self, folder: Path, clock: SiteClock) -> None:
        self._folder, self._clock = folder, clock
        self._days: dict[bytes, str] = {}
        self.rows: dict[tuple[str, str], int] = {}

    def add(self, parts: Path, result: BadgeResult) -> None:
        """Take in a badge that is done; its parts are removed."""
        stem = parts / f"{result.index:06d}"
        truths, events = stem.with_suffix(".truth"), stem.with_suffix(".events")
        by_day: dict[str, list[bytes]] = {}
        own: dict[str, list[bytes]] = {}
        with truths.open("rb") as rows, events.open("rb") as logged:
            for day, row in self._dated(rows):
                by_day.setdefault(day, []).append(row)
                if _STAMP in row[:400]:
                    own.setdefault(day, []).append(next(logged))
        self._keep("truth/events", by_day)
        self._keep("events", own)
        for name, table in result.tables.items():
            self._keep(f"truth/{name}", self._tabled(table))
        for path in parts.glob(f"{result.index:06d}.*"):
            path.unlink()

    def path(self, table: str, day: str) -> Path:
        """Give the file of a table's day."""
        return self._folder / f"{table.replace('/', '-')}-{day}"

    def _keep(self, table: str, by_day: Mapping[str, list[bytes]]) -> None:
        for day, lines in by_day.items():
            append_lines(self.path(table, day), lines)
            self.rows[table, day] = self.rows.get((table, day), 0) + len(lines)

    def _dated(self, rows: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
        waiting: list[bytes] = []
        day: str | None = None
        for row in rows:
            begins = row.find(_STAMP, 0, 400)
            if begins >= 0:
                begins += len(_STAMP)
                day = self._day_of(row[begins : begins + _MINUTE])
                yield from ((day, one) for one in waiting)
                waiting.clear()
            if day is None:
                waiting.append(row)
            else:
                yield day, row
        yield from ((NO_DAY, one) for one in waiting)

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
            day = self._day_of(row["start"][:_MINUTE].encode())
            found.setdefault(day, []).append(to_json(row) + b"\n")
        return found
