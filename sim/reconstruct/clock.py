"""Where a badge's clock was set anew: its events as they would be told by one that goes on evenly.

Numbers rise in the order of logging, so a time that goes back tells of a clock that was set; and a
badge in a shift logs each poll of its position, so two numbers in a row cannot lie far apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from badge.config import BadgeConfig
from badge.recording.format import GAP_MS_MAX
from sim.reconstruct.plan import BootPlan
from sim.reconstruct.seen import SeenEvent

SETS_MAX = 100  # of one boot: a clock that is set at every turn explains nothing
_LOOK_AHEAD = 20  # events behind it, which must fit too
_OUT_OF_SHIFT_S = (0, 1, 60)
_POSITIONS = ("gps", "gps_no_fix")


def steadied(part: Sequence[SeenEvent], config: BadgeConfig) -> list[SeenEvent]:
    """Give one boot's events with the seconds of a steady clock.

    Each behind a clock that was set has `clock_set_s`.  Of all seconds that are possible the first
    is taken with which the events around it can be explained.
    """
    found: list[SeenEvent] = []
    in_shift, ahead_s, sets = False, 0, 0
    for place, one in enumerate(part):
        steady = replace(one, second=one.second - ahead_s)
        if found and sets < SETS_MAX and _is_set(found[-1], steady, config, in_shift=in_shift):
            rest = [
                replace(o, second=o.second - ahead_s) for o in part[place : place + _LOOK_AHEAD]
            ]
            by_s = _set_by_s(found, rest, config, in_shift=in_shift)
            ahead_s, sets = ahead_s + by_s, sets + 1
            steady = replace(one, second=one.second - ahead_s, clock_set_s=by_s)
        found.append(steady)
        in_shift = one.kind == "shift_start" or (in_shift and one.kind != "shift_end")
    return found


def _is_set(before: SeenEvent, one: SeenEvent, config: BadgeConfig, *, in_shift: bool) -> bool:
    if one.second < before.second:
        return True
    if one.number != before.number + 1:
        return False  # what lies between is not held
    most_s = _most_s(config) if in_shift else GAP_MS_MAX // 1000
    return one.second - before.second > most_s


def _most_s(config: BadgeConfig) -> int:
    """Give how long a badge in a shift can be without an event."""
    slow_s = max(config.gps_stationary_interval_s, config.gps_interval_s)
    return slow_s + config.gps_timeout_s + config.gps_interval_s


def _set_by_s(
    found: Sequence[SeenEvent], rest: Sequence[SeenEvent], config: BadgeConfig, *, in_shift: bool
) -> int:
    """Find by how much the clock was set before the first of the rest."""
    fewest, best_s = len(rest) + len(found) + 1, 0
    for after_s in dict.fromkeys(_gaps_s(found, rest[0], config, in_shift=in_shift)):
        by_s = rest[0].second - found[-1].second - after_s
        if not by_s:
            continue
        plan = BootPlan([*found, *_moved(rest, by_s)], config)
        plan.solve()
        if len(plan.phases.dropped) < fewest:
            fewest, best_s = len(plan.phases.dropped), by_s
        if not fewest:
            break
    return best_s


def _gaps_s(
    found: Sequence[SeenEvent], one: SeenEvent, config: BadgeConfig, *, in_shift: bool
) -> Iterator[int]:
    """Give how long after the one before it may have come, the likeliest first."""
    before = found[-1]
    if in_shift:
        if len(found) > 1 and {one.kind, before.kind, found[-2].kind} <= {*_POSITIONS}:
            yield before.second - found[-2].second
        yield config.gps_interval_s
        yield from range(_most_s(config) + 1)
        return
    if one.kind == "upload_heartbeat":
        since_s = before.second - found[0].second - config.boot_upload_delay_s
        nth = max(-(-since_s // config.upload_interval_s), 0)
        for step in range(3):
            window_s = config.boot_upload_delay_s + (nth + step) * config.upload_interval_s
            yield found[0].second + window_s - before.second
    yield from _OUT_OF_SHIFT_S


def _moved(rest: Sequence[SeenEvent], by_s: int) -> list[SeenEvent]:
    """Give events as told without that the clock was set by so much before the first of them."""
    found = [replace(one, second=one.second - by_s) for one in rest]
    return [replace(found[0], clock_set_s=found[0].clock_set_s + by_s), *found[1:]]
