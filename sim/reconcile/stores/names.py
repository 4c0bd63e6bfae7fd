"""What the backend calls the tables and columns that the comparison knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from badge.errors import InputError
from badge.words import listed

RAW, CANONICAL, SESSIONS = TABLES = ("raw_events", "canonical_events", "work_sessions")
NAMES_SHOWN: Final = 12  # of the tables and columns that there are

# Names that are tried in turn.  The wire's own name of the time of origin is among them, so that a
# file of events as they were sent is a store too.
_KEY: Final = {"device_id": ("device_id",), "sequence_number": ("sequence_number",)}
COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    RAW: {
        **_KEY,
        "event_type": ("event_type",),
        "event_timestamp": ("event_timestamp", "timestamp_utc"),
        "payload": ("payload",),
        "firmware_version": ("firmware_version",),
    },
    CANONICAL: {**_KEY, "parcel_id": ("parcel_id",), "worker_id": ("worker_id",)},
    SESSIONS: {
        "worker_id": ("worker_id",),
        "parcel_id": ("parcel_id",),
        "start": ("start", "started_at", "start_time", "start_at", "session_start"),
        "end": ("end", "ended_at", "end_time", "end_at", "session_end"),
    },
}
OPTIONAL: Final = {RAW: {"firmware_version"}, CANONICAL: {"parcel_id", "worker_id"}, SESSIONS: ()}


@dataclass(frozen=True, slots=True)
class TableNames:
    """The user's names: table by ours, column by (our table, our column).

    `anywhere` are columns that the user named without a table: tried first in every table, and
    needed in the events alone, since a column's name in one table says little about the others.
    """

    tables: Mapping[str, str]
    columns: Mapping[tuple[str, str], str]
    anywhere: Mapping[str, str] = field(default_factory=dict)

    def table(self, ours: str) -> str:
        """Return what the backend calls a table of ours."""
        return self.tables.get(ours, ours)

    def found(
        self, ours: str, there: Sequence[str], optional: Collection[str] = ()
    ) -> dict[str, str]:
        """Map our columns of a table to those that are `there` (none: an empty file, all right).

        Optional columns that are not there are left out.  InputError for one that is needed, or
        that the user named.
        """
        picked: dict[str, str] = {}
        for column, usual in COLUMNS[ours].items():
            asked = self.columns.get((ours, column))
            named = self.anywhere.get(column)
            if asked is None and ours == RAW:
                asked = named
            elif named is not None:
                usual = (named, *usual)
            candidates = usual if asked is None else (asked,)
            match = next((name for name in candidates if name in there or not there), None)
            if match is not None:
                picked[column] = match
            elif asked is not None or column not in {*OPTIONAL[ours], *optional}:
                raise InputError(
                    f"{self.table(ours)} has no column {' or '.join(candidates)}; it has "
                    f"{listed(there, NAMES_SHOWN)}: name it with --column {ours}.{column}=THEIRS"
                )
        return picked


def parse_names(tables: Iterable[str], columns: Iterable[str]) -> TableNames:
    """Read `--table NAME`, `--table OURS=THEIRS`, `--column [TABLE.]OURS=THEIRS`.

    InputError for what is none of these.
    """
    named: dict[str, str] = {}
    for text in tables:
        ours, equals, theirs = text.partition("=")
        key, name = (ours, theirs) if equals and ours in TABLES else (RAW, text)
        if not _is_name(name):
            raise InputError(f"--table {text}: write it as NAME, or {' or '.join(TABLES)}=NAME")
        named[key] = name
    anywhere: dict[str, str] = {}
    exact: dict[tuple[str, str], str] = {}
    for text in columns:
        ours, _, theirs = text.partition("=")
        table, dot, column = ours.rpartition(".")
        known = [t for t in ([table] if dot else TABLES) if column in COLUMNS.get(t, ())]
        if not known or not _is_name(theirs):
            raise InputError(f"--column {text}: write it as OURS=THEIRS; ours are {_ours()}")
        if dot or known == [known[0]]:
            exact[known[0], column] = theirs
        else:
            anywhere[column] = theirs
    return TableNames(named, exact, anywhere)


def _is_name(text: str) -> bool:
    return bool(text) and "\0" not in text


def _ours() -> str:
    return ", ".join(dict.fromkeys(column for table in TABLES for column in COLUMNS[table]))
