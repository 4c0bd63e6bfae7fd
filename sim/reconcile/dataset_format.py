"""The formats of a data set: how DuckDB reads its files, and when a row is as it was logged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from badge.contract.events import PAYLOAD_FIELDS
from sim.reconcile.comparison.rows import SPREAD
from sim.reconcile.stores.files import open_table
from sim.reconcile.stores.ndjson import NdjsonTable

_OF_WORKERS = sorted(kind for kind, names in PAYLOAD_FIELDS.items() if "worker_id" in names)
_ENVELOPE = ("event_type", "timestamp_utc", "firmware_version")
_EVENT: Final = {
    "device_id": "VARCHAR",
    "sequence_number": "BIGINT",
    **dict.fromkeys(_ENVELOPE, "VARCHAR"),
    "payload": "VARCHAR",  # of an object its JSON, of a text what it says
}
_TRUTH: Final = {
    **_EVENT,
    **dict.fromkeys(("undelivered_why", "worker_id", "parcel_id"), "VARCHAR"),
    "delivered": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """What a data set's files are, in SQL: `same` tells of a truth t and a row s of the store.

    What is not the same by it may yet mean the same: the comparison of the rows decides.
    """

    name: str
    title: str
    same: str
    truth: Callable[[Iterable[Path]], str]
    held: Callable[[Iterable[Path]], str]
    copied: str

    def is_of(self, path: Path) -> bool:
        """Tell by its first bytes whether a file may be read so; InputError if it is unreadable."""
        return isinstance(open_table(path), NdjsonTable) == (self.name == "ndjson")


def _same_columns() -> str:
    """Compare the columns of Parquet; its truth names the worker on every row."""
    kinds = ", ".join(map(quoted, _OF_WORKERS))
    worker = f"CASE WHEN t.event_type IN ({kinds}) THEN t.worker_id END"
    pairs = [_pair(name) for name in (*_ENVELOPE, *SPREAD) if name != "worker_id"]
    return " AND ".join([*pairs, f"{worker} IS NOT DISTINCT FROM s.worker_id"])


def _same_texts() -> str:
    """Compare the texts of NDJSON, the truth's payload spelled as DuckDB spells the store's."""
    payload = "CAST(json(t.payload) AS VARCHAR) IS NOT DISTINCT FROM s.payload"
    return " AND ".join([*map(_pair, _ENVELOPE), payload])


def _pair(name: str) -> str:
    return f't."{name}" IS NOT DISTINCT FROM s."{name}"'


def _parquet(files: Iterable[Path]) -> str:
    return f"read_parquet({_listed(files)}, hive_partitioning = false)"


def _ndjson(columns: Mapping[str, str]) -> Callable[[Iterable[Path]], str]:
    named = ", ".join(f"{name}: {quoted(kind)}" for name, kind in columns.items())
    how = f"format = 'newline_delimited', columns = {{{named}}}, hive_partitioning = false"
    return lambda files: f"read_json({_listed(files)}, {how})"


def _listed(files: Iterable[Path]) -> str:
    return f"[{', '.join(quoted(str(one)) for one in files)}]"


def quoted(word: str) -> str:
    """Write a text in SQL."""
    escaped = word.replace("'", "''")
    return f"'{escaped}'"


FORMATS: Final = {
    one.name: one
    for one in (
        DatasetFormat("parquet", "Parquet", _same_columns(), _parquet, _parquet, "parquet"),
        DatasetFormat("ndjson", "NDJSON", _same_texts(), _ndjson(_TRUTH), _ndjson(_EVENT), "json"),
    )
}
