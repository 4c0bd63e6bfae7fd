"""Two files of events side by side, aligned as `badge replay` aligns a recording with its replay.

Numbers do not lead here: an event that one file lacks is one difference, though all that follow
are numbered otherwise.  A store that keeps numbers is compared by them, in `reconciliation`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from badge.contract.differences import ABSENT
from badge.contract.validation import ENVELOPE_FIELDS
from badge.errors import InputError
from badge.recording.alignment import Difference, align
from badge.recording.format import Wrote
from badge.words import counted
from sim.reconcile.comparison.rows import moment_of, words_of_moment
from sim.reconcile.stores.files import open_table
from sim.reconcile.stores.ndjson import NdjsonTable

KINDS = ("missing", "extra", "changed")
EVENTS_MAX = 200_000  # of one file, from the first difference on: they are held in memory
SIDES = ("logged", "held")
_A_MOMENT = "2026-03-14T06:47:00Z"

_Row = tuple[str, Mapping[str, Any]]


@dataclass(slots=True)
class Aligned:
    """What differs, device by device in the order of the files, and how many events each has."""

    logged: int = 0
    held: int = 0
    found: list[tuple[str, Difference]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Give how many there are of each kind."""
        met = Counter(one.kind for _, one in self.found)
        return {kind: met[kind] for kind in KINDS}


def are_events(*paths: Path) -> bool:
    """Tell whether each is a text file that begins with an event as a badge sends it."""
    return all(path.is_file() and _begins_with_event(path) for path in paths)


def align_files(logged: Path, held: Path, events_max: int = EVENTS_MAX) -> Aligned:
    """Compare the files; InputError with the place of what is no event, or for too many.

    Memory holds what comes from the first difference on.
    """
    sides = _rows(logged), _rows(held)
    made = Aligned()
    one, other = next(sides[0], None), next(sides[1], None)
    while one is not None and other is not None and _same(one, other):
        made.logged, made.held = made.logged + 1, made.held + 1
        one, other = next(sides[0], None), next(sides[1], None)
    wanted, had = (
        _by_device(chain([first] if first else [], rest), path, events_max)
        for first, rest, path in ((one, sides[0], logged), (other, sides[1], held))
    )
    made.logged += sum(map(len, wanted.values()))
    made.held += sum(map(len, had.values()))
    for device_id in dict.fromkeys((*wanted, *had)):
        found = align(wanted.get(device_id, []), had.get(device_id, []))
        made.found += [(device_id, difference) for difference in found]
    return made


def text_of(device_id: str, difference: Difference, *, wide: bool = False) -> str:
    """Show both sides of a difference, as a replay does; a wide one has milliseconds, too."""
    return f"{device_id}: {difference.text(SIDES, wide=wide)}"


def document_of(device_id: str, difference: Difference) -> dict[str, Any]:
    """Return a difference as a JSON object: the events that there are, and the fields changed."""
    sides = zip(SIDES, (difference.wanted, difference.logged), strict=True)
    made: dict[str, Any] = {"kind": difference.kind, "device_id": device_id}
    made |= {side: dict(line.event) for side, line in sides if line is not None}
    changes = [
        {"field": name} | {s: v for s, v in zip(SIDES, (old, new), strict=True) if v is not ABSENT}
        for name, old, new in difference.changes()
    ]
    return made | ({"changes": changes} if changes else {})


def _begins_with_event(path: Path) -> bool:
    table = open_table(path)
    if not isinstance(table, NdjsonTable):
        return False
    try:
        _, row = next(table.objects())
    except (StopIteration, InputError):
        return False  # whoever reads it as a log or a store says what is wrong with it
    return row.keys() == set(ENVELOPE_FIELDS)


def _rows(path: Path) -> Iterator[_Row]:
    for place, row in NdjsonTable(path).objects():
        number = row.get("sequence_number")
        if not isinstance(row.get("device_id"), str) or type(number) is not int:
            raise InputError(
                f"{place}: no event with a device_id and a sequence_number; mend or remove it, or "
                "compare by numbers with --by-number"
            )
        yield place, _in_our_words(row)


def _in_our_words(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event with its moment spelled as a badge does: a warehouse's words are no difference."""
    said = row.get("timestamp_utc")
    if isinstance(said, str) and len(said) == len(_A_MOMENT) and said.endswith("Z"):
        return row
    words = words_of_moment(moment_of(said))
    return row if words is None or words == said else {**row, "timestamp_utc": words}


def _same(one: _Row, other: _Row) -> bool:
    """Tell whether no difference can be between them: the same words for the same values."""
    return repr(one[1]) == repr(other[1])


def _by_device(rows: Iterator[_Row], path: Path, events_max: int) -> dict[str, list[Wrote]]:
    found: dict[str, list[Wrote]] = {}
    for count, (_, event) in enumerate(rows):
        if count == events_max:
            raise InputError(
                f"{path}: more than {counted(events_max, 'event')} from the first difference on; "
                "--by-number compares in bounded memory"
            )
        found.setdefault(event["device_id"], []).append(Wrote(0, event))
    return found
