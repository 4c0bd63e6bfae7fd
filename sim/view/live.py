"""A picture that grows: what came since is handed on, and lanes are drawn anew now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from badge.errors import InputError
from badge.host.recording_file import is_recording
from sim.view.model.columns import EVENT, SETTLED, Columns, columns_of, joined, packed, rows_of
from sim.view.model.events import fate_place
from sim.view.model.picture import Picture, picture_of
from sim.view.page import framed
from sim.view.sources.chaos import SCHEME, chaos_named
from sim.view.sources.event_file import EventFile
from sim.view.sources.growing import GrowingRecording
from sim.view.sources.opened import Opened, Source
from sim.view.sources.running import RunningRun, running_in
from sim.view.sources.store import IngestTables, is_store

LANES_EVERY_S = 1.0
COST_SHARE = 10.0  # lanes take at most a tenth of the time
_DRAWN = ("words", "texts", "sides", "span", "devices", "tags", "notes", "site", "origin", "facts")


def source_of(
    name: str, path: Path, recordings: Path | None = None, *, follow: bool
) -> Source | None:
    """Give what a name means if it is alive; None for what is finished.

    `chaos:N` is a seed that runs now.  A file of events or a recording is alive if one says so.
    """
    if name.startswith(SCHEME):
        return chaos_named(name)
    if (folder := running_in(path)) is not None:
        return RunningRun(folder, recordings)
    if is_store(path):
        return IngestTables(path)
    if not follow:
        return None
    if is_recording(path):
        return GrowingRecording(path)
    if path.is_file():
        return EventFile(path)
    raise InputError(
        f"{path}: --follow goes along with a file, and there is none yet;"
        " start badge run --record first"
    )


class Growing:
    """Something alive, for the page: the whole of it, then what is new.

    `clock` tells seconds; it is handed in so that tests need not wait.
    """

    def __init__(self, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._came: list[Columns] = []  # the events, block by block as they came
        self._settled: list[tuple[int, Columns]] = []  # since which version, and which
        self._picture: Picture | None = None
        self._whole: Opened | None = None  # what it has become
        self._version = self._begun = 0  # clients of before `_begun` need all of it
        self._generation = source.generation
        self._drawn_s = self._cost_s = 0.0
        self._is_stale = False

    def whole(self) -> bytes:
        """Give all there is now."""
        self._read(to_the_end=True)
        return self._all()

    def news(self, epoch: int, rows: int) -> bytes | None:
        """Give the events after so many, and the lanes if they were drawn since `epoch`.

        Where what was given before counts no more, all of it is given, and marked `whole`.
        """
        self._read()
        if epoch < self._begun:
            return self._all(whole=True)
        if self._whole is not None:
            return None
        if self._is_stale and self._may_draw():
            self._draw()
        if rows >= sum(map(rows_of, self._came)) and epoch >= self._version:
            return None
        return self._more(epoch, rows)

    def _more(self, epoch: int, rows: int) -> bytes:
        more = self._after(rows)
        tables: dict[str, Columns] = {"events": more}
        document: dict[str, Any] = {"rows": rows_of(more), "epoch": self._version}
        picture = self._picture
        if picture is not None and epoch < self._version:
            tables |= {name: picture.tables[name] for name in ("spans", "samples", "marks")}
            later = [columns for version, columns in self._settled if version > epoch]
            tables["settled"] = joined(later, SETTLED)
            document |= {name: picture.document[name] for name in _DRAWN}
        else:
            events = self._source.rows
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
        return self._source.details(at) if self._whole is None else self._whole.details(at)

    def _all(self, **more: bool) -> bytes:
        picture = self._draw() if self._whole is None else self._whole.picture
        document, columns = picture.payload()
        alive = self._whole is None
        return framed({**document, **more, "live": alive, "epoch": self._version}, columns)

    def _read(self, *, to_the_end: bool = False) -> None:
        if self._whole is not None:
            return
        source = self._source
        while source.read():
            self._is_stale = True
            if source.generation != self._generation:
                self._generation = source.generation
                self._came, self._settled = [], []
                self._version += 1
                self._begun = self._version
            rows = source.rows
            if rows.rows:
                self._came.append(columns_of(rows.rows, EVENT))
                rows.rows = []
            if not to_the_end:
                break
        self._whole = source.whole()
        if self._whole is not None:
            self._version += 1
            self._begun = self._version

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
        self._version += 1
        self._settle(whole)
        rows = self._source.rows
        rows.blocks = [whole]
        self._picture = picture_of(self._source.draft())
        rows.blocks = []
        self._is_stale = False
        self._drawn_s = self._clock()
        self._cost_s = self._drawn_s - begun_s
        return self._picture

    def _settle(self, whole: Columns) -> None:
        """Put the fates that were settled since; a source that settles numbers its events."""
        found = self._source.settled()
        if not found:
            return
        rows = [(at, fate.lag_s, fate_place(fate)) for at, fate in found]
        settled = columns_of(rows, SETTLED)
        places = settled["at"].astype(np.int64)
        whole["fate"][places], whole["lag_s"][places] = settled["fate"], settled["lag_s"]
        self._settled.append((self._version, settled))
