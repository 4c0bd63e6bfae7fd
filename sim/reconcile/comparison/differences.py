"""One thing that a backend has wrong, for people on a line and for machines as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.reconcile.comparison.changes import Change
from sim.reconcile.comparison.rows import words_of_moment

MISSING, TWICE, ALTERED, INVENTED, OUT_OF_ORDER = STORED = (
    "missing",
    "twice",
    "altered",
    "invented",
    "out_of_order",
)
PARCEL, WORKER, SESSION = DERIVED = ("parcel", "worker", "session")


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of a kind of STORED (the store is wrong) or DERIVED (what it concluded is)."""

    kind: str
    device_id: str | None
    sequence_number: int | None
    changes: tuple[Change, ...] = ()
    note: str = ""
    event_type: str | None = None  # these two are for whoever looks for what they share
    moment: int | None = None

    def document(self) -> dict[str, Any]:
        """Return it as a JSON object, without what is empty."""
        made: dict[str, Any] = {"kind": self.kind}
        if self.device_id is not None:
            made["device_id"] = self.device_id
        if self.sequence_number is not None:
            made["sequence_number"] = self.sequence_number
        if self.moment is not None:
            made |= {"at": words_of_moment(self.moment), "unix_ms": self.moment // 1000}
        if self.changes:
            made["changes"] = [change.document() for change in self.changes]
        return made | ({"note": self.note} if self.note else {})

    def __str__(self) -> str:
        return self.words()

    def words(self, *, wide: bool = False) -> str:
        """Tell it in a line; a wide one has its moment in milliseconds, too."""
        key = [str(part) for part in (self.device_id, self.sequence_number) if part is not None]
        if self.moment is not None:
            key.append(str(words_of_moment(self.moment)))
            if wide:
                key.append(f"({self.moment // 1000} ms)")
        what = "; ".join([*([self.note] if self.note else []), *map(str, self.changes)])
        return "  ".join(part for part in (" ".join(key), what) if part)
