"""A track of several outings: which one is meant, so that nothing is invented in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise

from badge.errors import InputError
from badge.words import counted, listed
from sim.sources.track import Track, TrackPoint

GAP_MAX_MS = 6 * 3_600_000
"""A longer silence ends an outing: no shift has a break of six hours, every night has one."""

ALONE = "alone in time"
# A single point far from all others is a wrong clock (a receiver's reset date) if there are others
# enough to say what the walk was; of two or three points none can be called the wrong one.
_COMPANY_MIN = 3


_REMEDY = "take one with --outing N, cut with --from and --until, or insist with --through-gaps"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user said of a track with gaps.

    Which outing, counted from 1; from and until when, as a moment (UTC) or as a time of day of the
    track's first day; or that the gaps are meant.  `remedy` tells how it could have been said.
    """

    outing: int | None = None
    begin: datetime | time | None = None
    end: datetime | time | None = None
    through_gaps: bool = False
    remedy: str = _REMEDY


def chosen(track: Track, choice: Choice, name: str) -> Track:
    """The part of a track that is meant, without points that stand alone in time.

    InputError names the gap and its two ends when several outings are left, and when nothing is.
    """
    parts, lone = _without_lone(list(outings(track.points)), choice)
    begin_ms, end_ms = (_utc_ms(at, parts[0][0].utc_ms) for at in (choice.begin, choice.end))
    kept = [
        point
        for part in parts
        for point in part
        if (begin_ms is None or point.utc_ms >= begin_ms)
        and (end_ms is None or point.utc_ms <= end_ms)
    ]
    if not kept:
        raise InputError(
            f"{name}: nothing between --from and --until; it goes from "
            f"{_moment(parts[0][0].utc_ms)} to {_moment(parts[-1][-1].utc_ms)}"
        )
    parts = list(outings(kept))
    if choice.outing is not None:
        if not 1 <= choice.outing <= len(parts):
            raise InputError(f"{name}: no outing {choice.outing}; it has {_listed(parts)}")
        parts = [parts[choice.outing - 1]]
    if len(parts) > 1 and not choice.through_gaps:
        raise InputError(_several(parts, name, choice.remedy))
    points = tuple(point for part in parts for point in part)
    return Track(points, track.skipped.and_also(ALONE, lone))


def _without_lone(
    parts: list[list[TrackPoint]], choice: Choice
) -> tuple[list[list[TrackPoint]], int]:
    if choice.through_gaps or max(map(len, parts)) < _COMPANY_MIN:
        return parts, 0
    kept = [part for part in parts if len(part) > 1]
    return kept, len(parts) - len(kept)


def _utc_ms(at: datetime | time | None, first_utc_ms: int) -> int | None:
    if at is None:
        return None
    if isinstance(at, time):
        at = datetime.combine(datetime.fromtimestamp(first_utc_ms // 1000, UTC).date(), at)
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def outings(points: Sequence[TrackPoint]) -> Iterator[list[TrackPoint]]:
    """The points in runs between which no silence is longer than six hours."""
    part = [points[0]]
    for before, after in pairwise(points):
        if after.utc_ms - before.utc_ms > GAP_MAX_MS:
            yield part
            part = []
        part.append(after)
    yield part


def _several(parts: list[list[TrackPoint]], name: str, remedy: str) -> str:
    gaps = [(before[-1].utc_ms, after[0].utc_ms) for before, after in pairwise(parts)]
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return (
        f"{name}: nothing is known from {_moment(begin)} to {_moment(end)} "
        f"({_length(end - begin)}): it has {_listed(parts)}; {remedy}"
    )


def _listed(parts: list[list[TrackPoint]]) -> str:
    outings = [
        f"{number} ({counted(len(part), 'point')} from {_moment(part[0].utc_ms)})"
        for number, part in enumerate(parts, start=1)
    ]
    what = "outing" if len(parts) == 1 else f"{counted(len(parts), 'outing')}:"
    return f"{what} {listed(outings)}"


def _moment(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _length(span_ms: int) -> str:
    hours = span_ms // 3_600_000
    return f"{hours} h" if hours < 48 else f"{counted(hours // 24, 'day')}"
