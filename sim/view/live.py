"""A picture that grows: what came since is handed on, and lanes are drawn anew now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from badge.errors import InputError
from sim.view.model.columns import EVENT, Columns, columns_of, joined, packed, rows_of
from sim.view.model.events import EventRows
from sim.view.model.picture import Draft, Picture, picture_of
from sim.view.page import framed
from sim.view.sources.chaos import SCHEME, ChaosRun
from sim.view.sources.event_file import EventFile
from sim.view.sources.running import RunningRun, running_in
from sim.view.sources.store import IngestTables, is_store

LANES_EVERY_S = 1.0
COST_SHARE = 10.0  # lanes take at most a tenth of the time


class Source(Protocol):
    """Something that grows; `rows` has all that was read, in the order in which it came."""

    rows: EventRows

    def read(self) -> int:
        """Read what is new; gives how many events."""

    def draft(self) -> Draft:
        """Give what has been read."""

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""


def source_of(name: str, path: Path, *, follow: bool) -> Source | None:
    """Give what a name means if it is alive; None for what is finished.

    `chaos:N` is a seed that runs now.  A file of events or a recording is alive if one says so.
    """
    if name.startswith(SCHEME):
        seed = name.removeprefix(SCHEME)
        if not seed.isdecimal() or len(seed) > 18:
            raise InputError(f"{name}: write chaos: and a seed, like chaos:7")
        return ChaosRun(int(seed))
    if (folder := running_in(path)) is not None:
        return RunningRun(folder)
    if is_store(path):
        return IngestTables(path)
    return EventFile(path) if follow and path.is_file() else None


class Growing:
    """Something alive, for the page: the whole of it, then what is new.

    `clock` tells seconds; it is handed in so that tests need not wait.
    """

    def __init__(self, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._came: list[Columns] = []  # the events, block by block as they came
        self._picture: Picture | None = None
        self._version = 0
        self._drawn_s = self._cost_s = 0.0
        self._drawn_rows = -1

    def whole(self) -> bytes:
        """Give all there is now."""
        self._read()
        picture = self._draw()
        document, columns = picture.payload()
        return framed({**document, "live": True, "epoch": self._version}, columns)

    def news(self, epoch: int, rows: int) -> bytes | None:
        """Give the events after so many, and the lanes if they were drawn since `epoch`."""
        self._read()
        all_rows = sum(map(rows_of, self._came))
        if all_rows != self._drawn_rows and self._may_draw():
            self._draw()
        if rows >= all_rows and epoch >= self._version:
            return None
        more = self._after(rows)
        events = self._source.rows
        tables: dict[str, Columns] = {"events": more}
        document: dict[str, Any] = {"rows": rows_of(more), "epoch": self._version}
        picture = self._picture
        if picture is not None and epoch < self._version:
            tables |= {name: picture.tables[name] for name in ("spans", "samples", "marks")}
            document |= {name: picture.document[name] for name in ("words", "texts", "span")}
            document["devices"] = picture.document["devices"]
            document["tags"] = picture.document["tags"]
        else:
            document["devices"] = [
                {"id": name, "worker": events.workers.get(place, "")}
                for place, name in enumerate(events.devices.words)
            ]
            document["tags"] = [{"mac": mac, "name": mac} for mac in events.tags.words]
        if rows_of(more):
            document["last"] = float(np.nanmax(more["t_ms"]))
            document["first"] = float(np.nanmin(more["t_ms"]))
        document["layout"], content = packed(tables)
        return framed(document, content)

    def about(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""
        return self._source.details(at)

    def _read(self) -> None:
        if self._source.read():
            rows = self._source.rows
            fresh = columns_of(rows.rows, EVENT)
            rows.rows = []
            self._came.append(fresh)

    def _after(self, rows: int) -> Columns:
        parts: list[Columns] = []
        seen = sum(map(rows_of, self._came))
        for block in reversed(self._came):
            seen -= rows_of(block)
            if seen < rows:
                parts.append({name: column[rows - seen :] for name, column in block.items()})
                break
            parts.append(block)
        return joined(parts[::-1], EVENT)

    def _may_draw(self) -> bool:
        return self._clock() - self._drawn_s >= max(LANES_EVERY_S, self._cost_s * COST_SHARE)

    def _draw(self) -> Picture:
        begun_s = self._clock()
        whole = joined(self._came, EVENT)
        self._came = [whole]
        rows = self._source.rows
        rows.blocks = [whole]
        self._picture = picture_of(self._source.draft())
        rows.blocks = []
        self._version += 1
        self._drawn_rows = rows_of(whole)
        self._drawn_s = self._clock()
        self._cost_s = self._drawn_s - begun_s
        return self._picture
