"""What sources give: a picture, or one that grows, and how to read all about one event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sim.view.model.events import EventRows, Fate
from sim.view.model.picture import Draft, Picture
from sim.view.model.retold import Retold

Tell = Callable[[int], None]
LINE_BYTES_MAX = 1 << 20


def _untold(device: str) -> None:
    """Nobody has recorded this badge."""


@dataclass(slots=True)
class Opened:
    """A picture and its `details`: from where an event lies to all there is about it, as JSON.

    `retold` gives what the recording of a badge tells, if there is one.
    """

    picture: Picture
    details: Callable[[int], dict[str, Any]]
    retold: Callable[[str], Retold | None] = _untold

    def about(self, row: int) -> dict[str, Any]:
        """Give all there is about the event of a row."""
        return self.details(int(self.picture.tables["events"]["at"][row]))


class Settled(NamedTuple):
    """An event of before whose fate has been settled since; `at` is where it lies."""

    at: int
    fate: Fate


class Source(Protocol):
    """Something alive; `rows` has what was read and not yet taken, in the order it came.

    `generation` changes when all that was read counts no more, and is in `rows` once more.
    """

    rows: EventRows
    generation: int

    def read(self) -> int:
        """Read what is new; gives how many events."""

    def settled(self) -> list[Settled]:
        """Give the fates that were settled since the last call."""

    def draft(self) -> Draft:
        """Give what has been read."""

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""

    def whole(self) -> Opened | None:
        """Give what it has become, if it has ended and is whole now."""


class GrowsOnly:
    """The part of `Source` that is the same for what is only added to."""

    generation = 0

    def settled(self) -> list[Settled]:
        """Nothing changes afterwards."""
        return []

    def whole(self) -> Opened | None:
        """It has no end."""
        return None


def lines_with_places(
    path: Path, tell: Tell | None = None, start: int = 0
) -> Iterable[tuple[int, bytes, int]]:
    """Yield (offset, line, end) of every line from there on that is not blank.

    Of one that is too long its beginning is given, without a newline; `end` is behind it all.
    """
    offset = start
    with path.open("rb") as file:
        file.seek(start)
        while raw := file.readline(LINE_BYTES_MAX):
            start, offset = offset, offset + len(raw)
            rest = raw
            while len(rest) == LINE_BYTES_MAX and not rest.endswith(b"\n"):
                rest = file.readline(LINE_BYTES_MAX)
                offset += len(rest)
            if raw.strip():
                yield start, raw, offset
            if tell is not None:
                tell(offset)


def line_at(path: Path, offset: int) -> bytes:
    """Read one line again."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.readline(LINE_BYTES_MAX)
