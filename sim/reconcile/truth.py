"""What was logged: a run's truth folder, or a plain file of logged events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badge.contract.documents import DOCUMENT_BYTES_LIMIT, fit, parse
from badge.errors import InputError
from badge.host.documents import read_json, read_lines
from sim.reconcile.comparison.rows import SPREAD, LoggedEvent, logged_of, spread_payload, text_of
from sim.reconcile.comparison.sessions import Session, session_of
from sim.reconcile.stores.files import open_table
from sim.reconcile.stores.ndjson import NdjsonTable

BYTES_MAX = 1 << 30  # the sessions of a large fleet
_FILES = ("events.ndjson", "events.parquet")
_COLUMNS = (
    "device_id",
    "sequence_number",
    "event_type",
    "timestamp_utc",
    "payload",
    "firmware_version",
    "delivered",
    "undelivered_why",
    "worker_id",
    "parcel_id",
)


@dataclass(frozen=True, slots=True)
class _Request:
    device_id: str
    first_sequence: int
    last_sequence: int
    status: int | None


@dataclass(frozen=True, slots=True)
class Truth:
    """A log of events; with `folder` also the true workers, parcels and sessions."""

    events: Path
    folder: Path | None

    def size(self) -> int | None:
        """Guess the number of events."""
        return open_table(self.events).size()

    def logged(self) -> Iterator[LoggedEvent]:
        """Yield every event in the order of the file; InputError with the place of a bad one."""
        for place, row in self._rows():
            event = logged_of(row)
            if isinstance(event, str):
                raise InputError(
                    f"{place}: {event}; name the folder of a run, or what badge record --events "
                    "wrote"
                )
            yield event

    def batches(self) -> Iterator[list[tuple[str, int]]]:
        """Yield the (device, number) of each upload's events, where the run has kept them."""
        run = None if self.folder is None else self.folder.parent
        files = (
            [] if run is None else [run / "batches.ndjson", *sorted(run.glob("batches/*.ndjson"))]
        )
        for path in files:
            if not path.is_file():
                continue
            for place, line in read_lines(path, DOCUMENT_BYTES_LIMIT):
                batch = parse(line, place)
                events = batch if isinstance(batch, list) else []
                events = [one for one in events if isinstance(one, dict)]
                keys = [(one.get("device_id"), one.get("sequence_number")) for one in events]
                yield [(d, n) for d, n in keys if isinstance(d, str) and isinstance(n, int)]

    def answers(self) -> Iterator[tuple[str, int, int, str]]:
        """Yield (device, first number, last number, status) of each upload to a real backend."""
        path = None if self.folder is None else self.folder.parent / "requests.ndjson"
        if path is None or not path.is_file():
            return
        for place, line in read_lines(path):
            one = fit(_Request, parse(line, place), place)
            status = "nothing" if one.status is None else str(one.status)
            yield one.device_id, one.first_sequence, one.last_sequence, status

    def sessions(self) -> list[Session] | None:
        """Return the true work sessions; None where they are not known."""
        path = None if self.folder is None else self.folder / "sessions.json"
        if path is None or not path.is_file():
            return None
        try:
            found = [session_of(row) for row in read_json(path, BYTES_MAX)]
        except (InputError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise InputError(f"{path}: no list of sessions ({error}): run it again") from None
        return found

    def _rows(self) -> Iterator[tuple[str, Any]]:
        file = open_table(self.events)
        if isinstance(file, NdjsonTable):
            yield from file.objects()
            return
        there = file.columns()
        columns = [name for name in _COLUMNS if name in there]
        spread = () if "payload" in there else tuple(name for name in SPREAD if name in there)
        columns += [name for name in spread if name not in columns]
        for number, row in enumerate(file.rows(columns), 1):
            named = dict(zip(columns, row, strict=True))
            if spread:
                named["payload"] = spread_payload(text_of(named.get("event_type")), named)
            yield f"{self.events}: row {number}", named


def read_truth(path: Path) -> Truth:
    """Find the truth of a run's folder, or take a file as the log itself."""
    if path.is_file():
        return Truth(path, None)
    folder = path / "truth"
    for name in _FILES:
        if (folder / name).is_file():
            return Truth(folder / name, folder)
    if not path.exists():
        raise InputError(f"{path}: no such folder or file; name a run's folder or logged events")
    raise InputError(
        f"{path}: there is no truth/events.ndjson in it; name the folder of a badge simulate run"
    )
