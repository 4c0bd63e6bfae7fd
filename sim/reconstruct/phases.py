"""Milliseconds for moments of which only the second is known, and how far they lie apart.

Every rule says that one moment comes at least so long after another; the earliest moments that
keep all rules are found by raising them until nothing changes.  Rules that cannot all be kept
raise each other for ever: such a circle is found by who raised whom last.
"""

from __future__ import annotations

from collections.abc import Sequence

PASSES_MAX = 2000
_LOOK_EVERY = 8  # passes, for a circle


class Phases:
    """Moments in Unix ms; a rule belongs to whoever made it, so that it can be dropped.

    `dropped` has the owners whose rules cannot be kept, `conflicts` all that took part in each.
    """

    def __init__(self) -> None:
        self.low: list[int] = []
        self.high: list[int] = []
        self._rules: list[tuple[int, int, int, int]] = []
        self.dropped: set[int] = set()
        self.conflicts: list[set[int]] = []

    def moment(self, low_ms: int, high_ms: int) -> int:
        """Add a moment between two bounds; give its number."""
        self.low.append(low_ms)
        self.high.append(high_ms)
        return len(self.low) - 1

    def after(self, first: int, then: int, least_ms: int, most_ms: int | None, owner: int) -> None:
        """Rule: `then` is from `least_ms` to `most_ms` after `first`."""
        self._rules.append((first, then, least_ms, owner))
        if most_ms is not None:
            self._rules.append((then, first, -most_ms, owner))

    def solve(self) -> Sequence[int]:
        """Give the earliest moments that keep all rules but those of `dropped`."""
        while True:
            found, conflict = self._raised()
            if conflict is None:
                return found
            self.conflicts.append(conflict)
            self.dropped.add(max(conflict))

    def _raised(self) -> tuple[list[int], set[int] | None]:
        moments, high = list(self.low), self.high
        rules = [rule for rule in self._rules if rule[3] not in self.dropped]
        backwards = rules[::-1]
        raised: dict[int, tuple[int, int]] = {}  # by whom and by whose rule a moment was raised
        for number in range(PASSES_MAX):
            changed = -1
            for first, then, least_ms, owner in backwards if number % 2 else rules:
                wanted = moments[first] + least_ms
                if wanted > moments[then]:
                    moments[then] = wanted
                    raised[then] = (first, owner)
                    changed = then
                    if wanted > high[then]:
                        return moments, _chain(raised, then)
            if changed < 0:
                return moments, None
            if number % _LOOK_EVERY == _LOOK_EVERY - 1 and (circle := _circle(raised, changed)):
                return moments, circle
        return moments, _chain(raised, changed)


def _chain(raised: dict[int, tuple[int, int]], moment: int) -> set[int]:
    """Give the owners of all rules that have raised a moment, one after the other."""
    owners: set[int] = set()
    seen: set[int] = set()
    while moment in raised and moment not in seen:
        seen.add(moment)
        moment, owner = raised[moment]
        owners.add(owner)
    return owners


def _circle(raised: dict[int, tuple[int, int]], moment: int) -> set[int]:
    """Give the owners of a circle of moments that raise each other; none if there is none yet."""
    path: dict[int, int] = {}
    while moment in raised and moment not in path:
        path[moment] = len(path)
        moment = raised[moment][0]
    if moment not in path:
        return set()
    return {raised[one][1] for one, place in path.items() if place >= path[moment]}
