"""Look into the backend's store: is what it acknowledged there, once, unchanged?"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sim.conformance.kit.check import Check
from sim.conformance.kit.session import BackendUnderTest, HttpSession
from sim.conformance.run import CheckResult
from sim.reconcile.comparison.differences import ALTERED, INVENTED, MISSING, TWICE, Difference
from sim.reconcile.reconciliation import Reconciliation
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconcile.truth import Truth

CLAUSE = "contract 4: (device_id, sequence_number) is there once, as it was sent"
PROMISES = {
    MISSING: ("keeps what it acknowledged", "every acknowledged event in the store"),
    TWICE: ("keeps each event once", "each acknowledged event once in the store"),
    ALTERED: ("keeps events unchanged", "each acknowledged event as it was sent"),
    INVENTED: ("keeps nothing that it refused", "no refused event in the store"),
}
_SHOWN = 5


class _Sink:
    """Keeps the differences that are about this run; a store may hold more than it."""

    def __init__(self, backend: BackendUnderTest) -> None:
        self.of: dict[str, list[Difference]] = defaultdict(list)
        self._kept = backend.acknowledged.events.keys()
        self._refused = backend.acknowledged.refused - self._kept

    def found(self, difference: Difference) -> None:
        """Take note of one."""
        key = (difference.device_id, difference.sequence_number)
        if key in (self._refused if difference.kind == INVENTED else self._kept):
            self.of[difference.kind].append(difference)


def look(
    backend: BackendUnderTest, address: str, tables: Iterable[str], columns: Iterable[str]
) -> Iterator[CheckResult]:
    """Compare the store with what was acknowledged in this run; a result for each promise.

    The address, tables and columns are those of `badge reconcile`.  InputError for a store that
    cannot be read.
    """
    sink = _Sink(backend)
    with tempfile.TemporaryDirectory() as folder:
        logged = Path(folder) / "acknowledged.ndjson"
        with logged.open("w", encoding="utf-8") as file:
            for event in backend.acknowledged.events.values():
                file.write(json.dumps(event) + "\n")
        with open_store(address) as store, scratch() as room:
            Reconciliation(
                Truth(logged, None), store, parse_names(tables, columns), room, sink, _unwatched
            ).run()
    for kind, (name, expected) in PROMISES.items():
        check = Check(name, CLAUSE, "must", (), _already_told)
        found = sink.of[kind]
        if not found:
            yield CheckResult(check, 0.0)
            continue
        few = "; ".join(str(one) for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield CheckResult(check, 0.0, f"{expected}, but {len(found)} {kind}: {few}{more}")


def _unwatched(_words: str, _size: int | None, rows: Iterator[Any]) -> Iterator[Any]:
    return rows


def _already_told(_session: HttpSession) -> None:
    """The store was looked at as a whole; there is nothing to say to the backend."""
