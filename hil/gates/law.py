"""What the samples of a gate must show: one law for every stage (contract section 5).

Each function takes the samples that a stage has measured and returns the figures; the names of
the columns that it reads are in its docstring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import PollGps
from badge.inputs import Assign, Boot, Input, Movement, Tick, Unassign
from badge.storage.memory import MemoryStore
from hil.gates.figures import Figure, Sample, Samples, at_least, at_most, below, exactly

BADGES, HOURS, UPLOAD_HOURS, OUTAGE_HOURS = 5, 72.0, 8.0, 4.0
GPS_SAMPLES, NEAR_M = 30, 15.0
CYCLES, SURE_M, BEYOND_M = 100, 5, 10
QUEUED = 50
_OFF_PERCENT_MAX = 1.0  # "as expected" (contract section 5) needs a figure; this is ours
_POSITIONS = ("gps", "gps_no_fix")
Happening = tuple[int, str, Mapping[str, object]]


def continuous(samples: Samples, hours: float) -> tuple[Figure, ...]:
    """Gate 1: `logged`, `arrived`, `positions`, `expected`, `reboots`, `dropped`, `repeated`."""
    off = max((_off_percent(one) for one in samples), default=100.0)
    online = sum(_of(one, "arrived") > 0 for one in samples)
    lost = _sum(samples, "logged") - _sum(samples, "arrived") + _sum(samples, "dropped")
    return (
        at_least("hours", round(hours, 2), HOURS, " h"),
        exactly("badges online at the end", online, BADGES),
        exactly("reboots after the first", _sum(samples, "reboots"), 0),
        at_most("position events off their number, worst badge", off, _OFF_PERCENT_MAX, " %"),
        exactly("events lost", lost, 0),
        exactly("repeated numbers", _sum(samples, "repeated"), 0),
    )


def _off_percent(one: Sample) -> float:
    """A poll is always under way when the count begins and when it ends: one is no error."""
    off = max(abs(_of(one, "positions") - _of(one, "expected")) - 1, 0)
    return round(100 * off / max(_of(one, "expected"), 1), 2)


def positions(samples: Samples) -> tuple[Figure, ...]:
    """Gate 2: `off_m`, metres from the surveyed point."""
    near = sum(_of(one, "off_m") <= NEAR_M for one in samples)
    return (
        exactly("samples", len(samples), GPS_SAMPLES),
        at_least(f"within {NEAR_M:g} m", _percent(near, len(samples)), 85, " %"),
    )


def detection(samples: Samples) -> tuple[Figure, ...]:
    """Gate 3: `metres`, and `hit`, whether the cycle has detected the tag."""
    found: list[Figure] = []
    for metres, share in ((SURE_M, 85.0), (BEYOND_M, 50.0)):
        hits = [bool(one["hit"]) for one in samples if one["metres"] == metres]
        found += [
            at_least(f"cycles at {metres} m", len(hits), CYCLES),
            _share(f"cycles that detect the tag at {metres} m", hits, share, metres == SURE_M),
        ]
    return tuple(found)


def spots(samples: Samples) -> tuple[Figure, ...]:
    """Tell, without judging, of how many spots (`place`) each would meet gate 3 alone.

    Levels stand still on a bench that nobody walks about: a spot is sure or it is not, here as
    outside, and the gate averages its spots (docs/world.md says how many are which).
    """
    found: list[Figure] = []
    for metres, word in ((SURE_M, "sure"), (BEYOND_M, "out of reach")):
        mine: dict[object, list[bool]] = {}
        for one in samples:
            if one["metres"] == metres:
                mine.setdefault(one["place"], []).append(bool(one["hit"]))
        shares = [_percent(sum(hits), len(hits)) for hits in mine.values()]
        meet = sum(share >= 85.0 if metres == SURE_M else share < 50.0 for share in shares)
        name = f"spots that are {word} at {metres} m"
        found.append(Figure(name, f"{meet} of {len(shares)}", "told, not judged", met=True))
    return tuple(found)


def _share(name: str, hits: Sequence[bool], limit: float, wants_many: bool) -> Figure:
    judge = at_least if wants_many else below
    figure = judge(name, _percent(sum(hits), len(hits)), limit, " %")
    return figure if hits else Figure(name, "no cycle", figure.wanted, False)


def shares(samples: Samples) -> dict[int, float]:
    """Return the share of cycles that detect the tag, by metres."""
    hits: dict[int, list[bool]] = {}
    for one in samples:
        hits.setdefault(round(_of(one, "metres")), []).append(bool(one["hit"]))
    return {metres: sum(found) / len(found) for metres, found in sorted(hits.items())}


def uploads(samples: Samples, hours: float) -> tuple[Figure, ...]:
    """Gate 4: `status` of every attempt, also of those that are repeated."""
    good = sum(one["status"] == 202 for one in samples)
    return (
        at_least("hours", round(hours, 2), UPLOAD_HOURS, " h"),
        at_least("uploads", len(samples), round(2 * hours)),
        at_least("that end in 202", _percent(good, len(samples)), 95, " %"),
    )


def power_cuts(samples: Samples) -> tuple[Figure, ...]:
    """Gate 5: `queued` at the cut, `arrived` of these."""
    queued = min((_of(one, "queued") for one in samples), default=0)
    lost = _sum(samples, "queued") - _sum(samples, "arrived")
    return (
        at_least("power cuts", len(samples), 1),
        at_least("fewest events queued at a cut", queued, QUEUED),
        exactly("queued events that did not arrive", lost, 0),
    )


def outage(
    *, hours: float, failed: int, logged: int, arrived: int, dropped: int, repeated: int
) -> tuple[Figure, ...]:
    """The outage: its length, uploads without an answer, and what became of every event."""
    return (
        at_least("hours without network", round(hours, 2), OUTAGE_HOURS, " h"),
        at_least("uploads without an answer", failed, 1),
        at_least("events logged", logged, 1),
        exactly("events lost", logged - arrived, 0),
        exactly("events dropped", dropped, 0),
        exactly("repeated numbers", repeated, 0),
    )


def expected_positions(
    happenings: Iterable[Happening], config: BadgeConfig, end_ms: int, begin_ms: int = 0
) -> int:
    """Count the position events that a badge owes for its shifts and movements in [begin, end].

    `happenings` are (ms, event type, payload) in the order of time.  The reference is given the
    same shifts and movements, and its polls are counted: each ends in `gps` or `gps_no_fix`.
    """
    badge = Badge(config, MemoryStore())
    told = sorted(_inputs(list(happenings), config), key=lambda one: one[0])
    inputs = [(ms, what) for ms, what in told if ms <= end_ms]
    polls = 0
    for ms, what in [(0, Boot()), *inputs, (end_ms, Tick())]:
        while (due_ms := badge.next_deadline_ms) is not None and due_ms < ms:
            polls += _polls(badge, Tick(), due_ms) * (due_ms >= begin_ms)
        polls += _polls(badge, what, max(ms, 0)) * (ms >= begin_ms)
    return polls


def _polls(badge: Badge, what: Input, ms: int) -> int:
    return sum(isinstance(effect, PollGps) for effect in badge.receive(what, ms))


def _inputs(happenings: Sequence[Happening], config: BadgeConfig) -> Iterable[tuple[int, Input]]:
    yield from _under_way(happenings)
    for place, (ms, kind, payload) in enumerate(happenings):
        if kind == "shift_start":
            yield ms, Movement(_moves_at(happenings[place:]))
            yield ms, Assign(str(payload["worker_id"]))
        elif kind == "shift_end":
            yield ms, Unassign()
        elif kind == "motion" and payload["new_state"] == "moving":
            yield ms, Movement(True)
        elif kind == "motion":  # it was logged when the movement had ceased for so long
            yield ms - config.stationary_after_s * 1000, Movement(False)


def _under_way(happenings: Sequence[Happening]) -> Iterable[tuple[int, Input]]:
    """Tell of a shift that had begun before anybody looked."""
    for ms, kind, _ in happenings:
        if kind == "shift_start":
            return
        if kind in _POSITIONS:
            yield ms, Movement(_moves_at(happenings))
            yield ms, Assign("somebody")
            return


def _moves_at(happenings: Iterable[Happening]) -> bool:
    """Tell whether the wearer moves at first: motion is told in a shift only, so the next tells."""
    for _, kind, payload in happenings:
        if kind == "motion":
            return payload["previous_state"] == "moving"
        if kind == "shift_end":
            break
    return False


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _sum(samples: Samples, name: str) -> float:
    return sum(_of(one, name) for one in samples)


def _of(sample: Sample, name: str) -> float:
    """Return a column that is a number."""
    value = sample[name]
    assert not isinstance(value, str), (name, value)
    return value
